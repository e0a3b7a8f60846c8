"""People who write at the same time: what the work list must count exactly through."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection
from django.utils import timezone

from clinicians.actions import cases as desk_cases
from clinicians.actions import followups as desk_followups
from clinicians.actions import prescriptions as desk_prescriptions
from clinicians.actions import results as desk_results
from clinicians.models import work
from clinicians.models.queue import Desk, Queue, merged
from patients.actions import prescriptions
from patients.models import Case, FollowUp, Prescription, Result
from patients.models.cases import Urgency
from patients.models.followups import Evidence
from portal.access import SYSTEM, Refusal
from portal.acting import acting_as
from portal.models import User
from tests import make

ORDER = ("risk", "due_at", "case_id")
WRITERS = 4
ENOUGH = 1_000_000


def blow(cases: Sequence[UUID], staff: Sequence[User], seconds: float, seed: int) -> int:
    """Four writers and the clock, for so long; how much they did."""
    ends = time.monotonic() + seconds
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        tending = pool.submit(tend, ends)
        writers = [pool.submit(write, cases, staff, ends, random.Random(f"{seed} {n}")) for n in range(WRITERS)]
        done = sum(writer.result() for writer in writers)
        tending.result()
    return done


def write(cases: Sequence[UUID], staff: Sequence[User], ends: float, pick: random.Random) -> int:
    """One thing after the other, to any case, as fast as can be."""
    done = 0
    try:
        while time.monotonic() < ends:
            case = Case.objects.select_related("department", "patient__user").get(pk=pick.choice(cases))
            try:
                pick.choice(DEEDS)(case, pick.choice(staff), pick)
                done += 1
            except (Refusal, IntegrityError):
                pass  # not in this state, or somebody was first
    finally:
        connection.close()
    return done


def lists(by: User) -> dict[str, int]:
    """How long each list is, walked to its end; and that nothing stands in it twice."""
    lengths = {}
    with acting_as(by):
        desk = Desk.of(by)
        for queue in Queue:
            rows = list(merged(desk.streams(queue), desk.items, timezone.now(), ORDER, ENOUGH))
            assert len({row.case_id for row in rows}) == len(rows)
            lengths[queue.value] = len(rows)
    return lengths


def counts(by: User) -> dict[str, int]:
    with acting_as(by):
        return Desk.of(by).counts(timezone.now())


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
