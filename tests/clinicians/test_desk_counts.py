"""The list of work stays what the record says, and its counts exact, whoever writes at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from clinicians.actions import cases
from clinicians.models import WorkItem, work
from patients.actions import prescriptions
from patients.models import Case, FollowUp, Message, Patient, Prescription, Result
from portal.access import Role
from portal.acting import acting_as
from portal.models import Department, User
from tests import make
from tests.bench import storm

ROUNDS, SECONDS = 3, 1.5
URGENT_FIRST = ("safety", "triage", "reply", "messages", "results", "follow-ups")


def needed(case: Case) -> dict[str, bool]:
    """Each lane the case is in, and whether it sleeps there. Written from the words of the issue, not from the SQL."""
    said = set(Message.objects.filter(case=case).values_list("voice", flat=True))
    stops = Prescription.objects.filter(patient=case.patient_id, has_hard_stop=True, status="active")
    followups = FollowUp.objects.filter(case=case).exclude(status="closed")
    today = timezone.localdate()
    found = {
        "safety": (stops.filter(case=case) if case.status == "closed" else stops).exists(),
        "triage": case.status == "new",
        "reply": case.status == "waiting" and "clinic" not in said,
        "messages": case.status == "waiting" and "clinic" in said,
        "results": Result.objects.filter(case=case, status="preliminary").exists(),
        "follow-ups": followups.exists(),
        "waiting": case.status == "answered",
    }
    sleeps = not any(one.status == "change_asked" or one.latest_on < today for one in followups)
    lanes = {lane: lane == "follow-ups" and sleeps for lane, holds in found.items() if holds}
    if busy := [lanes[lane] for lane in URGENT_FIRST if lane in lanes]:
        lanes["next"] = all(busy)
    return lanes


def record() -> dict[tuple[str, str], tuple[object, object, bool]]:
    return {
        (case.ref, lane): (case.owner_id, case.department_id, sleeps)
        for case in Case.objects.all()
        for lane, sleeps in needed(case).items()
    }


def listed() -> dict[tuple[str, str], tuple[object, object, bool]]:
    return {
        (f"F-{item.number}", item.lane): (item.owner_id, item.department_id, item.is_asleep)
        for item in WorkItem.objects.all()
    }


@pytest.fixture
def staff(neurology: Department, nadia: User, tessa: User, cora: User) -> list[User]:
    return [nadia, make.make_user("Otto Oak", role=Role.CLINICIAN, department=neurology)]


@pytest.fixture
def busy(neurology: Department, cardiology: Department, nadia: User) -> list[Case]:
    """Two cases each of six people; one of them works here, and one writes to another department too."""
    people: list[Patient] = [make.make_patient(f"Person{number} Stone") for number in range(5)]
    people.append(make.make_patient("Nadia North", user=nadia))
    made = [make.make_case(person, neurology) for person in people for _second in range(2)]
    return [*made, make.make_case(people[0], cardiology)]


@pytest.mark.django_db(transaction=True)
def test_counts_are_exact_whoever_writes(staff: list[User], busy: list[Case], tessa: User, cora: User) -> None:
    for number in range(ROUNDS):
        assert storm.blow([case.pk for case in busy], staff, SECONDS, number) > 0
        assert listed() == record()
        for by in (*staff, tessa, cora):
            assert storm.counts(by) == storm.lists(by), by.name
    work.rebuild()
    assert listed() == record()
    assert all(storm.counts(by) == storm.lists(by) for by in (*staff, tessa, cora))


@pytest.mark.django_db(transaction=True)
def test_a_stop_stands_on_a_case_that_is_opened_in_that_moment(nadia: User, triaged: Case) -> None:
    other = make.make_case(triaged.patient, triaged.department)
    with acting_as(nadia):
        cases.close(triaged, by=nadia)
    user, is_told = triaged.patient.user, Event()
    assert user

    def write_again() -> None:
        try:
            make.make_message(Case.objects.get(pk=triaged.pk))
        finally:
            is_told.set()
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with acting_as(user):
            prescriptions.report(other, by=user, medicine="pramipexole", dose=Decimal(50), dose_unit="mg")
            writing = pool.submit(write_again)
            # It waits for what this has not committed yet; were it to go on, it would not see the stop.
            is_told.wait(0.5)
        writing.result()
    assert listed() == record()
    assert (triaged.ref, "safety") in listed()


@pytest.mark.django_db
def test_a_day_that_passes_is_seen_before_it_was_tended_to(triaged: Case, nadia: User, time_machine: Any) -> None:
    followup = make.make_followup(triaged, by=nadia)
    make.make_reply(triaged, by=nadia)
    assert (storm.counts(nadia)["follow-ups"], storm.counts(nadia)["mine"]) == (0, 0)
    days = (followup.latest_on - timezone.localdate()).days + 1
    time_machine.move_to(timezone.now() + timedelta(days=days))
    assert storm.counts(nadia) == storm.lists(nadia)
    assert (storm.counts(nadia)["follow-ups"], storm.counts(nadia)["mine"], storm.counts(nadia)["waiting"]) == (1, 1, 1)


@pytest.mark.django_db
def test_a_row_shows_whom_the_record_shows(triaged: Case, nadia: User) -> None:
    """What is kept twice is the same."""
    Patient.objects.filter(pk=triaged.patient_id).update(name="Alice Alder", sex="other", born_on="1990-05-06")
    case = Case.objects.select_related("patient").get(pk=triaged.pk)
    for item in WorkItem.objects.filter(case=case):
        assert (item.number, item.status, item.urgency) == (case.number, case.status, case.urgency)
        assert (item.name, item.sex, item.born_on) == (case.patient.name, case.patient.sex, case.patient.born_on)
