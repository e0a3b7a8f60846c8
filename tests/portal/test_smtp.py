"""The line to the mail server: its certificate is asked for, as Django's own mail does."""

from __future__ import annotations

import smtplib
import ssl
from typing import Any

import pytest

from portal.channels.smtp import Line


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

        def quit(self) -> None: ...

    monkeypatch.setattr(smtplib, kind, Server)
    settings.EMAIL_CONFIG = {"EMAIL_HOST": "mail.example.org", "EMAIL_PORT": 587, secure: True}
    with Line():
        pass
    [context] = contexts
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
