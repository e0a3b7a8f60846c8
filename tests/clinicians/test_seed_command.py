"""When the sample clinic is made, and when not."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from time import process_time
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from clinicians.seeding import clinic, people
from clinicians.seeding.library import Library
from patients.models import Case
from portal.models import AuditEvent, Department, User


@pytest.mark.django_db
def test_it_can_be_made_on_new_years_night() -> None:
    clinic.fill(datetime(2028, 1, 1, 0, 3, tzinfo=UTC), "UTC")
    assert Case.objects.count() >= 18


def run(*words: str) -> str:
    said = StringIO()
    call_command("seed", *words, stdout=said)
    return said.getvalue()


@pytest.mark.django_db
class TestTheCommand:
    def test_a_real_clinic_is_not_seeded(self, settings: Any) -> None:
        settings.DEMO = False
        with pytest.raises(CommandError, match="FASCICLE_DEMO=1"):
            run()
        assert "no sample data" in run("--if-empty")
        assert run("--sign-ins") == ""
        assert not Department.objects.exists()

    def test_it_is_made_once_and_in_time(self, settings: Any) -> None:
        settings.DEMO = True
        begun = process_time()
        assert "ready" in run("--if-empty")
        assert process_time() - begun < 15
        rows = AuditEvent.objects.count()
        assert "nothing to do" in run("--if-empty")
        assert AuditEvent.objects.count() == rows

    def test_killed_half_way_nothing_is_there(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.DEMO = True

        def killed(_library: Library) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(Library, "tell", killed)
            with pytest.raises(KeyboardInterrupt):
                run("--if-empty")
        assert not Department.objects.exists()
        assert not User.objects.exists()

    def test_sign_ins_are_named(self, settings: Any) -> None:
        settings.DEMO = True
        said = run("--sign-ins")
        assert people.PASSWORD in said
        assert all(email in said for _label, email in people.sign_ins())
