"""A browser of Alice's, and a record of hers in which every text carries a mark that Bob must never see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from patients.actions import attachments
from patients.models import Attachment, Case, Consent, FollowUp, Patient, Prescription, Result
from portal.acting import acting_as
from portal.models import Department, Notification, User
from tests import files, make

CANARY = "xyzzy"


@dataclass
class Record:
    """One of everything, of Alice."""

    case: Case
    result: Result
    followup: FollowUp
    consent: Consent
    file: Attachment
    medicine: Prescription

    @property
    def notification(self) -> Notification:
        user = self.case.patient.user
        assert user
        return Notification.objects.filter(user=user).order_by("id")[0]

    @property
    def pages(self) -> list[str]:
        return [
            f"/my/cases/{self.case.ref}/",
            f"/ask/sent/{self.case.ref}/",
            f"/my/results/{self.result.pk}/",
            f"/my/follow-ups/{self.followup.pk}/",
            f"/my/consents/{self.consent.pk}/",
            f"/my/files/{self.file.pk}/",
        ]

    @property
    def deeds(self) -> list[str]:
        """Addresses that change something."""
        return [
            f"/my/cases/{self.case.ref}/say",
            f"/my/follow-ups/{self.followup.pk}/confirm/",
            f"/my/follow-ups/{self.followup.pk}/change/",
            f"/my/consents/{self.consent.pk}/answer/",
            f"/my/consents/{self.consent.pk}/withdraw/",
            f"/my/notifications/{self.notification.pk}/open",
        ]


LISTS = [
    "/my/",
    "/my/messages/",
    "/my/results/",
    "/my/medicines/",
    "/my/follow-ups/",
    "/my/consents/",
    "/my/access-log/",
    "/my/access-log/?mine=1",
    "/my/diary/",
    "/my/settings/",
    "/ask/",
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    """Where files go in this test."""
    kept = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    with override_settings(STORAGES={**settings.STORAGES, "default": kept}):
        yield tmp_path


@pytest.fixture
def record(alice: Patient, neurology: Department, nadia: User, store: Path) -> Record:
    wrong = {"medicine": "pramipexole", "dose": Decimal(50), "dose_unit": "mg", "times_a_day": Decimal(1)}
    case = make.make_case(
        alice,
        neurology,
        title=f"Title {CANARY}",
        story=f"Story {CANARY}",
        questions=[f"Question {CANARY}?"],
        medicines=[{"medicine": f"Madeup{CANARY}"}, wrong],
    )
    case = make.make_triaged(case, by=nadia, owner=nadia)
    make.make_diary(case, note=f"Day {CANARY}")
    make.make_reply(case, by=nadia, body=f"Reply {CANARY}", safety_net=f"Net {CANARY}")
    case.refresh_from_db()
    result = make.make_result(case, by=nadia, title=f"Panel {CANARY}")
    return Record(
        case=case,
        result=make.make_released(result, by=nadia, comment=f"Comment {CANARY}"),
        followup=make.make_followup(case, by=nadia, reason=f"Reason {CANARY}"),
        consent=make.make_consent(case, by=nadia, title=f"Public {CANARY}"),
        file=attached(case),
        medicine=case.prescriptions.get(medicine="pramipexole"),
    )


def attached(case: Case) -> Attachment:
    user = case.patient.user
    assert user
    upload = SimpleUploadedFile(f"{CANARY}.pdf", files.pdf(CANARY))
    with acting_as(user):
        return attachments.attach(case, by=user, upload=upload)


@pytest.fixture
def browser(as_user: Callable[[Patient], Client], alice: Patient) -> Client:
    return as_user(alice)
