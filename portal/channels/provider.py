"""E-mail through a provider's API, of which django-anymail knows many: the same mails as over SMTP."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

import requests
from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from anymail.message import AnymailMessage
from django.conf import settings
from django.core.mail import get_connection

from portal.channels import CutOff, SaidNo, dialling
from portal.channels.email import write_mail
from portal.models.deliveries import Delivery

# Said by us, or by the provider in its own way.
OURS = {"subject", "from", "to", "content-type", "content-transfer-encoding", "mime-version", "date"}
NOT_REACHED = (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError)


class ProviderLine:
    """A session with the provider, kept for several mails."""

    def __init__(self) -> None:
        self.backend: Any = None
        self.mail: AnymailMessage | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self.backend is not None:
            self.backend.close()
        self.backend = None

    def offer(self, delivery: Delivery) -> None:
        from_us = written(delivery)
        if self.backend is None:
            self.backend = get_connection(f"anymail.backends.{settings.MAIL_PROVIDER}.EmailBackend")
            self.backend.open()
        self.mail = from_us

    def finish(self, delivery: Delivery) -> str:
        mail, self.mail = self.mail, None
        assert mail is not None
        try:
            self.backend.send_messages([mail])
        except AnymailRecipientsRefused as refused:
            raise SaidNo(550, "the address was refused", for_good=True) from refused
        except AnymailError as wrong:
            raise meaning(wrong) from wrong
        return str(mail.anymail_status.message_id or "")


def written(delivery: Delivery) -> AnymailMessage:
    """As over SMTP, in the words that a provider's API has for it."""
    return as_message(write_mail(delivery), delivery)


def as_message(mail: EmailMessage, delivery: Delivery) -> AnymailMessage:
    text = mail.get_body(("plain",))
    assert text is not None
    message = AnymailMessage(
        subject=mail["Subject"],
        body=text.get_content(),
        from_email=str(mail["From"]),
        to=[str(mail["To"])],
        headers={name: str(value) for name, value in mail.items() if name.lower() not in OURS},
        attachments=list(attachments_of(mail)),
    )
    # By this its reports are known, also when its own name for it was lost on the way.
    message.metadata = {"delivery": str(delivery.pk)}
    return message


def attachments_of(mail: EmailMessage) -> Iterator[tuple[str, Any, str]]:
    for part in mail.iter_attachments():
        yield part.get_filename() or "file", part.get_content(), part.get_content_type()


def meaning(wrong: AnymailError) -> Exception:
    """SaidNo where it surely did not go, CutOff where nobody can tell."""
    if isinstance(wrong.__cause__, NOT_REACHED):
        return SaidNo(0, type(wrong.__cause__).__name__, for_good=False)
    if isinstance(wrong.__cause__, requests.RequestException) and wrong.status_code is None:
        return CutOff(type(wrong.__cause__).__name__, is_late=True)
    if wrong.status_code is None:
        # Made on our side, of a mail that can't be put into its API's words.
        return SaidNo(0, type(wrong).__name__, for_good=True)
    try:
        dialling.judge(wrong.status_code, str(wrong.status_code))
    except (SaidNo, CutOff) as meant:
        return meant
    return CutOff("an answer that can't be read", is_late=True)
