"""A list costs the same number of queries with 25 rows as with one."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from patients.models import CaseQuestion, FollowUp, Observation, Prescription
from patients.models.prescriptions import Origin
from patients.rules.followup_dates import Period, Unit
from portal.models import User
from tests import make
from tests.patients.conftest import Record

pytestmark = pytest.mark.django_db


def queries(browser: Client, path: str) -> int:
    browser.get(path)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert browser.get(path).status_code == 200
    return len(seen)


def grow(record: Record, nadia: User) -> None:
    """24 more of everything on one case, by the verbs where they are quick."""
    case = record.case
    user = case.patient.user
    assert user
    for number in range(24):
        make.make_message(case, f"Message {number}")
        day = date(2025, 1, 1) + timedelta(days=number)
        make.make_released(make.make_result(case, by=nadia, performed_on=day), by=nadia)
        make.make_followup(case, by=nadia, period=Period(number + 10, Unit.WEEKS))
        make.make_consent(case, by=nadia, title=f"Can it be harmless? {number}")
        Prescription.write(
            case,
            origin=Origin.REPORTED,
            by=user,
            findings=[],
            medicine=f"Medicine {number}",
            dose=Decimal(1),
            dose_unit="mg",
        )
        CaseQuestion.objects.create(patient=case.patient, case=case, position=number + 10, text="?")


def test_one_row_and_twenty_five_cost_the_same(browser: Client, record: Record, nadia: User) -> None:
    make.make_message(record.case)
    make.make_released(make.make_result(record.case, by=nadia, performed_on=date(2024, 1, 1)), by=nadia)
    paths = [
        "/my/",
        record.pages[0],
        record.pages[2],
        "/my/messages/",
        "/my/results/",
        "/my/medicines/",
        "/my/follow-ups/",
        record.pages[3],
        "/my/consents/",
        "/my/access-log/?mine=1",
    ]
    few = {path: queries(browser, path) for path in paths}
    grow(record, nadia)
    many = {path: queries(browser, path) for path in paths}
    assert FollowUp.objects.count() == 25
    assert Observation.objects.count() == 26
    assert many == few
    assert max(many.values()) < 45


def test_a_list_is_cut_at_twenty_five_and_goes_on(browser: Client, record: Record) -> None:
    for number in range(30):
        make.make_message(record.case, f"Message no. {number}.")
    first = browser.get("/my/messages/")
    assert first.content.decode().count("Message no.") == 25
    older = first.context["pager"].older
    second = browser.get(f"/my/messages/{older}").content.decode()
    assert second.count("Message no.") == 5
    thread = browser.get(record.pages[0])
    assert thread.content.decode().count("Message no.") == 25
    assert "Message no. 29." in thread.content.decode()
