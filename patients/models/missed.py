"""Follow-ups as the clock sees them: their dates and whose they are, and not a word of what they are for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Self
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL

from patients.models.appointments import Appointment, AppointmentStatus
from patients.models.calls import CallAttempt, CallOutcome
from patients.models.followups import FollowUp, FollowUpQuerySet, FollowUpStatus
from patients.models.reminders import MISSED_FOR, Reminder, Telling
from patients.rules.ladder import passed_at, rungs
from patients.rules.reminder_times import Slot, Wishes, at_once
from portal.models import ContactPreference, Delivery, Department, User
from portal.models.deliveries import Channel, Purpose, State
from portal.models.record import RecordQuerySet
from portal.rules.local_time import local_day
from portal.rules.working_time import is_open_day

# What the sender's role may read of a follow-up (portal/masonry.py).
DATES: Final = (
    "id", "patient_id", "case_id", "latest_on", "status", "is_high_risk", "misses", "missed_at", "desk_at", "call_at",
    "call_reason", "undone_at", "visible_at", "sequence", "owner_id", "due_on", "earliest_on", "kind", "created_at",
)  # fmt: skip


class MissedQuerySet(RecordQuerySet["Missed"]):
    rule = FollowUpQuerySet.rule

    def by_dates(self) -> Self:
        place = RawSQL('"patients_followup"."department_id"', [])
        return self.only(*(name.removesuffix("_id") for name in DATES)).annotate(place=place)


class Missed(FollowUp):
    place: UUID

    objects = MissedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        proxy = True

    @classmethod
    def lapsed(cls, at: datetime) -> MissedQuerySet:
        """Whose window is over, of which nobody wrote down anything: asked a day early, for clinics to the east."""
        open_ones = cls.objects.by_dates().filter(~Q(status=FollowUpStatus.CLOSED), undone_at=None, missed_at=None)
        return open_ones.filter(latest_on__lt=(at + timedelta(days=1)).date())

    @classmethod
    def unreached(cls, at: datetime) -> MissedQuerySet:
        """Whom nothing reaches lately: each way outside the portal is dead, came back or was stopped. Of what somebody
        was spoken to about since, nobody has to call again."""
        spoken = CallAttempt.objects.filter(
            followup=OuterRef("followup"), outcome=CallOutcome.REACHED, created_at__gte=OuterRef("reminder__due_at")
        )
        told = Telling.objects.filter(~Exists(spoken), followup=OuterRef("pk")).exclude(channel=Channel.IN_APP)
        tried = told.filter(reminder__due_at__lte=at, reminder__due_at__gte=at - timedelta(days=30))
        failed = (
            Q(delivery__state=State.DEAD)
            | Q(delivery__bounced_at__isnull=False)
            | Q(delivery__state=State.CANCELLED, delivery__attempts__outcome="held_back")
            & ~Q(delivery__trouble__startswith="capped")
        )
        reached = tried.filter(delivery__state=State.SENT, delivery__bounced_at=None)
        underway = tried.filter(delivery__state__in=(State.PENDING, State.LEASED, State.SENDING, State.UNCERTAIN))
        open_ones = cls.objects.by_dates().filter(
            ~Q(status=FollowUpStatus.CLOSED), undone_at=None, call_at=None, latest_on__gte=at.date()
        )
        return open_ones.filter(Exists(tried.filter(failed)), ~Exists(reached), ~Exists(underway))


def has_passed(found: Missed, department: Department, at: datetime) -> bool:
    return passed_at(found.latest_on, department.time_zone) <= at


def miss(found: Any, department: Department, at: datetime) -> Any:
    """Nobody came: it climbs, and the patient hears of it the same day."""
    hours, holidays = department.hours, department.closed_on
    found.miss(
        at,
        rungs(
            at,
            department.time_zone,
            lambda day: is_open_day(day, hours, holidays),
            misses=found.misses + 1,
            is_high_risk=found.is_high_risk,
        ),
    )
    found.save(update_fields=["misses", "missed_at", "desk_at", "call_at", "call_reason"])
    # Nobody sits on that seat any more, and the patient may be given another.
    past = Appointment.objects.filter(followup_id=found.pk, starts_at__lte=at).booked()
    past.update(status=AppointmentStatus.NOSHOW)
    _tell(found, at)
    return found


def _tell(found: Any, at: datetime) -> None:
    """As they were told before: the clock reads nothing of the patient."""
    told = list(Telling.objects.filter(followup_id=found.pk).select_related("reminder", "delivery"))
    for telling in told:
        telling.delivery.cancel()
    last = max(told, key=lambda telling: (telling.reminder.due_at, telling.pk), default=None)
    if last is None or last.delivery.recipient_id is None:
        return
    zone, user = last.reminder.time_zone, User(pk=last.delivery.recipient_id)
    wish = ContactPreference.of(user)
    when = at_once(Slot.MISSED, at, zone, Wishes(wish.quiet_from, wish.quiet_until))
    of = {"patient_id": found.patient_id, "case_id": found.case_id, "followup_id": found.pk}
    reminder, made = Reminder.objects.get_or_create(
        followup_id=found.pk,
        slot=Slot.MISSED,
        local_date=local_day(when.due_at, zone),
        defaults={**of, "wall_time": when.wall.time(), "time_zone": zone, "due_at": when.due_at},
    )
    if not made:
        return
    first = next((t.channel for t in reversed(told) if t.channel != Channel.IN_APP), Channel.EMAIL)
    for channel in (first, Channel.IN_APP):
        delivery = Delivery.queue(
            user,
            Purpose.MISSED_YOU,
            key=f"followup:{found.pk}:{Slot.MISSED}:{when.on}:{channel}:0",
            channel=Channel(channel),
            due_at=when.due_at,
            expires_at=when.due_at + MISSED_FOR,
            words=last.delivery.words,
        )
        Telling.objects.create(**of, reminder=reminder, channel=channel, delivery=delivery)
