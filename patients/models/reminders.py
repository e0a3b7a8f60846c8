"""The reminders of a follow-up as rows, and `tend`, which makes them what they should be now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.models.followups import FollowUp, FollowUpStatus
from patients.models.patients import Patient
from patients.rules.reminder_times import ReminderTime, Slot, Wishes, at_once, ends_at, reminder_times
from patients.walls import of_case
from portal.access import Permission
from portal.models import ContactPreference, Delivery, User
from portal.models.contact_points import ways_of
from portal.models.deliveries import Channel, Purpose, State
from portal.models.record import Record, RecordQuerySet
from portal.rules.local_time import instant, wall_clock

SLOTS = {
    Slot.BOOKED: _("When it was planned"),
    Slot.WEEK_BEFORE: _("A week before"),
    Slot.SECOND_WAY: _("Another way, as there was no answer"),
    Slot.DAY_BEFORE: _("The day before"),
    Slot.SAME_DAY: _("The morning itself"),
    Slot.MISSED: _("When it was missed"),
}
# For so long it is of use to hear that one was missed.
MISSED_FOR: Final = timedelta(days=7)
# May still be changed or called back.
WAITING: Final = (State.PENDING, State.LEASED)


class ReminderQuerySet(RecordQuerySet["Reminder"]):
    rule = of_case(Permission.FOLLOWUP_READ, held_with="followup", for_system=True)


class Reminder(Record):
    """The promise to tell somebody once on one local day. How it fared is the state of its tellings' deliveries."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="+")
    followup = models.ForeignKey(FollowUp, models.PROTECT, related_name="reminders")
    slot = models.CharField(max_length=12, choices=[(slot.value, label) for slot, label in SLOTS.items()])
    local_date = models.DateField()
    wall_time = models.TimeField()
    time_zone = models.CharField(max_length=60)
    due_at = models.DateTimeField()

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ("due_at",)
        constraints = (models.UniqueConstraint(fields=("followup", "local_date", "slot"), name="reminder_once_a_day"),)


class TellingQuerySet(RecordQuerySet["Telling"]):
    rule = of_case(Permission.FOLLOWUP_READ, held_with="followup", for_system=True)


