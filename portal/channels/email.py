"""E-mail: over SMTP, kept open; and whether a mail went, by the log of the mail server or whoever keeps one."""

from __future__ import annotations

import logging
import re
from email.mime.text import MIMEText
from email.utils import formatdate
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.module_loading import import_string

from portal.channels import CutOff
from portal.channels.facts import facts_of
from portal.channels.smtp import Line as Smtp
from portal.channels.smtp import as_body
from portal.models.deliveries import Delivery

log = logging.getLogger(__name__)
LOOK_UP_SECONDS = 5
# How a file for a calendar says what it is for.
METHOD = re.compile(rb"^METHOD:(\w+)", re.MULTILINE)


class EmailLine:
    """Opened when the first mail is offered; opened anew when it broke, or a mail was offered and did not go."""

    def __init__(self) -> None:
        self.smtp: Smtp | None = None
        self.body = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self.body or kind is not None:
            self._drop()
        elif self.smtp is not None:
            self.smtp.__exit__(None, None, None)
        self.smtp = None

    def offer(self, delivery: Delivery) -> None:
        if self.body:
            self._drop()
        mail = write_mail(delivery)
        body = as_body(mail)
        is_kept = self.smtp is not None
        try:
            self._speak(mail)
        except OSError:
            self._drop()
            if not is_kept:
                raise
            # The server ended a line that was kept from an earlier mail: that says nothing of this one.
            self._speak(mail)
        self.body = body

    def finish(self, delivery: Delivery) -> str:
        assert self.smtp is not None
        body, self.body = self.body, b""
        try:
            self.smtp.finish(body)
        except CutOff:
            self._drop()
            raise
        return ""

    def _speak(self, mail: EmailMessage) -> None:
        if self.smtp is None:
            self.smtp = Smtp()
            self.smtp.__enter__()
        self.smtp.offer(mail)

    def _drop(self) -> None:
        smtp, self.smtp, self.body = self.smtp, None, b""
        # Where it was never opened there is nothing to close.
        if smtp is not None and hasattr(smtp, "server"):
            smtp.drop()


def write_mail(delivery: Delivery) -> EmailMessage:
    """The mail of this purpose: first line the subject, the rest the text. No clinical word in it."""
    with translation.override(settings.LANGUAGE_CODE):
        words = facts_of(delivery)
        text = render_to_string(f"portal/mail/{delivery.purpose}.txt", words)
    subject, _blank, body = text.strip().partition("\n")
    headers = {"Message-ID": delivery.message_id, "Date": formatdate(localtime=True)}
    if "stop" in words:
        # RFC 8058: the reader's own program offers to stop them, with one press.
        headers["List-Unsubscribe"] = f"<{words['stop']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMessage(subject.strip(), body.strip() + "\n", to=[delivery.to], headers=headers)
    add_invitation(mail, delivery)
    return mail


def add_invitation(mail: EmailMessage, delivery: Delivery) -> None:
    """What a calendar takes, where the message is about a time that was agreed."""
    if not settings.INVITATION_FILE:
        return
    file: bytes | None = import_string(settings.INVITATION_FILE)(delivery)
    if file:
        part = MIMEText(file.decode(), "calendar", "utf-8")
        if method := METHOD.search(file):
            part.set_param("method", method[1].decode())
        part.add_header("Content-Disposition", "attachment", filename="appointment.ics")
        mail.attach(part)


def look_up(delivery: Delivery) -> bool | None:
    """Whether the mail server has taken a mail of this Message-ID; None where nobody can tell."""
    where = settings.MAIL_LOOKUP
    if not where:
        return None
    bare = delivery.message_id.strip("<>")
    name = "{message_id}"
    return _ask(where.replace(name, quote(bare))) if name in where else _read(Path(where), bare)


def _ask(address: str) -> bool | None:
    try:
        with urlopen(address, timeout=LOOK_UP_SECONDS) as answer:  # noqa: S310  the operator's own setting
            return True if answer.status == 200 else None
    except HTTPError as no:
        return False if no.code == 404 else None
    except OSError as broken:
        log.warning("the look-up of mails does not answer: %s", type(broken).__name__)
        return None


def _read(path: Path, bare: str) -> bool | None:
    """Postfix writes `message-id=<…>` of every mail that it takes."""
    try:
        with path.open(encoding="utf-8", errors="replace") as log_file:
            return any(f"message-id=<{bare}>" in line for line in log_file)
    except OSError as broken:
        log.warning("the log of mails can't be read: %s", type(broken).__name__)
        return None
