"""The rows of reminders are always what they should be: planned, moved, confirmed, closed, missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from clinicians.actions import calls
from clinicians.actions import followups as desk
from patients.actions import followups, patients, reminder_checks
from patients.models import Case, FollowUp, Reminder, Telling, reminders
from patients.models.calls import CallOutcome
from patients.models.followups import Evidence
from patients.rules.followup_dates import Period, Unit
from patients.tasks import climb_all
from portal.access import SYSTEM
from portal.acting import acting_as
from portal.models import AuditEvent, Clinic, ContactPoint, ContactPreference, Delivery, Suppression, User
from portal.models.deliveries import State
from tests import make

# A Monday at noon in the department's zone, which is UTC.
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
MONTH = Period(1, Unit.MONTHS)


@pytest.fixture(autouse=True)
def noon() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def promised(triaged: Case, nadia: User) -> FollowUp:
    return make.make_followup(triaged, by=nadia)


def rows(followup: FollowUp, *states: str) -> list[str]:
    found = Telling.objects.filter(followup=followup, delivery__state__in=states or [State.PENDING])
    return [
        f"{t.reminder.slot} {t.channel} {t.delivery.due_at:%m-%d %H:%M}"
        for t in found.select_related("reminder", "delivery").order_by("delivery__due_at", "channel")
    ]


def test_a_month_is_told_three_times_by_mail_and_in_the_portal(promised: FollowUp) -> None:
    assert promised.due_on == date(2027, 4, 1)
    assert rows(promised) == [
        *("booked email 03-01 12:00", "booked in_app 03-01 12:00"),
        *("week_before email 03-25 10:00", "week_before in_app 03-25 10:00"),
        *("day_before email 03-31 10:00", "day_before in_app 03-31 10:00"),
    ]
    last = Delivery.objects.order_by("due_at").last()
    assert last
    assert last.expires_at == datetime(2027, 4, 2, tzinfo=UTC)
    assert set(last.words) == {"day", "zone", "with", "path", "followup", "sequence"}


def test_tending_again_changes_nothing(promised: FollowUp, nadia: User) -> None:
    before = list(Delivery.objects.order_by("pk").values())
    with acting_as(nadia):
        reminders.tend(promised)
    assert list(Delivery.objects.order_by("pk").values()) == before
    assert Reminder.objects.count() == 3


def test_another_way_for_who_does_not_answer(promised: FollowUp, triaged: Case, nadia: User) -> None:
    alice = promised.patient.user
    assert alice
    ContactPoint.objects.create(user=alice, system="sms", value="+4915112345678", confirmed_at=NOON)
    ContactPreference.objects.create(user=alice, first="email", second="sms", wants_same_day=True)
    with acting_as(alice):
        assert followups.follow_contact(alice, by=alice) == 1
    assert [row for row in rows(promised) if "sms" in row] == ["second_way sms 03-29 10:00"]
    assert "same_day email 04-01 08:00" in rows(promised)
    with acting_as(alice):
        followups.confirm(promised, by=alice)
    assert [row for row in rows(promised) if "sms" in row] == []
    # What was stopped is not used: the other way is the first.
    Suppression.objects.create(user=alice, channel="email", address=alice.email, reason="bounce")
    with acting_as(alice):
        followups.follow_contact(alice, by=alice)
    assert {row.split()[1] for row in rows(promised)} == {"sms", "in_app"}


def test_a_moved_zone_moves_what_waits(promised: FollowUp) -> None:
    alice = promised.patient.user
    assert alice
    with acting_as(alice):
        patients.amend(promised.patient, by=alice, time_zone="Asia/Taipei")
    assert rows(promised)[-2:] == ["day_before email 03-31 02:00", "day_before in_app 03-31 02:00"]
    assert {row.time_zone for row in Reminder.objects.exclude(slot="booked")} == {"Asia/Taipei"}


def test_a_moved_day_is_told_anew_and_asked_anew(promised: FollowUp, nadia: User) -> None:
    alice = promised.patient.user
    assert alice
    with acting_as(alice):
        followups.confirm(promised, by=alice)
    with acting_as(nadia):
        moved = desk.move(promised, by=nadia, period=Period(2, Unit.WEEKS))
    assert (moved.status, moved.due_on, moved.sequence) == ("planned", date(2027, 3, 15), 1)
    assert rows(moved) == [
        *("booked email 03-01 12:00", "booked in_app 03-01 12:00"),
        *("week_before email 03-08 10:00", "week_before in_app 03-08 10:00"),
        *("day_before email 03-14 10:00", "day_before in_app 03-14 10:00"),
    ]
    told = Telling.objects.filter(reminder__slot="booked", channel="email").order_by("escalation")
    assert [(t.escalation, t.delivery.state, t.delivery.purpose) for t in told] == [
        (0, "cancelled", "followup_planned"),
        (1, "pending", "followup_moved"),
    ]


def test_closed_nobody_is_reminded(promised: FollowUp, nadia: User) -> None:
    with acting_as(nadia):
        desk.close(promised, by=nadia, evidence=Evidence.ATTENDED)
    assert rows(promised) == []


def test_an_answer_on_a_reminders_day_before_its_hour_leaves_it(
    promised: FollowUp, noon: time_machine.Traveller
) -> None:
    alice = promised.patient.user
    assert alice
    noon.move_to(datetime(2027, 3, 31, 9, tzinfo=UTC))
    with acting_as(alice):
        followups.confirm(promised, by=alice)
    assert rows(promised)[-2:] == ["day_before email 03-31 10:00", "day_before in_app 03-31 10:00"]


def test_who_changes_their_hours_loses_no_reminder_of_that_day(
    promised: FollowUp, noon: time_machine.Traveller
) -> None:
    alice = promised.patient.user
    assert alice
    wish = ContactPreference.of(alice)
    wish.quiet_until = time(12)
    wish.save()

    def follow() -> list[str]:
        with acting_as(alice):
            followups.follow_contact(alice, by=alice)
        return [row for row in rows(promised) if row.startswith("day_before email")]

    noon.move_to(datetime(2027, 3, 31, 9, 30, tzinfo=UTC))
    assert follow() == ["day_before email 03-31 12:00"]
    noon.move_to(datetime(2027, 3, 31, 11, tzinfo=UTC))
    ContactPreference.objects.update(quiet_until=time(8))
    # Ten o'clock has gone by: at once. It is due then, and no later change puts it off.
    assert follow() == ["day_before email 03-31 11:00"]
    noon.move_to(datetime(2027, 3, 31, 11, 30, tzinfo=UTC))
    assert follow() == ["day_before email 03-31 11:00"]
    with acting_as(SYSTEM):
        found = reminder_checks.check(Clinic.the(), by=SYSTEM, at=reminders.now()).differences
    assert [one for one in found if "day_before" in one["of"]] == []


@pytest.mark.parametrize(
    ("hour", "minute", "told"),
    # 22:30 there, and half past eight the next day: when their night ends, or at once.
    [(9, 30, "03-31 19:00"), (19, 30, "03-31 19:30")],
)
def test_who_moves_half_way_round_the_world_at_night_loses_no_reminder(
    promised: FollowUp, noon: time_machine.Traveller, hour: int, minute: int, told: str
) -> None:
    """In Honolulu it was to come at ten, 20:00 UTC: in Auckland ten o'clock of that day has gone by."""
    alice = promised.patient.user
    assert alice

    def move_to(zone: str) -> list[str]:
        Delivery.objects.filter(state="pending", due_at__lt=reminders.now()).update(state="sent", sent_at=F("due_at"))
        with acting_as(alice):
            patients.amend(promised.patient, by=alice, time_zone=zone)
        return [row for row in rows(promised) if row.startswith("day_before")]

    def differences() -> list[dict[str, str]]:
        with acting_as(SYSTEM):
            found = reminder_checks.check(Clinic.the(), by=SYSTEM, at=reminders.now()).differences
        return [one for one in found if "day_before" in one["of"]]

    assert move_to("Pacific/Honolulu") == ["day_before email 03-31 20:00", "day_before in_app 03-31 20:00"]
    noon.move_to(datetime(2027, 3, 31, hour, minute, tzinfo=UTC))
    for _time in range(2):
        assert move_to("Pacific/Auckland") == [f"day_before email {told}", f"day_before in_app {told}"]
        assert differences() == []
    # The morning of the day itself takes its place, where one is wanted; unless it has gone.
    ContactPreference.objects.update_or_create(user=alice, defaults={"wants_same_day": True})
    with acting_as(alice):
        followups.follow_contact(alice, by=alice)
    assert ([row.split()[0] for row in rows(promised)], differences()) == (
        (["same_day"] * 2 if told == "03-31 19:00" else ["day_before"] * 2), []
    )  # fmt: skip
    Telling.objects.filter(reminder__slot__in=("same_day", "day_before"), delivery__state="pending").delete()
    noon.move_to(datetime(2027, 3, 31, 20, tzinfo=UTC))
    assert [one["kind"] for one in differences()] == ["missing"]


