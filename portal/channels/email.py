"""E-mail: over SMTP, several at once; and whether a mail went, by the log of the mail server or whoever keeps one."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from email.mime.text import MIMEText
from email.utils import formatdate
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.module_loading import import_string

from portal.channels import each, smtp
from portal.channels.facts import facts_of
from portal.channels.smtp import Connection, Envelope, enveloped
from portal.models.deliveries import Delivery

log = logging.getLogger(__name__)
LOOK_UP_SECONDS = 5
# How a file for a calendar says what it is for.
METHOD = re.compile(rb"^METHOD:(\w+)", re.MULTILINE)


class EmailLine:
    """As many connections as there are mails for, and the settings allow; each opened anew when it broke, or a mail was
    offered over it and did not go.
    """

    def __init__(self) -> None:
        self.connections: list[Connection] = []
        self.busy: dict[UUID, Connection] = {}
        self.most: int = settings.MAIL_LINES

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for connection in self.connections:
            connection.close() if kind is None else connection.drop()

    def room(self, wanted: int) -> int:
        """A server that allows fewer at once than we would like is taken at its word for the rest of the sweep."""
        for connection in self.connections:
            if connection.mail:
                connection.drop()
        self.connections = [connection for connection in self.connections if connection.is_open]
        while len(self.connections) < min(wanted, self.most):
            try:
                self.connections.append(Connection())
            except OSError:
                if not self.connections:
                    raise
                self.most = len(self.connections)
        return min(wanted, len(self.connections))

    def offer(self, deliveries: Sequence[Delivery]) -> list[Exception | None]:
        mails = each(lambda delivery: enveloped(write_mail(delivery)), deliveries)
        self.busy = {}
        for delivery, mail, connection in zip(deliveries, mails, self.connections, strict=False):
            if isinstance(mail, Envelope):
                connection.take(mail)
                self.busy[delivery.pk] = connection
        smtp.offer(self.busy.values())
        ended = [one for one in self.busy.values() if one.is_kept and isinstance(one.trouble, OSError)]
        for connection in ended:
            connection.take_anew()
        smtp.offer(ended)
        return [
            mail if isinstance(mail, Exception) else self.busy[delivery.pk].trouble
            for delivery, mail in zip(deliveries, mails, strict=True)
        ]

    def finish(self, deliveries: Sequence[Delivery]) -> list[str | Exception]:
        going = [self.busy[delivery.pk] for delivery in deliveries]
        smtp.finish(going)
        return [connection.trouble or "" for connection in going]


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
