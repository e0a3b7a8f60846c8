"""The line to the mail server: its certificate is asked for, as Django's own mail does."""

from __future__ import annotations

import smtplib
import ssl
from typing import Any

import pytest
from django.core.mail import EmailMessage

from portal.channels.smtp import enveloped, opened


@pytest.mark.parametrize(("secure", "kind"), [("EMAIL_USE_TLS", "SMTP"), ("EMAIL_USE_SSL", "SMTP_SSL")])
def test_a_mail_server_has_to_show_its_certificate(
    secure: str, kind: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts: list[ssl.SSLContext] = []

    class Server:
        def __init__(self, *address: object, context: ssl.SSLContext | None = None, **more: object) -> None:
            contexts.extend([context] if context else [])

        def starttls(self, *, context: ssl.SSLContext) -> None:
            contexts.append(context)

        def ehlo_or_helo_if_needed(self) -> None: ...

    monkeypatch.setattr(smtplib, kind, Server)
    settings.EMAIL_CONFIG = {"EMAIL_HOST": "mail.example.org", "EMAIL_PORT": 587, secure: True}
    opened()
    [context] = contexts
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_a_mail_as_it_goes_over_the_line() -> None:
    mail = EmailMessage("Reminder", "one\n.two\n", "Klinik für alle <no-reply@clinic.example>", ["rea@bücher.example"])
    sender, to, data, body = enveloped(mail).words
    assert (sender, data) == (b"MAIL FROM:<no-reply@clinic.example>\r\n", b"DATA\r\n")
    assert to == b"RCPT TO:<rea@xn--bcher-kva.example>\r\n"
    assert body.endswith(b"\r\none\r\n..two\r\n.\r\n"), "a line that begins with a dot is not the end"
