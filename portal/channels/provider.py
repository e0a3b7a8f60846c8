"""E-mail through a provider's API, of which django-anymail knows many: the same mails as over SMTP."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import requests
from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from anymail.message import AnymailMessage
from django.conf import settings
from django.core.mail import get_connection

from portal.channels import CutOff, OneByOne, SaidNo, dialling
from portal.channels.email import write_mail
from portal.models.deliveries import Delivery

NOT_REACHED = (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError)


class ProviderLine(OneByOne):
    """A session with the provider, kept for several mails."""

    def __init__(self) -> None:
        self.backend: Any = None
        self.mail: AnymailMessage | None = None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self.backend is not None:
            self.backend.close()
        self.backend = None

    def offer_one(self, delivery: Delivery) -> None:
        from_us = written(delivery)
        if self.backend is None:
            self.backend = get_connection(f"anymail.backends.{settings.MAIL_PROVIDER}.EmailBackend")
            self.backend.open()
        self.mail = from_us

    def finish_one(self, delivery: Delivery) -> str:
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
    mail = write_mail(delivery)
    # Its date is the provider's own.
    headers = {name: value for name, value in mail.extra_headers.items() if name != "Date"}
    about = {"headers": headers, "attachments": mail.attachments}
    message = AnymailMessage(mail.subject, mail.body, mail.from_email, mail.to, **about)
    # By this its reports are known, also when its own name for it was lost on the way.
    message.metadata = {"delivery": str(delivery.pk)}
    return message


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
