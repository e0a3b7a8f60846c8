"""A time for a follow-up: booked once, moved, given back, offered to who waits; and what follows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinicians.actions import followups as desk
from clinicians.actions import schedules
from patients.actions import appointments, followups
from patients.models import (
    Appointment,
    Case,
    FollowUp,
    Leave,
    Patient,
    WaitingListEntry,
    answer_links,
    free_times,
    waiting,
)
from patients.models.answer_links import Answer, Link
from patients.models.booking import TimeTaken
from patients.models.followups import Evidence
from patients.rules.followup_dates import Period, Unit
from patients.rules.free_slots import FreeSlot
from patients.tasks import offer_all
from portal.access import SYSTEM, IllegalMove, Refused
from portal.acting import acting_as
from portal.channels.email import write_mail
from portal.models import Delivery, Department, User
from portal.models.deliveries import Purpose
from portal.roles import Scope
from portal.rules.local_time import local_day
from tests import make
from tests.bench.statements import counted


@pytest.fixture
def promised(triaged: Case, nadia: User, neurology: Department) -> FollowUp:
    make.make_schedule(neurology, nadia)
    return make.make_followup(triaged, by=nadia)


def own(followup: FollowUp) -> User:
    assert followup.patient.user
    return followup.patient.user


def free(followup: FollowUp) -> list[FreeSlot]:
    with acting_as(own(followup)):
        return make.make_free(followup)


def move(followup: FollowUp, slot: FreeSlot, by: User | None = None, **about: Any) -> Appointment:
    user = by or own(followup)
    with acting_as(user):
        who = User.objects.get(pk=slot.who)
        return appointments.move(followup, by=user, clinician=who, start=slot.starts, **about)


def told(followup: FollowUp, purpose: Purpose) -> list[Delivery]:
    return list(Delivery.objects.filter(purpose=purpose, words__followup=str(followup.pk), channel="email"))


def test_a_booked_time_moves_the_day_and_the_reminders_and_frees_itself_when_closed(
    promised: FollowUp, nadia: User
) -> None:
    slot = free(promised)[-3]
    booked = make.make_booked(promised, slot)
    promised.refresh_from_db()
    assert (promised.due_on, promised.status, promised.sequence) == (slot.starts.date(), "confirmed", 1)
    assert slot not in free(promised)
    words = next(one.words for one in told(promised, Purpose.FOLLOWUP_REMINDER) if one.state == "pending")
    assert (words["starts"], words["sequence"]) == (slot.starts.isoformat(), 1)
    with acting_as(nadia):
        desk.close(promised, by=nadia, evidence=Evidence.ATTENDED)
    booked.refresh_from_db()
    assert booked.status == "fulfilled"
    assert told(promised, Purpose.FOLLOWUP_CANCELLED) == []


def test_moved_the_former_time_is_free_and_the_former_link_answers_nothing(promised: FollowUp, client: Client) -> None:
    first, second = free(promised)[:2]
    make.make_booked(promised, first)
    link = answer_links.address(Link(promised.pk, own(promised).pk, 1), Answer.CANCEL)
    move(promised, second)
    assert first in free(promised)
    assert client.post(link).status_code == 410
    promised.refresh_from_db()
    assert (promised.status, Appointment.objects.booked().get().starts_at) == ("confirmed", second.starts)


def test_given_back_the_clinic_sees_it_and_the_calendar_hears_of_it(promised: FollowUp) -> None:
    booked = make.make_booked(promised)
    with acting_as(own(promised)):
        appointments.cancel(promised, by=own(promised))
    promised.refresh_from_db()
    booked.refresh_from_db()
    assert (promised.status, booked.status) == ("change_asked", "cancelled")
    [mail] = told(promised, Purpose.FOLLOWUP_CANCELLED)
    assert (mail.words["starts"], mail.words["sequence"]) == (booked.starts_at.isoformat(), 2)
    waiting = Delivery.objects.filter(telling__followup=promised, state="pending")
    assert waiting.exists()
    assert not [one for one in waiting if "starts" in one.words]


@pytest.mark.parametrize("way", ["decline", "close", "window"])
def test_who_ends_or_moves_the_promise_frees_its_time(promised: FollowUp, nadia: User, way: str) -> None:
    booked = make.make_booked(promised)
    if way == "decline":
        with acting_as(own(promised)):
            followups.decline(promised, by=own(promised))
    else:
        with acting_as(nadia):
            if way == "close":
                desk.close(promised, by=nadia, evidence=Evidence.RELEASED, note="No longer needed")
            else:
                desk.move(promised, by=nadia, period=Period(2, Unit.MONTHS))
    booked.refresh_from_db()
    assert booked.status == "cancelled"
    assert len(told(promised, Purpose.FOLLOWUP_CANCELLED)) == 1


def test_outside_the_window_only_staff_and_then_the_window_follows(promised: FollowUp, nadia: User) -> None:
    make.make_booked(promised)
    far = FreeSlot(nadia.pk, free(promised)[0].starts - timedelta(days=14), timezone.now(), 1, "")
    with pytest.raises(TimeTaken):
        move(promised, far)
    with pytest.raises(Refused):
        move(promised, far, any_day=True)
    move(promised, far, by=nadia, any_day=True)
    promised.refresh_from_db()
    assert (promised.earliest_on, promised.due_on, promised.status) == (far.starts.date(), far.starts.date(), "planned")


def test_whom_one_trusts_with_follow_ups_may_choose_and_nobody_else(promised: FollowUp, bob: Patient) -> None:
    rita = make.make_user("Rita Rowan")
    make.make_trust(promised.patient, rita, scopes=[Scope.FOLLOWUPS])
    slot = free(promised)[0]
    assert bob.user
    for stranger in (bob.user, make.make_user("Sam Stone")):
        with pytest.raises(Refused):
            make.make_booked(promised, slot, by=stranger)
    assert make.make_booked(promised, slot, by=rita).starts_at == slot.starts


def test_a_call_without_time_and_a_closed_one_have_none(promised: FollowUp, nadia: User) -> None:
    slot = free(promised)[0]
    FollowUp.objects.filter(pk=promised.pk).update(kind="diary_check")
    with pytest.raises(IllegalMove):
        make.make_booked(promised, slot)


def test_others_see_that_a_time_is_taken_and_not_by_whom(
    promised: FollowUp, bob: Patient, neurology: Department, nadia: User
) -> None:
    booked = make.make_booked(promised)
    other = make.make_followup(make.make_case(bob, neurology), by=nadia)
    assert bob.user
    with acting_as(bob.user):
        assert booked.starts_at not in {slot.starts for slot in make.make_free(other)}
        assert not Appointment.objects.exists()


def at_once(asks: Sequence[Callable[[], Any]]) -> Counter[str]:
    together = Barrier(len(asks))

    def one(ask: Callable[[], Any]) -> str:
        try:
            together.wait(timeout=30)
            ask()
        except IllegalMove as lost:
            return lost.code
        finally:
            connection.close()
        return "won"

    with ThreadPoolExecutor(len(asks)) as pool:
        return Counter(pool.map(one, asks))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("capacity", [1, 4])
def test_of_thirty_who_book_one_time_at_once_as_many_win_as_there_are_seats(
    neurology: Department, nadia: User, capacity: int
) -> None:
    make.make_schedule(neurology, nadia, capacity=capacity)
    case = make.make_case(make.make_patient("Alice Ash"), neurology)
    slot = free(make.make_followup(case, by=nadia))[0]
    followups = [
        make.make_followup(make.make_case(make.make_patient(f"Person {number}"), neurology), by=nadia)
        for number in range(30)
    ]
    asks = [partial(make.make_booked, one, slot) for one in followups]
    assert at_once(asks) == {"won": capacity, "time_taken": 30 - capacity}
    assert sorted(Appointment.objects.values_list("seat", flat=True)) == list(range(1, capacity + 1))


def test_the_constraints_hold_where_somebody_forgets_the_lock(promised: FollowUp, monkeypatch: Any) -> None:
    booked = make.make_booked(promised)
    slot = FreeSlot(booked.clinician_id, booked.starts_at, booked.ends_at, 1, "")
    other = make.make_followup(promised.case, by=promised.owner, period=Period(5, Unit.WEEKS))
    monkeypatch.setattr("patients.models.booking.find", lambda *_args, **_about: slot)
    with pytest.raises(TimeTaken):
        make.make_booked(other, slot)


class TestWaiting:
    @pytest.fixture
    def full(self, promised: FollowUp, neurology: Department, nadia: User) -> Callable[[str], FollowUp]:
        """Somebody with the same window, whose time is the last one of it."""

        def wait(name: str) -> FollowUp:
            followup = make.make_followup(make.make_case(make.make_patient(name), neurology), by=nadia)
            make.make_booked(followup, free(followup)[-1])
            with acting_as(own(followup)):
                appointments.wait(followup, by=own(followup))
            return followup

        return wait

    def test_one_time_goes_to_the_first_in_line_then_to_the_next_and_back_to_nobody(
        self, full: Callable[[str], FollowUp], promised: FollowUp, monkeypatch: Any
    ) -> None:
        first, second = full("Wim Wood"), full("Xenia Xu")
        slot = free(promised)[0]
        everything = free_times.FreeOfDepartment.within
        monkeypatch.setattr(
            "patients.models.waiting.FreeOfDepartment.within",
            lambda *where: [one for one in everything(*where) if one.starts == slot.starts],
        )
        now = timezone.now()
        assert [offer_all(now), offer_all(now)] == [1, 0]
        [entry] = WaitingListEntry.objects.filter(offered__isnull=False)
        assert (entry.followup, entry.offered.lower) == (first, slot.starts)
        mail, _in_portal = Delivery.objects.filter(purpose=Purpose.SLOT_FREE, recipient=own(first)).order_by("channel")
        assert "With: Nadia North" in str(write_mail(mail).body)
        # It ran out: the next hears of it, and the first no more.
        with time_machine.travel(now + timedelta(days=2)):
            assert offer_all(timezone.now()) >= 1
            offer_all(timezone.now())
            assert WaitingListEntry.objects.get(followup=second).offered
            assert not WaitingListEntry.objects.get(followup=first).offered
        assert Delivery.objects.filter(purpose=Purpose.SLOT_FREE).count() == 4

    def test_what_is_free_is_asked_once_for_all_who_wait_there(self, full: Callable[[str], FollowUp]) -> None:
        def asked() -> list[int]:
            """How often it is asked what is taken, who sees people when, and when the department is open."""
            with acting_as(SYSTEM), CaptureQueriesContext(connection) as found:
                assert len(waiting.worth_asking(timezone.now())) == WaitingListEntry.objects.count()
            told = [query["sql"] for query in found.captured_queries]
            return [
                sum(words in sql for sql in told)
                for words in ("fascicle_taken", "patients_schedule", "patients_leave", "openinghours")
            ]

        full("Wim Wood")
        once = asked()
        full("Xenia Xu")
        full("Yves Young")
        assert asked() == once == [1, 1, 1, 1]

    def test_who_takes_it_waits_no_more(self, full: Callable[[str], FollowUp]) -> None:
        followup = full("Wim Wood")
        assert offer_all(timezone.now()) == 1
        entry = WaitingListEntry.objects.get(followup=followup)
        move(followup, next(slot for slot in free(followup) if slot.starts == entry.offered.lower))
        entry.refresh_from_db()
        assert entry.ended_at
        assert offer_all(timezone.now()) == 0


# Days away.


def away(clinician: User, department: Department, day: date) -> Leave:
    return make.make_leave(department, clinician, starts_on=day, ends_on=day)


def test_on_days_away_nobody_new_is_booked_and_who_is_stays(promised: FollowUp, nadia: User) -> None:
    slots = free(promised)
    booked = make.make_booked(promised, slots[0])
    day = local_day(booked.starts_at, promised.case.department.time_zone)
    row = away(nadia, promised.case.department, day)
    assert day not in {local_day(slot.starts, "UTC") for slot in free(promised)}
    with pytest.raises(TimeTaken):
        move(promised, next(slot for slot in slots[1:] if local_day(slot.starts, "UTC") == day))
    booked.refresh_from_db()
    assert booked.status == "booked"
    with acting_as(nadia):
        schedules.withdraw_leave(row, by=nadia)
    assert day in {local_day(slot.starts, "UTC") for slot in free(promised)}


def test_the_desk_sees_who_is_booked_on_days_away(promised: FollowUp, nadia: User, cora: User, as_user: Any) -> None:
    booked = make.make_booked(promised)
    day, desk_of = timezone.localdate(booked.starts_at), as_user(cora)
    sent = {"clinician": str(nadia.pk), "starts_on": f"{day}", "ends_on": f"{day}"}
    wrong = desk_of.post("/clinic/times/leave/", {**sent, "ends_on": "2020-01-01"}, HTTP_ACCEPT="text/html")
    assert wrong.status_code == 422
    assert f'value="{day}"' in wrong.content.decode()
    made = desk_of.post("/api/v1/clinic/times/leave/", sent, "application/json")
    assert (made.status_code, made.json()["booked"]) == (201, 1)
    assert desk_of.post("/api/v1/clinic/times/leave/", sent, "application/json").status_code == 409
    assert "1 person: move them" in desk_of.get("/clinic/times/", HTTP_ACCEPT="text/html").content.decode()
    shown = desk_of.get(f"/api/v1/clinic/today/?day={day}").json()
    assert (shown["away"], len(shown["appointments"])) == (["Nadia North"], 1)
    page = desk_of.get(f"/clinic/today/?day={day}", HTTP_ACCEPT="text/html").content.decode()
    another = f"/follow-ups/{shown['appointments'][0]['followup_id']}/times/"
    assert f'href="{another}"' in page
    Appointment.objects.update(status="noshow")
    assert another not in desk_of.get(f"/clinic/today/?day={day}", HTTP_ACCEPT="text/html").content.decode()
    today = desk_of.get("/api/v1/clinic/today/?day=neither").json()
    assert (today["day"], today["after"]) == (timezone.localdate().isoformat(), day.isoformat())


def test_a_list_of_days_away_asks_as_much_for_many_as_for_few(promised: FollowUp, nadia: User, as_user: Any) -> None:
    client, counts = as_user(nadia), []
    for number in range(3):
        away(nadia, promised.case.department, timezone.localdate() + timedelta(days=number))
        with CaptureQueriesContext(connection) as asked:
            assert len(client.get("/api/v1/clinic/times/").json()["leaves"]) == number + 1
        counts.append(len(asked))
    assert counts[0] == counts[2]


def test_a_day_among_thousands_is_found_by_its_index(promised: FollowUp, nadia: User, as_user: Any) -> None:
    """And the days beside it: as many questions, and but few pages more of a table that has grown by sixty."""
    booked, client = make.make_booked(promised), as_user(nadia)
    asked = f"/api/v1/clinic/today/?day={timezone.localdate(booked.starts_at)}"
    client.get(asked)
    with counted() as few:
        assert client.get(asked).json()["before"] is None
    about = {"patient": promised.patient, "case": promised.case, "followup": promised, "clinician": nadia}
    days = [booked.starts_at + (number // 4 + 1) * timedelta(days=(-1) ** number) for number in range(3000)]
    Appointment.objects.bulk_create(
        Appointment(**about, span=(day, day + timedelta(minutes=30)), status="fulfilled") for day in days
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE patients_appointment")
        cursor.execute("SELECT relpages FROM pg_class WHERE relname = 'patients_appointment'")
        assert cursor.fetchone() > (60,)
    with counted() as many:
        shown = client.get(asked).json()
    beside = [timezone.localdate(booked.starts_at + timedelta(days=way)).isoformat() for way in (-1, 1)]
    assert (shown["before"], shown["after"], len(shown["appointments"])) == (*beside, 1)
    assert (many.count, many.pages <= few.pages + 20) == (few.count, True), (few.pages, many.pages)
