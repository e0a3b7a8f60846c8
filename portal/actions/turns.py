"""One turn of one sender: the rows it leased, and those of them that went and are not settled yet.

They go by hands: as many as their line takes at once. What went is settled in the transaction that arms the next hand:
one commit a hand, and a sender that is killed leaves one hand of which nobody knows.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from uuid_utils.compat import uuid4

from portal.access import SYSTEM
from portal.acting import acting_as, in_one_trip
from portal.channels import CutOff, Line, SaidNo
from portal.channels.lines import line_for, look_up
from portal.models import Delivery
from portal.models import outbox_rows as rows
from portal.models.deliveries import DEATHS_ALLOWED, Channel, Outcome, State

log = logging.getLogger(__name__)
# Between arming and the body: a quarter of the lease, by the clock that never jumps.
MARGIN = 0.25
# How long the offer of the next mail may hang: so long before its lease ends, what went is settled by itself.
OFFER_STEPS = 5
# A database that starts again answers within seconds.
GIVE_BACK_TRIES, GIVE_BACK_SECONDS = 8, 0.5


class Lines(ExitStack):
    """The open lines of one sweep, one for each channel: kept over its turns."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: dict[str, Line] = {}

    def to(self, channel: str) -> Line:
        if channel not in self.opened:
            self.opened[channel] = self.enter_context(line_for(Channel(channel)))
        return self.opened[channel]


@dataclass
class Turn:
    lines: Lines = field(default_factory=Lines)
    token: UUID = field(default_factory=uuid4)
    begun: float = field(default_factory=time.monotonic)
    gone: list[tuple[UUID, str]] = field(default_factory=list)
    # Not armed, or not known to be; surely not sent.
    unsent: list[UUID] = field(default_factory=list)
    sent: int = 0

    def claim(self, most: int) -> list[Delivery]:
        """Due rows, leased. `begun` was read before: from it counts, on the monotonic clock, how long they are ours."""
        with acting_as(SYSTEM):
            keys = rows.claim(self.token, timezone.now(), timedelta(seconds=settings.LEASE_SECONDS), most=most)
            return list(Delivery.objects.filter(pk__in=keys).with_address().order_by("due_at")) if keys else []

    def send_all(self, claimed: Sequence[Delivery]) -> None:
        """What is not begun in time is given back; also when the database went away meanwhile and came back."""
        try:
            while claimed and not self.is_late:
                hand = self.send_some(_alike(claimed))
                claimed = [one for one in claimed if one not in hand]
            self.arm([])
            if claimed or self.unsent:
                self.give_back()
        except DatabaseError:
            self.give_back_later()
            raise

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self.begun + settings.LEASE_SECONDS * (1 - MARGIN)

    @property
    def must_settle(self) -> bool:
        """Should the next offer hang as long as it may, the lease of what went would end meanwhile."""
        spare = settings.LEASE_SECONDS - OFFER_STEPS * settings.EMAIL_TIMEOUT
        return time.monotonic() > self.begun + max(spare, 0.5)

    def send_some(self, due: Sequence[Delivery]) -> Sequence[Delivery]:
        """Of these, which go by one channel, as many as its line takes at once."""
        if self.must_settle:
            self.arm([])
        try:
            line = self.lines.to(due[0].channel)
            hand = due[: line.room(len(due))]
        except Exception as wrong:
            hand = due[:1]
            self.without_failed(hand, [wrong], is_armed=False)
        else:
            self.send(line, hand)
        return hand

    def send(self, line: Line, hand: Sequence[Delivery]) -> None:
        ready = self.without_failed(hand, line.offer(hand), is_armed=False)
        armed = self.arm(ready)
        if self.is_late:
            # Paused for too long: then each row's next owner decides, as where one was cancelled or held back.
            return
        going = [delivery for delivery in ready if delivery.pk in armed]
        self.unsent = [key for key in self.unsent if key not in armed]
        answers = line.finish(going)
        self.gone = [
            (delivery.pk, answer)
            for delivery, answer in zip(going, answers, strict=True)
            if not isinstance(answer, Exception)
        ]
        self.sent += len(self.gone)
        self.without_failed(going, answers, is_armed=True)

    def without_failed(self, hand: Sequence[Delivery], came: Sequence[object], *, is_armed: bool) -> list[Delivery]:
        """Those with which nothing is wrong, after it was written down what is wrong with the others."""
        wrong = {delivery: what for delivery, what in zip(hand, came, strict=True) if isinstance(what, Exception)}
        for delivery, what in wrong.items():
            self.settle(delivery, *outcome_of(what, delivery, is_armed=is_armed))
        return [delivery for delivery in hand if delivery not in wrong]

    def arm(self, hand: Sequence[Delivery]) -> set[UUID]:
        """Settle what went, and commit that these bodies are about to go: those whose lease holds, and against which
        nothing speaks.
        """
        if not self.gone and not hand:
            return set()
        now = timezone.now()
        due = [next_of(delivery, now) for delivery in hand]
        self.unsent += [delivery.pk for delivery in hand]
        [(armed,)] = in_one_trip(SYSTEM, *rows.settle_and_arm(self.token, now, self.gone, due))
        # Not before it is committed: settled once more, it is the same.
        self.gone = []
        for one in due:
            if one.key not in armed:
                with acting_as(SYSTEM):
                    self.hold_back(one, now)
        return set(armed)

    def hold_back(self, due: rows.Next, now: datetime) -> None:
        """For good, where there is a reason; where there is none, the row's next owner decides."""
        why = rows.why_not(due, self.token, now)
        row = Delivery.objects.select_for_update().get(pk=due.key)
        if why and row.state == State.LEASED and row.lease_token == self.token:
            row.move_to(State.CANCELLED, trouble=why)
            rows.note(row.pk, self.token, now, Outcome.HELD_BACK, why)

    def settle(self, delivery: Delivery, outcome: Outcome, trouble: str, is_late: bool) -> None:
        """Write down what became of an attempt that failed, unless the row was taken back meanwhile."""
        log.warning("delivery %s: %s, %s", delivery.pk, outcome, trouble)
        self.arm([])
        was_sent = look_up(delivery) if outcome is Outcome.UNCERTAIN else None
        if is_late and not was_sent:
            # A server that did not answer in time may yet take it: its "no" of this moment tells nothing.
            was_sent = None
        with acting_as(SYSTEM):
            row = Delivery.objects.select_for_update().get(pk=delivery.pk)
            if row.lease_token == self.token and row.state in (State.LEASED, State.SENDING):
                settle_failed(row, outcome, trouble, was_sent)

    def give_back(self) -> None:
        self.arm([])
        with acting_as(SYSTEM):
            rows.release(self.token, unsent=self.unsent)
        self.unsent = []

    def give_back_later(self) -> None:
        """What went is known to have gone, and what did not: once the database is back, it is told so."""
        for _try in range(GIVE_BACK_TRIES):
            try:
                connection.close()
                return self.give_back()
            except DatabaseError:
                time.sleep(GIVE_BACK_SECONDS)
        return None