def test_told_at_night_waits_and_stands_when_something_else_changes(triaged: Case, nadia: User, noon: Any) -> None:
    noon.move_to(datetime(2027, 3, 1, 23, tzinfo=UTC))
    promised = make.make_followup(triaged, by=nadia)
    alice = promised.patient.user
    assert alice
    with acting_as(alice):
        followups.ask_for_change(promised, by=alice, note="Not in the morning.")
    assert rows(promised)[0] == "booked email 03-02 08:00"


def test_the_cost_of_planning_is_bounded(triaged: Case, nadia: User) -> None:
    with CaptureQueriesContext(connection) as asked:
        make.make_followup(triaged, by=nadia)
    assert len(asked) <= 46


# The ladder.


def test_silence_climbs_to_the_clinician_and_then_to_a_person_who_calls(promised: FollowUp) -> None:
    assert climb_all(datetime(2027, 4, 8, 23, 59, tzinfo=UTC)) == 0
    late = datetime(2027, 4, 9, 0, 5, tzinfo=UTC)
    assert promised.latest_on == date(2027, 4, 8)
    assert (climb_all(late), climb_all(late)) == (1, 0), "once"
    promised.refresh_from_db()
    assert (promised.misses, promised.missed_at) == (1, late)
    # A Friday: Tuesday is the second working day, Thursday the fourth.
    assert promised.desk_at == datetime(2027, 4, 13, tzinfo=UTC)
    assert (promised.call_at, promised.call_reason) == (datetime(2027, 4, 15, tzinfo=UTC), "silence")
    assert rows(promised) == ["missed email 04-09 08:00", "missed in_app 04-09 08:00"]
    assert {row.name for row in AuditEvent.objects.filter(name="followups.lapse")} == {"followups.lapse"}


