"""Promises that run out: who is told, when, and once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection
from django.test import Client

from clinicians.models import Escalation
from clinicians.models.escalations import Rung
from clinicians.tasks import climb_all
from patients.models import Case, CaseQuestion, Patient
from patients.models.cases import Urgency
from portal.access import SYSTEM, Role
from portal.acting import acting_as
from portal.actions import departments
from portal.models import Delivery, Department, Notification, User
from tests import make

# A Thursday; the department answers within 16 working hours, from nine to five: by Monday, ten o'clock.
ASKED = datetime(2026, 6, 4, 10, tzinfo=UTC)
DUE = datetime(2026, 6, 8, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def told(at: datetime, rung: str = "") -> list[str]:
    """Everybody who was told from a look at this moment, by purpose and name."""
    before = set(Notification.objects.values_list("pk", flat=True))
    climb_all(at)
    fresh = Notification.objects.exclude(pk__in=before).select_related("user")
    return sorted(f"{row.purpose} {row.user.name.split()[0]}" for row in fresh)


@pytest.fixture
def asked(alice: Patient, neurology: Department) -> Case:
    with time_machine.travel(ASKED, tick=False):
        case = make.make_case(alice, neurology)
    assert case.answer_due_at == DUE
    return case


@pytest.fixture
def owned(asked: Case, nadia: User) -> Case:
    with time_machine.travel(ASKED + HOUR, tick=False):
        return make.make_triaged(asked, by=nadia, owner=nadia)


def test_it_climbs_from_its_owner_to_the_coordinators(owned: Case, cora: User) -> None:
    nearly, long_late = datetime(2026, 6, 5, 14, tzinfo=UTC), datetime(2026, 6, 10, 10, tzinfo=UTC)
    assert told(nearly - MINUTE) == []
    assert told(nearly) == ["case_nearly_due Nadia"]
    assert told(DUE - MINUTE) == [], "once a rung"
    assert told(DUE + MINUTE) == ["case_overdue Cora", "case_overdue Nadia"]
    assert told(long_late - MINUTE) == []
    assert told(long_late) == ["case_long_overdue Cora"]
    assert told(long_late + timedelta(days=30)) == []
    assert [row.rung for row in Escalation.objects.all()] == ["nearly_due", "overdue", "long_overdue"]
    assert all(row.path == f"/cases/{owned.ref}/" for row in Notification.objects.all())
    assert "Twitching" not in str(list(Delivery.objects.values_list("words", flat=True)))


def test_what_nobody_owns_is_told_to_all_who_treat_there_once_a_case(asked: Case, nadia: User, karl: User) -> None:
    make.make_user("Nils Noon", role=Role.CLINICIAN, department=asked.department)
    assert told(DUE - HOUR) == ["case_nearly_due Nadia", "case_nearly_due Nils"]
    with time_machine.travel(DUE, tick=False):
        triaged = make.make_triaged(asked, by=nadia)
        triaged.owner = None
        make.make_reply(triaged, by=nadia)
    Case.objects.update(owner=None)
    with time_machine.travel(DUE + timedelta(days=7), tick=False):
        make.make_message(triaged)
    again = Case.objects.get().answer_due_at
    assert told(again - HOUR) == [], "a second promise of the case, and they know of it"
    assert Escalation.objects.get(promised_at=again).told == []


def test_without_a_coordinator_who_treats_there_is_told(owned: Case) -> None:
    assert told(DUE + MINUTE) == ["case_overdue Nadia"]
    assert told(DUE + timedelta(days=30)) == ["case_long_overdue Nadia"]


def test_a_clock_that_stood_still_tells_only_where_it_stands_now(owned: Case, cora: User) -> None:
    assert told(DUE + timedelta(days=30)) == ["case_long_overdue Cora"]
    assert Escalation.objects.count() == 1


def test_an_answer_ends_the_climb_and_a_pause_holds_it(owned: Case, nadia: User, cora: User) -> None:
    later = {question.pk: CaseQuestion.Outcome.DEFERRED for question in owned.questions.open()}
    with time_machine.travel(ASKED + 2 * HOUR, tick=False):
        make.make_reply(owned, by=nadia, outcomes=later)
    owned.refresh_from_db()
    assert (owned.is_paused, owned.answer_left) == (True, 14 * HOUR)
    assert told(DUE + timedelta(days=30)) == []
    with time_machine.travel(datetime(2026, 6, 15, 9, tzinfo=UTC), tick=False):
        make.make_message(owned)
    owned.refresh_from_db()
    assert (owned.is_paused, owned.answer_due_at) == (False, datetime(2026, 6, 16, 15, tzinfo=UTC))
    assert "case_nearly_due Nadia" in told(owned.answer_due_at - HOUR)


def test_a_full_answer_is_followed_by_a_whole_new_promise(owned: Case, nadia: User) -> None:
    with time_machine.travel(ASKED + 2 * HOUR, tick=False):
        make.make_reply(owned, by=nadia)
        make.make_message(owned)
    owned.refresh_from_db()
    assert (owned.answer_left, owned.answer_due_at) == (None, DUE + 2 * HOUR)


def test_triage_makes_a_promise_earlier_and_never_later(asked: Case, nadia: User) -> None:
    with time_machine.travel(DUE - HOUR, tick=False):
        triaged = make.make_triaged(asked, by=nadia, urgency=Urgency.SAME_DAY)
    assert triaged.answer_due_at == DUE, "the end of the day would be later than was said"
    with time_machine.travel(ASKED, tick=False):
        other = make.make_case(asked.patient, asked.department, title="Another")
        soon = make.make_triaged(other, by=nadia, urgency=Urgency.EMERGENCY)
    assert soon.answer_due_at == ASKED + HOUR


def test_what_was_promised_stays_when_hours_and_holidays_change(owned: Case) -> None:
    with acting_as(SYSTEM):
        departments.set_holidays(owned.department, by=SYSTEM, days={DUE.date(): "A new holiday"})
        departments.set_hours(owned.department, by=SYSTEM, week={4: [(time(9), time(10))]})
    owned.refresh_from_db()
    assert owned.answer_due_at == DUE


def test_a_follow_up_past_its_window_climbs_to_the_coordinators(owned: Case, nadia: User, cora: User) -> None:
    with time_machine.travel(ASKED + HOUR, tick=False):
        followup = make.make_followup(owned, by=nadia)
        make.make_reply(owned, by=nadia)
    last = datetime(followup.latest_on.year, followup.latest_on.month, followup.latest_on.day, tzinfo=UTC)
    assert told(last + 20 * HOUR) == []
    assert told(last + 30 * HOUR) == ["followup_missed Cora"]
    assert told(last + 90 * HOUR) == []


def test_the_case_says_who_was_told(owned: Case, nadia: User, tessa: User, as_user: Callable[..., Client]) -> None:
    make.make_escalation(owned)
    page = as_user(nadia).get(f"/cases/{owned.ref}/").content.decode()
    assert "Overdue by a whole answer time." in page
    assert "Nadia North told" in page


@pytest.mark.django_db(transaction=True)
def test_six_clocks_tell_once(owned: Case, cora: User) -> None:
    together = Barrier(6)

    def look(_number: int) -> int:
        try:
            together.wait(timeout=20)
            return climb_all(DUE + MINUTE)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert Counter(pool.map(look, range(6))) == {1: 1, 0: 5}
    assert Notification.objects.filter(purpose="case_overdue").count() == 2
    assert Escalation.objects.get().rung == Rung.OVERDUE