def _alike(claimed: Sequence[Delivery]) -> list[Delivery]:
    """By the channel of the first, and one to a person: the next is counted when this one has gone."""
    found: dict[UUID, Delivery] = {}
    for delivery in claimed:
        if delivery.channel == claimed[0].channel:
            found.setdefault(delivery.recipient_id or delivery.pk, delivery)
    return list(found.values())


def outcome_of(wrong: Exception, delivery: Delivery, *, is_armed: bool) -> tuple[Outcome, str, bool]:
    """What it says of the attempt, in which words, and whether it may arrive later."""
    if isinstance(wrong, SaidNo):
        return (Outcome.NEVER if wrong.for_good else Outcome.NOT_NOW), str(wrong), False
    if isinstance(wrong, CutOff):
        return Outcome.UNCERTAIN, str(wrong), wrong.is_late
    if is_armed:
        return Outcome.UNCERTAIN, type(wrong).__name__, True
    if isinstance(wrong, OSError) or delivery.tries < DEATHS_ALLOWED:
        return Outcome.NOT_NOW, type(wrong).__name__, False
    # A row that can't be written must not hold up its neighbours: after a few tries it is a person's.
    log.error("delivery %s can't be written", delivery.pk, exc_info=wrong)
    return Outcome.NEVER, type(wrong).__name__, False


def next_of(delivery: Delivery, now: datetime) -> rows.Next:
    """With whose reminders are counted, by the recipient's own days: not mails of the account, not in the portal."""
    is_counted = delivery.purpose in rows.CAPPED and delivery.channel != Channel.IN_APP
    recipient = delivery.recipient if is_counted else None
    zone = delivery.words.get("zone") or (recipient.time_zone if recipient else "") or settings.TIME_ZONE
    today = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    key = recipient.pk if recipient else None
    return rows.Next(delivery.pk, delivery.to.lower(), delivery.channel, key, today)


def settle_failed(row: Delivery, outcome: Outcome, trouble: str, was_sent: bool | None) -> None:
    now = timezone.now()
    rows.note(row.pk, row.lease_token, now, outcome, trouble)
    if outcome is Outcome.NOT_NOW:
        row.back_off(now, trouble)
    elif outcome is Outcome.NEVER:
        row.move_to(State.DEAD, trouble=trouble[:200])
    else:
        settle_uncertain(row, now, trouble, was_sent)


def settle_uncertain(delivery: Delivery, now: datetime, trouble: str, was_sent: bool | None) -> None:
    """It may have arrived. Where nobody can tell: once more, flagged; the second time it is left to a person."""
    token = delivery.lease_token
    delivery.move_to(State.UNCERTAIN, trouble=trouble[:200])
    if was_sent:
        rows.note(delivery.pk, token, now, Outcome.FOUND)
        delivery.move_to(State.SENT, sent_at=now, trouble="")
        return
    if was_sent is False:
        rows.note(delivery.pk, token, now, Outcome.NOT_FOUND)
    elif delivery.possible_duplicate:
        delivery.move_to(State.DEAD, trouble=f"uncertain twice: {trouble}"[:200])
        return
    else:
        delivery.possible_duplicate = True
        delivery.save(update_fields=["possible_duplicate"])
    if delivery.deaths >= DEATHS_ALLOWED:
        delivery.move_to(State.DEAD, trouble="three senders died on it")
    else:
        delivery.back_off(now, trouble, at_once=was_sent is False and delivery.tries < DEATHS_ALLOWED)