def test_what_must_not_be_missed_is_a_call_the_same_day(triaged: Case, nadia: User) -> None:
    risky = make.make_followup(triaged, by=nadia, is_high_risk=True)
    late = datetime(2027, 4, 9, 0, 5, tzinfo=UTC)
    climb_all(late)
    risky.refresh_from_db()
    assert (risky.call_at, risky.call_reason) == (late, "high_risk")


def test_after_a_dopamine_agonist_it_must_not_be_missed(triaged: Case, nadia: User) -> None:
    medicine = make.make_prescription(triaged, by=nadia, medicine="ropinirole")
    assert make.make_followup(triaged, by=nadia, prescription=medicine).is_high_risk


def test_whom_no_message_reaches_is_called(promised: FollowUp) -> None:
    told = Delivery.objects.filter(telling__followup=promised, telling__reminder__slot="booked", channel="email")
    told.update(state=State.DEAD)
    assert climb_all(NOON + timedelta(minutes=1)) == 1
    promised.refresh_from_db()
    assert promised.call_reason == "unreachable"
    assert climb_all(NOON + timedelta(minutes=1)) == 0


def test_a_patient_who_declines_what_must_not_be_missed_is_spoken_to(triaged: Case, nadia: User) -> None:
    risky, plain = (
        make.make_followup(triaged, by=nadia, is_high_risk=True),
        make.make_followup(triaged, by=nadia, kind="call"),
    )
    alice = triaged.patient.user
    assert alice
    with acting_as(alice):
        assert followups.decline(risky, by=alice).status == "change_asked"
        assert followups.decline(plain, by=alice).evidence == "declined"
    risky.refresh_from_db()
    assert (risky.call_at, risky.call_reason) == (NOON, "high_risk")
    assert rows(plain) == []


def test_new_rules_of_a_zone_move_what_waits(promised: FollowUp) -> None:
    """As if the machine had learned that the clock there will be another."""
    waiting = Reminder.objects.filter(slot="day_before")
    waiting.update(due_at=datetime(2027, 3, 31, 11, tzinfo=UTC))
    Delivery.objects.filter(telling__reminder__in=waiting).update(due_at=datetime(2027, 3, 31, 11, tzinfo=UTC))
    with acting_as(SYSTEM):
        assert reminders.follow_zones(NOON) == 2
    assert rows(promised)[-1] == "day_before in_app 03-31 10:00"
    assert waiting.get().wall_time == time(10)


def test_who_was_spoken_to_is_not_called_again_for_the_same_silence(promised: FollowUp, nadia: User) -> None:
    told = Delivery.objects.filter(telling__followup=promised, telling__reminder__slot="booked", channel="email")
    told.update(state=State.DEAD)
    assert climb_all(NOON + timedelta(minutes=1)) == 1
    promised.refresh_from_db()
    with acting_as(nadia):
        calls.record(promised, by=nadia, outcome=CallOutcome.REACHED)
    assert climb_all(NOON + timedelta(minutes=2)) == 0


def test_a_miss_within_the_window_stands_on_the_list_when_its_rung_says(triaged: Case, nadia: User, noon: Any) -> None:
    promised = make.make_followup(triaged, by=nadia)
    noon.move_to(datetime(2027, 4, 1, 12, tzinfo=UTC))
    with acting_as(nadia):
        promised = desk.miss(promised, by=nadia)
    assert promised.desk_at == datetime(2027, 4, 5, tzinfo=UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT turns_at FROM clinicians_workitem WHERE case_id = %s AND lane = 'follow-ups'", [triaged.pk]
        )
        assert cursor.fetchone() == (promised.desk_at,)
