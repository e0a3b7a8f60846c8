"""What a page answers when a part is down or broken, also after it has read somebody's record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from patients.models import Patient
from portal.models import AuditEvent, User

SignIn = Callable[[Patient], Client]


@pytest.mark.parametrize(("broken", "status"), [(OperationalError("gone"), 503), (RuntimeError("a bug"), 500)])
def test_what_breaks_after_a_read_is_answered_and_nothing_is_kept(
    broken: Exception, status: int, alice: Patient, as_user: SignIn, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def fall(*args: object, **kwargs: object) -> None:
        raise broken

    client = as_user(alice)
    client.raise_request_exception = False
    monkeypatch.setattr("patients.views.patients.SettingsForm.of", fall)
    before = AuditEvent.objects.count()
    assert client.get("/my/settings/").status_code == status
    assert AuditEvent.objects.count() == before
    assert "TransactionManagementError" not in caplog.text


@pytest.mark.django_db
def test_a_mail_server_that_is_down_is_a_plain_page_and_makes_no_account(settings: Any) -> None:
    """Nobody listens at the mail server's port: confirming the address can't be mailed, so nothing is kept."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    sent = {"name": "Nia New", "email": "nia@example.org", "password1": "a-long-enough-password"}
    answer = Client().post("/register/", sent)
    assert answer.status_code == 503
    assert not User.objects.filter(email="nia@example.org").exists()
