"""What a page answers when a part is down or broken, also after it has read somebody's record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from patients.models import Patient
from portal.models import AuditEvent

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