class Telling(Record):
    """One reminder by one channel. `escalation` counts up where the same is told anew: the time had changed."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey("patients.Case", models.PROTECT, related_name="+")
    followup = models.ForeignKey(FollowUp, models.PROTECT, related_name="tellings")
    reminder = models.ForeignKey(Reminder, models.PROTECT, related_name="tellings")
    channel = models.CharField(max_length=6, choices=Channel.choices)
    escalation = models.PositiveSmallIntegerField(default=0)
    delivery = models.OneToOneField(Delivery, models.PROTECT, related_name="telling")

    objects = TellingQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("reminder", "channel", "escalation"), name="telling_once"),)


def in_order() -> models.Prefetch[Any]:
    """The tellings of follow-ups, as they come."""
    tellings = Telling.objects.select_related("reminder", "delivery").order_by("reminder__due_at", "id")
    return models.Prefetch("tellings", tellings)


@dataclass(frozen=True)
class Facts:
    """What every channel says of one follow-up, and to whom."""

    user: User
    zone: str
    wishes: Wishes
    first: Channel
    second: Channel | None
    # In the patient's zone; a follow-up without a time lasts to the end of its day.
    day: Any
    at: time | None
    words: dict[str, Any]

    @property
    def ends(self) -> datetime:
        return ends_at(self.day, self.at, self.zone)

    def channels(self, slot: Slot) -> tuple[Channel, ...]:
        """The second way is for who did not answer by the first; all else stands in the portal too."""
        if slot is Slot.SECOND_WAY:
            return (self.second,) if self.second else ()
        return (self.first, Channel.IN_APP)


def tend(followup: FollowUp, *, anew: Slot | None = None, now: datetime | None = None) -> None:
    """Make the reminders of this follow-up what they should be now; asked as often as one likes, it is the same.

    `anew`: tell at once that it was booked (also that it has another day), or that it was missed. A patient without
    an account can't be written to: none then, and the case page says so.
    """
    now = now or timezone.now()
    standing = Telling.objects.filter(followup=followup).select_related("reminder", "delivery")
    told = list(standing.select_for_update(of=("delivery",)))
    user = followup.patient.user
    if user is None or followup.status == FollowUpStatus.CLOSED:
        _cancel(telling.delivery for telling in told)
        return
    facts = facts_of(followup, user)
    _agree(followup, facts, _wanted(followup, facts, told, anew, now), told, anew)


def tell_called_off(followup: FollowUp, facts: Facts, at: datetime) -> None:
    """That the time of these facts stands no more: outside their quiet hours, while it is of use to know."""
    due_at = at_once(Slot.BOOKED, at, facts.zone, facts.wishes).due_at
    words = facts.words | {"sequence": followup.sequence}
    for channel in (facts.first, Channel.IN_APP):
        Delivery.queue(
            facts.user,
            Purpose.FOLLOWUP_CANCELLED,
            key=f"followup:{followup.pk}:off:{followup.sequence}:{channel}",
            channel=channel,
            due_at=_not_before(followup, due_at),
            expires_at=max(facts.ends, due_at + timedelta(hours=1)),
            words=words,
        )


def facts_of(followup: FollowUp, user: User) -> Facts:
    zone, appointment = followup.patient.time_zone, followup.booked_appointment
    wish = ContactPreference.of(user)
    first, second = ways_of(user, wish)
    is_silent = followup.status != FollowUpStatus.CONFIRMED
    words: dict[str, Any] = {
        "day": followup.due_on.isoformat(),
        "zone": zone,
        "with": followup.owner.name,
        "path": followup.path,
        "followup": str(followup.pk),
        "sequence": followup.sequence,
    }
    day, at = followup.due_on, None
    if appointment:
        local = wall_clock(appointment.span.lower, zone)
        day, at = local.date(), local.time()
        words |= {
            "day": day.isoformat(),
            "time": at.isoformat("minutes"),
            "with": appointment.clinician.name,
            "place": appointment.place,
            "starts": appointment.span.lower.isoformat(),
            "ends": appointment.span.upper.isoformat(),
        }
    wishes = Wishes(wish.quiet_from, wish.quiet_until, wish.wants_same_day, second is not None and is_silent)
    return Facts(user, zone, wishes, first, second, day, at, words)


def _wanted(
    followup: FollowUp, facts: Facts, told: list[Telling], anew: Slot | None, now: datetime
) -> dict[tuple[Slot, Channel], ReminderTime]:
    """What is still to come. One reminder a day: a day on which one went, or waits to, has its own already."""
    is_new = anew is Slot.BOOKED
    # Until the hour of the promise: a line that is tried again later waits for something else.
    waiting = {} if anew else {Slot(t.reminder.slot): t.reminder.due_at for t in told if t.delivery.state in WAITING}
    times = reminder_times(
        facts.day, facts.at, facts.zone, now=now, wishes=facts.wishes, is_new=is_new, waiting=waiting
    )
    if anew is Slot.MISSED:
        times = [at_once(Slot.MISSED, now, facts.zone, facts.wishes)]
    elif anew is None:
        taken = {t.reminder.local_date: t.reminder.slot for t in told if _takes_its_day(t)}
        times = [one for one in times if taken.get(one.on, one.slot) == one.slot]
    if followup.missed_at and anew is None:
        times = []
    if anew is None:
        times += [at_once(slot, now, facts.zone, facts.wishes) for slot in _outdated(told, facts)]
    return {(one.slot, channel): one for one in times for channel in facts.channels(one.slot)}


def _takes_its_day(telling: Telling) -> bool:
    """It went, or waits whatever is reckoned now: a rung of the ladder that waits is reckoned anew itself."""
    is_of_ladder = telling.reminder.slot not in (Slot.BOOKED, Slot.MISSED)
    return telling.delivery.state != State.CANCELLED and not (is_of_ladder and telling.delivery.state in WAITING)


def _outdated(told: list[Telling], facts: Facts) -> set[Slot]:
    """What waits for the end of a night, and would then say, or go by, what is no longer so."""
    waiting = (t for t in told if t.reminder.slot in (Slot.BOOKED, Slot.MISSED) and t.delivery.state in WAITING)
    return {Slot(t.reminder.slot) for t in waiting if not _is_current(t, facts)}


def _agree(
    followup: FollowUp,
    facts: Facts,
    wanted: dict[tuple[Slot, Channel], ReminderTime],
    told: list[Telling],
    anew: Slot | None,
) -> None:
    """Keep what agrees, put right what waits with another time or other words, cancel the rest, add what is missing."""
    rest = dict(wanted)
    counts: dict[tuple[Any, ...], int] = defaultdict(int)
    for telling in told:
        key = Slot(telling.reminder.slot), Channel(telling.channel)
        place = (*key, telling.reminder.local_date)
        counts[place] = max(counts[place], telling.escalation + 1)
        when = wanted.get(key)
        is_same = when is not None and when.on == telling.reminder.local_date
        if telling.delivery.state in WAITING:
            if is_same and when and key in rest and key[0] is not anew:
                _put_right(followup, telling, when, facts)
                del rest[key]
            elif anew or key[0] not in (Slot.BOOKED, Slot.MISSED) or not _is_current(telling, facts):
                telling.delivery.cancel()
        elif is_same and key[0] is not anew and telling.delivery.state != State.CANCELLED:
            rest.pop(key, None)
    _add(followup, facts, rest, counts)


def _is_current(telling: Telling, facts: Facts) -> bool:
    """It waits only for the end of the night, and says what is still so, by a way that still holds."""
    return telling.delivery.words == facts.words and telling.channel in (facts.first, Channel.IN_APP)


def _put_right(followup: FollowUp, telling: Telling, when: ReminderTime, facts: Facts) -> None:
    reminder, delivery = telling.reminder, telling.delivery
    due_at = _not_before(followup, when.due_at)
    if (delivery.due_at, delivery.words) != (due_at, facts.words) and delivery.state == State.PENDING:
        delivery.due_at, delivery.words, delivery.expires_at = due_at, facts.words, _expires(when.slot, due_at, facts)
        delivery.save(update_fields=["due_at", "words", "expires_at"])
    _put_hour_right(reminder, when, due_at, facts.zone)


def _put_hour_right(reminder: Reminder, when: ReminderTime, due_at: datetime, zone: str) -> None:
    if (reminder.due_at, reminder.time_zone, reminder.wall_time) != (due_at, zone, when.wall.time()):
        reminder.due_at, reminder.time_zone, reminder.wall_time = due_at, zone, when.wall.time()
        reminder.save(update_fields=["due_at", "time_zone", "wall_time"])


def _add(
    followup: FollowUp,
    facts: Facts,
    wanted: dict[tuple[Slot, Channel], ReminderTime],
    counts: dict[tuple[Any, ...], int],
) -> None:
    if not wanted:
        return
    reminders = _reminders(followup, facts, {when.slot: when for when in wanted.values()})
    deliveries, tellings = [], []
    for (slot, channel), when in wanted.items():
        escalation = counts[slot, channel, when.on]
        due_at = _not_before(followup, when.due_at)
        delivery = Delivery.made(
            facts.user,
            _purpose(followup, slot),
            key=f"followup:{followup.pk}:{slot}:{when.on}:{channel}:{escalation}",
            channel=channel,
            due_at=due_at,
            expires_at=_expires(slot, due_at, facts),
            words=facts.words,
        )
        deliveries.append(delivery)
        tellings.append(
            Telling(
                patient_id=followup.patient_id,
                case_id=followup.case_id,
                followup=followup,
                reminder=reminders[slot],
                channel=channel,
                escalation=escalation,
                delivery=delivery,
            )
        )
    Delivery.objects.bulk_create(deliveries)
    Telling.objects.bulk_create(tellings)


def _reminders(followup: FollowUp, facts: Facts, times: dict[Slot, ReminderTime]) -> dict[Slot, Reminder]:
    """Of each slot its row: the one of that day, with the hour it has now, or a new one."""
    days = [when.on for when in times.values()]
    found = {
        Slot(row.slot): row
        for row in Reminder.objects.filter(followup=followup, local_date__in=days, slot__in=list(times))
        if times[Slot(row.slot)].on == row.local_date
    }
    for slot, row in found.items():
        _put_hour_right(row, times[slot], _not_before(followup, times[slot].due_at), facts.zone)
    new = {
        slot: Reminder(
            patient_id=followup.patient_id,
            case_id=followup.case_id,
            followup=followup,
            slot=slot,
            local_date=when.on,
            wall_time=when.wall.time(),
            time_zone=facts.zone,
            due_at=_not_before(followup, when.due_at),
        )
        for slot, when in times.items()
        if slot not in found
    }
    Reminder.objects.bulk_create(new.values())
    return found | new


def _not_before(followup: FollowUp, due_at: datetime) -> datetime:
    """Of a reply that can still be undone its patient hears nothing yet."""
    return max(due_at, followup.visible_at) if followup.visible_at else due_at


def _expires(slot: Slot, due_at: datetime, facts: Facts) -> datetime:
    return due_at + MISSED_FOR if slot is Slot.MISSED else facts.ends


def _purpose(followup: FollowUp, slot: Slot) -> Purpose:
    if slot is Slot.BOOKED:
        return Purpose.FOLLOWUP_MOVED if followup.sequence else Purpose.FOLLOWUP_PLANNED
    return Purpose.MISSED_YOU if slot is Slot.MISSED else Purpose.FOLLOWUP_REMINDER


def _cancel(deliveries: Iterable[Delivery]) -> None:
    for delivery in deliveries:
        delivery.cancel()


def now() -> datetime:
    return timezone.now()


def follow_zones(at: datetime) -> int:
    """How many reminders were put right: their wall time in their zone is another moment than it was, by new rules."""
    found = 0
    waiting = Telling.objects.filter(delivery__state=State.PENDING, reminder__due_at__gt=at)
    for telling in waiting.select_related("reminder", "delivery").iterator(chunk_size=2000):
        reminder, delivery = telling.reminder, telling.delivery
        due_at = instant(reminder.local_date, reminder.wall_time, reminder.time_zone)
        if delivery.due_at == reminder.due_at != due_at:
            Delivery.objects.filter(pk=delivery.pk, state=State.PENDING).update(due_at=due_at)
            Reminder.objects.filter(pk=reminder.pk).update(due_at=due_at)
            found += 1
    return found


def of_account(user: User) -> Iterator[FollowUp]:
    """The open follow-ups whose reminders go to this account."""
    yield from FollowUp.objects.filter(patient__user=user).open().select_related("patient__user", "owner")
