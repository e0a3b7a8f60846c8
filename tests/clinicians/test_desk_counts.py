"""The list of work stays what the record says, and its counts exact, whoever writes at the same time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from clinicians.actions import cases as desk_cases
from clinicians.actions import followups as desk_followups
from clinicians.actions import prescriptions as desk_prescriptions
from clinicians.actions import results as desk_results
from clinicians.models import WorkItem, work
from clinicians.models.queue import Desk, Queue, merged
from patients.actions import prescriptions
from patients.models import Case, FollowUp, Message, Patient, Prescription, Result
from patients.models.cases import Urgency
from patients.models.followups import Evidence
from portal.access import SYSTEM, Refusal, Role
from portal.acting import acting_as
from portal.models import Department, User
from tests import make

ORDER = ("risk", "due_at", "case_id")
WRITERS, ROUNDS, SECONDS = 4, 3, 1.5
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


def lists(by: User) -> dict[str, int]:
    """How long each list is, walked to its end; and that nothing stands in it twice."""
    lengths = {}
    with acting_as(by):
        desk = Desk.of(by)
        for queue in Queue:
            rows = list(merged(desk.streams(queue), desk.items, timezone.now(), ORDER, 10_000))
            assert len({row.case_id for row in rows}) == len(rows)
            lengths[queue.value] = len(rows)
    return lengths


def counts(by: User) -> dict[str, int]:
    with acting_as(by):
        return Desk.of(by).counts(timezone.now())


class Storm:
    """Somebody who does one thing after the other to any case, as fast as they can."""

    def __init__(self, number: int, staff: list[User]) -> None:
        self.pick, self.staff = random.Random(number), staff

    def blow(self, ends: float) -> int:
        done = 0
        try:
            while time.monotonic() < ends:
                case = self.pick.choice(list(Case.objects.select_related("department", "patient__user")))
                by = self.pick.choice(self.staff)
                try:
                    self.pick.choice(DEEDS)(case, by, self.pick)
                    done += 1
                except (Refusal, IntegrityError):
                    pass  # not in this state, or somebody was first
        finally:
            connection.close()
        return done


def on_any(rows: Any, pick: random.Random, do: Callable[[Any], object], by: User) -> None:
    if found := list(rows):
        with acting_as(by):
            do(pick.choice(found))


def triage(case: Case, by: User, pick: random.Random) -> None:
    make.make_triaged(case, by=by, urgency=pick.choice(list(Urgency)), owner=pick.choice([by, None]))


def assign(case: Case, by: User, pick: random.Random) -> None:
    with acting_as(by):
        desk_cases.assign(case, by=by, owner=pick.choice([by, None]))


def close(case: Case, by: User, _pick: random.Random) -> None:
    with acting_as(by):
        desk_cases.close(case, by=by)


def report(case: Case, _by: User, pick: random.Random) -> None:
    assert case.patient.user
    with acting_as(case.patient.user):
        dose = Decimal(pick.choice([40, 50, 60]))
        prescriptions.report(case, by=case.patient.user, medicine="pramipexole", dose=dose, dose_unit="mg")


def stop(case: Case, by: User, pick: random.Random) -> None:
    rows = Prescription.objects.filter(patient=case.patient, status="active")
    on_any(rows, pick, lambda row: desk_prescriptions.stop(row, by=by, reason="No"), by)


def release(case: Case, by: User, pick: random.Random) -> None:
    rows = Result.objects.filter(case=case, status="preliminary")
    on_any(rows, pick, lambda row: desk_results.release(row, by=by, comment="Fine."), by)


def keep(case: Case, by: User, pick: random.Random) -> None:
    rows = FollowUp.objects.filter(case=case).open()
    on_any(rows, pick, lambda row: desk_followups.close(row, by=by, evidence=Evidence.ATTENDED), by)


DEEDS: list[Callable[[Case, User, random.Random], object]] = [
    triage, assign, close, report, stop, release, keep,
    lambda case, by, _pick: make.make_reply(case, by=by),
    lambda case, _by, _pick: make.make_message(case),
    lambda case, by, _pick: make.make_result(case, by=by),
    lambda case, by, _pick: make.make_followup(case, by=by),
]  # fmt: skip


def tend(ends: float) -> int:
    try:
        while time.monotonic() < ends:
            with acting_as(SYSTEM):
                work.tend()
            time.sleep(0.05)
    finally:
        connection.close()
    return 0


@pytest.fixture
def staff(neurology: Department, nadia: User, tessa: User, cora: User) -> list[User]:
    return [nadia, make.make_user("Otto Oak", role=Role.CLINICIAN, department=neurology)]


@pytest.fixture
def busy(neurology: Department, cardiology: Department, nadia: User) -> Iterator[list[Case]]:
    """Two cases each of six people; one of them works here, and one writes to another department too."""
    people: list[Patient] = [make.make_patient(f"Person{number} Stone") for number in range(5)]
    people.append(make.make_patient("Nadia North", user=nadia))
    made = [make.make_case(person, neurology) for person in people for _second in range(2)]
    yield [*made, make.make_case(people[0], cardiology)]


@pytest.mark.django_db(transaction=True)
def test_counts_are_exact_whoever_writes(staff: list[User], busy: list[Case], tessa: User, cora: User) -> None:
    for number in range(ROUNDS):
        ends = time.monotonic() + SECONDS
        with ThreadPoolExecutor(WRITERS + 1) as pool:
            tending = pool.submit(tend, ends)
            done = sum(pool.map(lambda n: Storm(10 * number + n, staff).blow(ends), range(WRITERS)))  # noqa: B023
            tending.result()
        assert done > 0
        assert listed() == record()
        for by in (*staff, tessa, cora):
            assert counts(by) == lists(by), by.name
    work.rebuild()
    assert listed() == record()
    assert all(counts(by) == lists(by) for by in (*staff, tessa, cora))


@pytest.mark.django_db
def test_a_day_that_passes_is_seen_before_it_was_tended_to(triaged: Case, nadia: User, time_machine: Any) -> None:
    followup = make.make_followup(triaged, by=nadia)
    make.make_reply(triaged, by=nadia)
    assert (counts(nadia)["follow-ups"], counts(nadia)["mine"]) == (0, 0)
    days = (followup.latest_on - timezone.localdate()).days + 1
    time_machine.move_to(timezone.now() + timedelta(days=days))
    assert counts(nadia) == lists(nadia)
    assert (counts(nadia)["follow-ups"], counts(nadia)["mine"], counts(nadia)["waiting"]) == (1, 1, 1)


@pytest.mark.django_db
def test_a_row_shows_whom_the_record_shows(triaged: Case, nadia: User) -> None:
    """What is kept twice is the same."""
    Patient.objects.filter(pk=triaged.patient_id).update(name="Alice Alder", sex="other", born_on="1990-05-06")
    case = Case.objects.select_related("patient").get(pk=triaged.pk)
    for item in WorkItem.objects.filter(case=case):
        assert (item.number, item.status, item.urgency) == (case.number, case.status, case.urgency)
        assert (item.name, item.sex, item.born_on) == (case.patient.name, case.patient.sex, case.patient.born_on)
