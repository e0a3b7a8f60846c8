"""One mail over SMTP in two steps, so that everything which can fail safely fails before the body.

`offer` speaks as far as DATA's 354: until then the server has nothing, and a failure loses nothing.
`finish` sends the body: what happens from there on may have been sent.
"""

from __future__ import annotations

import smtplib
from contextlib import suppress
from email.utils import parseaddr
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.core.mail import EmailMessage

from portal.channels import CutOff, SaidNo
from portal.outbound import trusted


class Line:
    """A connection to the mail server of the settings, kept for several mails."""

    def __enter__(self) -> Self:
        address = settings.EMAIL_CONFIG["EMAIL_HOST"], settings.EMAIL_CONFIG["EMAIL_PORT"] or 25
        self.server: smtplib.SMTP
        if settings.EMAIL_CONFIG.get("EMAIL_USE_SSL"):
            self.server = smtplib.SMTP_SSL(*address, timeout=settings.EMAIL_TIMEOUT, context=trusted())
        else:
            self.server = smtplib.SMTP(*address, timeout=settings.EMAIL_TIMEOUT)
        if settings.EMAIL_CONFIG.get("EMAIL_USE_TLS"):
            self.server.starttls(context=trusted())
        if settings.EMAIL_CONFIG.get("EMAIL_HOST_USER"):
            self.server.login(settings.EMAIL_CONFIG["EMAIL_HOST_USER"], settings.EMAIL_CONFIG["EMAIL_HOST_PASSWORD"])
        self.server.ehlo_or_helo_if_needed()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        with suppress(smtplib.SMTPException, OSError):
            self.server.quit()

    def offer(self, mail: EmailMessage) -> None:
        """Raises SaidNo, OSError or SMTPException; nothing was sent then."""
        self._ask(lambda: self.server.mail(parseaddr(mail.from_email)[1]), 250)
        self._ask(lambda: self.server.rcpt(mail.to[0]), 250, 251)
        self._ask(lambda: self.server.docmd("DATA"), 354)

    def finish(self, body: bytes) -> None:
        """Raises SaidNo when refused, CutOff when nobody can tell. `body`: what `as_body` made of the mail."""
        try:
            self.server.send(body)
            code, text = self.server.getreply()
        except (OSError, smtplib.SMTPException) as broken:
            raise CutOff(type(broken).__name__, is_late=isinstance(broken, TimeoutError)) from broken
        if code != 250:
            raise SaidNo(code, text)

    def drop(self) -> None:
        """Without goodbye: in the middle of a mail even that would be taken for text of it."""
        self.server.close()

    def _ask(self, ask: object, *wanted: int) -> None:
        code, text = ask()  # type: ignore[operator]
        if code not in wanted:
            with suppress(smtplib.SMTPException, OSError):
                self.server.rset()
            raise SaidNo(code, text)


def as_body(mail: EmailMessage) -> bytes:
    """As it goes over the line, to the dot that ends it. Made beforehand: nothing is left to do once it is armed."""
    message: Any = mail.message()
    body = smtplib._quote_periods(message.as_bytes(linesep="\r\n"))  # type: ignore[attr-defined]
    return bytes(body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n")
