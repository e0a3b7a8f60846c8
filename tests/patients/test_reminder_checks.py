"""The nightly comparison can fail: each way in which rows can differ from promises is made, and named."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from struct import pack

import pytest
import time_machine
from django.core.management import CommandError, call_command

from clinicians.actions import followups as desk
from patients.actions import followups, patients, reminder_checks
from patients.models import Case, FollowUp, Reminder, ReminderCheck, Telling
from patients.models.followups import Evidence
from patients.models.reminder_checks import newest
from patients.rules import promised_reminders
from portal.access import SYSTEM
from portal.acting import acting_as
from portal.models import Clinic, ContactPoint, ContactPreference, Delivery, Suppression, User
from portal.models.deliveries import Purpose
from tests import make

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def promised(triaged: Case, nadia: User) -> FollowUp:
    """On 1 April; told of it by mail and in the portal, a week and a day before too."""
    followup = make.make_followup(triaged, by=nadia)
    Delivery.objects.filter(due_at__lte=NOON, state="pending").update(state="sent", sent_at=NOON)
    return followup


def checked(at: datetime = NOON) -> ReminderCheck:
    with acting_as(SYSTEM):
        return reminder_checks.check(Clinic.the(), by=SYSTEM, at=at)


def kinds(at: datetime = NOON) -> set[str]:
    return {one["kind"] for one in checked(at).differences}


def of(slot: str, channel: str = "email") -> Telling:
    return Telling.objects.select_related("reminder", "delivery").get(reminder__slot=slot, channel=channel)


def lose(slot: str) -> None:
    Telling.objects.filter(reminder__slot=slot).delete()
    Reminder.objects.filter(slot=slot).delete()


def change(slot: str, channel: str = "email", **fields: object) -> None:
    Delivery.objects.filter(pk=of(slot, channel).delivery_id).update(**fields)


def change_reminder(of_slot: str, **fields: object) -> None:
    Reminder.objects.filter(slot=of_slot).update(**fields)


def again(slot: str) -> None:
    """Another row for the same, as if the key did not hold."""
    row, delivery = of(slot), of(slot).delivery
    copy = Delivery(**{f.attname: getattr(delivery, f.attname) for f in Delivery._meta.concrete_fields})
    copy.pk, copy.dedupe_key, copy.message_id = Delivery.pk_of("again"), "again", "<again@example.org>"
    copy.save(force_insert=True)
    of_ = {name: getattr(row, name) for name in ("patient_id", "case_id", "followup_id", "reminder_id", "channel")}
    Telling.objects.create(**of_, escalation=7, delivery=copy)


def moved_aside(slot: str) -> None:
    at = of(slot).reminder.due_at + DAY
    change_reminder(slot, local_date=at.date(), due_at=at)


def stop_mail_and_prefer_sms() -> None:
    alice = User.objects.get(name="Alice Ash")
    ContactPoint.objects.create(user=alice, system="sms", value="+4915", confirmed_at=NOON)
    ContactPreference.objects.create(user=alice, first="sms")
    Suppression.objects.create(channel="email", address=alice.email, reason="bounce")


WAYS: dict[str, tuple[str, Callable[[], object]]] = {
    "a row is gone": ("missing", lambda: lose("day_before")),
    "what was to be told at once is gone": ("missing", lambda: lose("booked")),
    "called off without a reason": ("missing", lambda: change("week_before", state="cancelled")),
    "one too many": ("extra", lambda: change_reminder("week_before", slot="same_day")),
    "another hour": ("wrong time", lambda: change_reminder("week_before", due_at=NOON + 4 * DAY)),
    "sent at another hour": ("wrong time", lambda: change("week_before", due_at=NOON + 4 * DAY)),
    "another day": ("wrong day", lambda: moved_aside("day_before")),
    "another channel": ("wrong channel", lambda: Telling.objects.filter(channel="email").update(channel="sms")),
    "another day in its words": ("wrong facts", lambda: change("week_before", words={"day": "2027-04-02"})),
    "twice": ("twice", lambda: again("day_before")),
    "two on a day": ("two on a day", lambda: change_reminder("week_before", local_date="2027-03-31")),
    "confirmed and still asked another way": ("extra", lambda: change_reminder("day_before", slot="second_way")),
    "an address that is stopped now": (
        "wrong channel",
        stop_mail_and_prefer_sms,
    ),
    "an account that is no more": ("extra", lambda: FollowUp.objects.get().patient.__class__.objects.update(user=None)),
}


def test_what_is_as_promised_differs_in_nothing(promised: FollowUp, ada: User) -> None:
    made = checked()
    assert (made.expected, made.found, made.differing, made.differences) == (4, 4, 0, [])
    assert newest() == made
    assert not Delivery.objects.filter(purpose=Purpose.DELIVERIES_ALARM).exists()
    call_command("reminders", "check")


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_differ_is_named(promised: FollowUp, way: str) -> None:
    kind, spoil = WAYS[way]
    spoil()
    assert kind in kinds()


def test_late_unreached_and_unnoticed_are_named(promised: FollowUp) -> None:
    due = datetime(2027, 3, 25, 10, tzinfo=UTC)
    assert kinds(due + HOUR) == set()
    assert kinds(due + HOUR + timedelta(seconds=1)) == {"late"}
    Delivery.objects.filter(due_at__lte=due).update(state="sent", sent_at=due)
    assert kinds(due + 2 * HOUR) == set()
    Delivery.objects.filter(channel="email", due_at__lte=due).update(state="dead", sent_at=None)
    assert kinds(due + 2 * HOUR) == {"nobody told"}
    FollowUp.objects.update(call_at=due, call_reason="unreachable")
    assert kinds(due + 2 * HOUR) == set()
    # A reason that is written down is no difference.
    change("day_before", state="cancelled", trouble="capped")
    assert kinds(due + 2 * HOUR) == set()
    assert "not climbed" in kinds(datetime(2027, 5, 1, tzinfo=UTC))


def test_what_goes_after_the_end_is_named(promised: FollowUp, nadia: User) -> None:
    with acting_as(nadia):
        desk.close(promised, by=nadia, evidence=Evidence.ATTENDED)
    assert kinds() == set()
    change("week_before", state="pending")
    change("day_before", state="sent", sent_at=NOON + DAY)
    assert kinds() == {"not called off", "sent after close"}


def test_who_runs_the_clinic_hears_of_it_once_a_day(promised: FollowUp, ada: User) -> None:
    lose("day_before")
    with pytest.raises(CommandError, match="2 differ"):
        call_command("reminders", "check")
    checked()
    assert Delivery.objects.filter(purpose=Purpose.DELIVERIES_ALARM, recipient=ada).count() == 1


@pytest.fixture
def somewhere(tmp_path: Path) -> Iterator[Callable[[int], None]]:
    """A zone of its own, which can be given other hours: its table is written anew, and a process begins with it."""
    places = zoneinfo.TZPATH

    def lies(hours: int) -> None:
        table = b"TZif" + bytes(16) + pack(">6l", 0, 0, 0, 0, 1, 4) + pack(">lBB", hours * 3600, 0, 0) + b"SMW\0"
        (tmp_path / "Somewhere").write_bytes(table)
        zoneinfo.reset_tzpath(to=[str(tmp_path), *places])
        zoneinfo.ZoneInfo.clear_cache()
        promised_reminders.moment.cache_clear()

    yield lies
    zoneinfo.reset_tzpath(to=places)
    zoneinfo.ZoneInfo.clear_cache()
    promised_reminders.moment.cache_clear()


def test_new_rules_of_a_zone_are_followed(promised: FollowUp, somewhere: Callable[[int], None]) -> None:
    somewhere(1)
    alice = promised.patient.user
    assert alice
    with acting_as(alice):
        patients.amend(promised.patient, by=alice, time_zone="Somewhere")
    assert of("day_before").delivery.due_at == datetime(2027, 3, 31, 9, tzinfo=UTC)
    assert kinds() == set()
    somewhere(3)
    assert kinds() == {"wrong time"}
    with acting_as(SYSTEM):
        assert followups.follow_zone(Clinic.the(), by=SYSTEM, at=NOON) == 4
    assert of("day_before").delivery.due_at == datetime(2027, 3, 31, 7, tzinfo=UTC)
    assert kinds() == set()
    with acting_as(SYSTEM):
        assert followups.follow_zone(Clinic.the(), by=SYSTEM, at=NOON) == 0


def test_what_is_told_again_by_an_old_row_has_its_hour_of_now(promised: FollowUp) -> None:
    """Found by the year: asked another way, confirmed, then asked again when the quiet hours were others."""
    alice = promised.patient.user
    assert alice
    ContactPoint.objects.create(user=alice, system="sms", value="+4915", confirmed_at=NOON)
    wish = ContactPreference.objects.create(user=alice, first="email", second="sms")
    with acting_as(alice):
        followups.follow_contact(alice, by=alice)
        confirmed = followups.confirm(promised, by=alice)
        wish.quiet_until = time(11)
        wish.save()
        followups.ask_for_change(confirmed, by=alice, note="Another day")
    again = Telling.objects.select_related("reminder").get(reminder__slot="second_way", escalation=1)
    assert again.reminder.wall_time == time(11)
    # The rest still waits at the hour of before: what was chosen is followed by the verb.
    with acting_as(alice):
        followups.follow_contact(alice, by=alice)
    assert kinds() == set()


def test_what_waits_for_the_morning_is_told_though_the_zone_changes(triaged: Case, nadia: User) -> None:
    night = NOON + 11 * HOUR
    with time_machine.travel(night, tick=False):
        planned = make.make_followup(triaged, by=nadia)
        alice = planned.patient.user
        assert alice
        with acting_as(alice):
            patients.amend(planned.patient, by=alice, time_zone="Europe/Berlin")
        waiting = Telling.objects.filter(reminder__slot="booked", delivery__state="pending")
        assert [one.delivery.due_at for one in waiting] == [datetime(2027, 3, 2, 7, tzinfo=UTC)] * 2
        assert kinds(night) == set()
