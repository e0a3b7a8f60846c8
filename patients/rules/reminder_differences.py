"""In what the rows of one follow-up's reminders differ from what it promises. Names kinds and keys, and nobody.

Not differences, since each says why: what was capped, suppressed or too late, what was sent late, what a person called
off. What was called off without a reason is one while its time is still to come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from patients.rules.promised_reminders import DAY, LONGEST_NIGHT, Promise, Told, ladder, moment

LATE: Final = timedelta(hours=1)
LATELY: Final = timedelta(days=30)
# By then, on the next day, the latest of mornings has begun, wherever somebody moved to.
LATEST_MORNING: Final = time(14)
# A zone's clock is at most so far from the clinic's.
ANYWHERE: Final = timedelta(days=2)
WAITING: Final = frozenset({"pending", "leased"})
UNDERWAY: Final = WAITING | {"sending", "uncertain"}
# Those that stand whatever somebody chooses.
ALWAYS: Final = frozenset({"week_before", "day_before"})
AT_ONCE: Final = frozenset({"booked", "missed"})


@dataclass(frozen=True, slots=True)
class Row:
    """One telling with its delivery."""

    key: str
    slot: str
    day: date
    zone: str
    channel: str
    promised_at: datetime  # of the reminder
    made_at: datetime
    due_at: datetime  # of the delivery
    state: str
    tries: int
    trouble: str
    sent_at: datetime | None
    is_bounced: bool
    said_day: str
    sequence: int

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING

    @property
    def stands(self) -> bool:
        """Sent, waiting, or given up for a reason that is written down."""
        return self.state != "cancelled" or bool(self.trouble)


@dataclass(frozen=True, slots=True)
class Standing:
    """One follow-up: where it is, and its rows. `promise` is None for who has no account to be told by."""

    pk: str
    since: datetime  # promised then, or its patient's account opened
    latest_on: date
    sequence: int
    missed_at: datetime | None
    closed_at: datetime | None
    call_at: datetime | None
    was_called: bool
    visible_at: datetime | None
    promise: Promise | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    kind: str
    of: str  # the key of a delivery, or the follow-up and the slot


def differences(one: Standing, now: datetime) -> Iterator[Difference]:
    yield from _late(one, now)
    if one.closed_at:
        yield from _closed(one, one.closed_at)
        return
    yield from _twice(one)
    yield from _silent(one, now)
    if one.promise is None or one.missed_at:
        yield from (Difference("extra", row.key) for row in one.rows if row.is_waiting and row.slot != "missed")
        if one.missed_at and one.rows:
            yield from _told_at_once(one, "missed", one.missed_at)
        return
    promised = list(ladder(one.promise))
    yield from _wrong(one, one.promise, {told.slot: told for told in promised}, now)
    yield from _missing(one, one.promise, promised, now)


def _late(one: Standing, now: datetime) -> Iterator[Difference]:
    for row in one.rows:
        if row.state in UNDERWAY and max(row.promised_at, row.made_at) < now - LATE:
            yield Difference("late", row.key)


def _closed(one: Standing, closed_at: datetime) -> Iterator[Difference]:
    """What was being sent at that moment may still have gone: the rows read are those of later."""
    for row in one.rows:
        if row.is_waiting:
            yield Difference("not called off", row.key)
        elif row.sent_at and row.sent_at > closed_at:
            yield Difference("sent after close", row.key)


def _twice(one: Standing) -> Iterator[Difference]:
    """The same told twice, or two rungs of the ladder waiting for one day."""
    same = Counter((row.slot, row.day, row.channel, row.sequence) for row in one.rows if row.stands)
    for (slot, day, channel, _), times in same.items():
        if times > 1:
            yield Difference("twice", f"{one.pk}:{slot}:{day}:{channel}")
    days: dict[date, set[str]] = {}
    for row in one.rows:
        if row.is_waiting and row.slot not in AT_ONCE:
            days.setdefault(row.day, set()).add(row.slot)
    yield from (Difference("two on a day", f"{one.pk}:{day}") for day, slots in days.items() if len(slots) > 1)


def _silent(one: Standing, now: datetime) -> Iterator[Difference]:
    """It should have climbed: its window is over, or nothing reached anybody."""
    if one.missed_at is None and one.latest_on + ANYWHERE < now.date():
        yield Difference("not climbed", one.pk)
    tried = [row for row in one.rows if row.channel != "in_app" and now - LATELY < row.promised_at < now - LATE]
    failed = any(row.is_bounced or row.state == "dead" for row in tried)
    reached = any(row.state in UNDERWAY or (row.state == "sent" and not row.is_bounced) for row in tried)
    is_watched = one.call_at or one.was_called or one.missed_at or one.latest_on < now.date()
    if failed and not reached and not is_watched:
        yield Difference("nobody told", one.pk)


def _wrong(one: Standing, promise: Promise, promised: dict[str, Told], now: datetime) -> Iterator[Difference]:
    for row in one.rows:
        if row.is_waiting and row.slot not in AT_ONCE:
            kind = _what_is_wrong(row, one, promise, promised.get(row.slot), now)
        elif row.is_waiting:
            kind = _what_is_stale(row, one, promise)
        else:
            continue
        if kind:
            yield Difference(kind, row.key)


def _what_is_wrong(row: Row, one: Standing, promise: Promise, told: Told | None, now: datetime) -> str:
    if told is None:
        return "extra"
    if told.day != row.day and not (told.at < now and _is_late(row, one, told)):
        return "wrong day"
    if row.channel not in promise.channels(row.slot):
        return "wrong channel"
    morning = moment(row.day, promise.quiet_until, promise.zone)
    at = max(told.at if told.day == row.day else morning, one.visible_at or told.at)
    # Of hours that were changed when they had gone by: told at once.
    if at < row.promised_at <= now:
        at = row.promised_at
    if not _same(row.promised_at, at) or (row.tries == 0 and not _same(row.due_at, at)):
        return "wrong time"
    return "" if (row.said_day, row.sequence) == (promise.day.isoformat(), one.sequence) else "wrong facts"


def _what_is_stale(row: Row, one: Standing, promise: Promise) -> str:
    if row.slot == "missed" or row.sequence != one.sequence:
        return "extra"
    if row.channel not in promise.channels(row.slot):
        return "wrong channel"
    return "" if row.said_day == promise.day.isoformat() else "wrong facts"


def _same(one: datetime, other: datetime) -> bool:
    return abs(one - other) < timedelta(seconds=1)


def _missing(one: Standing, promise: Promise, promised: list[Told], now: datetime) -> Iterator[Difference]:
    since = _promised_since(one)
    if since + LONGEST_NIGHT < promise.ends and not one.missed_at:
        yield from _told_at_once(one, "booked", since)
    taken = {row.day: row.slot for row in one.rows if row.state != "cancelled"}
    for told in promised:
        if taken.get(told.day, told.slot) != told.slot:
            continue
        if told.at > now:
            yield from _not_ahead(one, promise, told)
        elif (
            told.slot in ALWAYS
            and told.at > since + _margin(one, promise)
            and not (_was_there(one, told) or _has_no_moment(one, promise, told))
        ):
            yield Difference("missing", f"{one.pk}:{told.slot}")


def _was_there(one: Standing, told: Told) -> bool:
    """Also where it was held back for a reason; not where it was called off as if nobody wanted it."""
    rows = [row for row in one.rows if row.slot == told.slot and row.stands]
    return any(row.day == told.day or _is_late(row, one, told) for row in rows)


def _is_late(row: Row, one: Standing, told: Told) -> bool:
    """In the place of another that waited for longer than the hour which is promised now, and had gone by then."""
    return told.day < row.day <= told.day + ANYWHERE and _waited_for_longer(one, told)


def _waited_for_longer(one: Standing, told: Told) -> bool:
    rows = (row for row in one.rows if row.slot == told.slot and row.sequence == one.sequence and not row.stands)
    return any(row.promised_at > told.at for row in rows)


def _has_no_moment(one: Standing, promise: Promise, told: Told) -> bool:
    """Its hour was changed when it had gone by: none is left before the end, or its day has another one already."""
    if not _waited_for_longer(one, told):
        return False
    last = moment(told.day + DAY, LATEST_MORNING, promise.zone)
    return promise.ends <= last or any(row.day == told.day + DAY and row.slot != told.slot for row in one.rows)


def _not_ahead(one: Standing, promise: Promise, told: Told) -> Iterator[Difference]:
    for channel in promise.channels(told.slot):
        place = (told.slot, told.day, channel)
        if not any((row.slot, row.day, row.channel) == place and row.stands for row in one.rows):
            yield Difference("missing", f"{one.pk}:{told.slot}:{channel}")


def _told_at_once(one: Standing, slot: str, since: datetime) -> Iterator[Difference]:
    rows = [row for row in one.rows if row.slot == slot and row.stands]
    rows = [row for row in rows if slot == "missed" or row.sequence == one.sequence]
    if not rows:
        yield Difference("missing", f"{one.pk}:{slot}")
    longest = since + LONGEST_NIGHT
    if slot == "booked" and one.visible_at:
        longest = max(longest, one.visible_at)
    for row in rows:
        if row.is_waiting and row.promised_at > longest:
            yield Difference("wrong time", row.key)


def _promised_since(one: Standing) -> datetime:
    """A day that was moved is promised since its patient was told of it."""
    told = [row.made_at for row in one.rows if row.slot == "booked" and row.sequence == one.sequence]
    return max(one.since, min(told)) if one.sequence and told else one.since


def _margin(one: Standing, promise: Promise) -> timedelta:
    """Who moved to another zone meanwhile: its hour may have gone by between the two."""
    return ANYWHERE if any(row.zone != promise.zone for row in one.rows) else timedelta()


def owed(one: Standing, now: datetime) -> int:
    """How many tellings are still to come."""
    if one.promise is None or one.closed_at or one.missed_at:
        return 0
    return sum(len(one.promise.channels(told.slot)) for told in ladder(one.promise) if told.at > now)
