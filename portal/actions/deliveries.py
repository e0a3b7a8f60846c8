"""Sending what is due: lease, arm, send, settle. Each step is a transaction of its own.

Celery only hints that something may be due; the rows say what. Any number of senders may run. The hot path writes an
`Attempt` for each attempt in the place of an audit event: append-only too, and one statement.
"""

from __future__ import annotations

import logging
import smtplib
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils import timezone
from uuid_utils.compat import uuid4

from portal.access import SYSTEM, Actor, IllegalMove, Permission
from portal.acting import acting_as
from portal.channels import CutOff, Line, SaidNo
from portal.channels.lines import line_for, look_up
from portal.models import Delivery, Outbox, User
from portal.models import outbox_rows as rows
from portal.models.deliveries import DEATHS_ALLOWED, Channel, Outcome, State
from portal.models.outbox_rows import CAPPED
from portal.tips import Unreadable, last_kept
from portal.verbs import verb

log = logging.getLogger(__name__)
# Between arming and the body: a quarter of the lease, by the clock that never jumps.
MARGIN = 0.25
# So many rows are leased at once; what of them is not begun in time is given back.
BATCH = 20
WEEK = timedelta(days=7)


@dataclass
class Sender:
    """One turn of sending: its lease, its open lines, and the row that went and is not settled yet.

    The row that went is settled in the transaction that arms the next: one commit a mail, and a sender that is
    killed leaves one row of which nobody knows.
    """

    token: UUID = field(default_factory=uuid4)
    deadline: float = 0.0
    lines: dict[str, Line] = field(default_factory=dict)
    gone: tuple[Delivery, str] | None = None
    sent: int = 0


@verb(Permission.DELIVERY_SEND)
def recover(delivery: Delivery, *, by: Actor, was_sent: bool | None = None) -> Delivery:
    """Take back a row whose sender has not been heard of since its lease ended. `was_sent`: what a look-up said."""
    if delivery.lease_until is None or delivery.lease_until >= rows.database_now():
        return delivery
    if delivery.state not in (State.LEASED, State.SENDING):
        return delivery
    delivery.deaths += 1
    delivery.save(update_fields=["deaths"])
    now = timezone.now()
    rows.note(delivery.pk, delivery.lease_token, now, Outcome.LOST, delivery.state)
    if delivery.state == State.SENDING:
        _settle_uncertain(delivery, now, "its sender was lost while sending", was_sent)
    elif delivery.deaths >= DEATHS_ALLOWED:
        delivery.move_to(State.DEAD, trouble="three senders died on it")
    else:
        delivery.back_off(now, "its sender was lost before anything was sent", at_once=True)
    return delivery


@verb(Permission.DELIVERY_RESOLVE)
def send_again(delivery: Delivery, *, by: User) -> Delivery:
    """A person has looked at it, and it is to go once more."""
    if delivery.state != State.DEAD:
        raise IllegalMove("deliveries.send_again", delivery, "only what could not be sent is sent again")
    delivery.deaths = delivery.tries = 0
    delivery.save(update_fields=["deaths", "tries"])
    delivery.move_to(State.PENDING, due_at=timezone.now(), lease_token=None, lease_until=None)
    return delivery


@verb(Permission.DELIVERY_RESOLVE)
def let_go(delivery: Delivery, *, by: User) -> Delivery:
    """A person has looked at it, and it is not to go."""
    if delivery.state not in (State.DEAD, State.PENDING):
        raise IllegalMove("deliveries.let_go", delivery, "it is on its way, or went already")
    delivery.move_to(State.CANCELLED)
    return delivery


@verb(Permission.OUTBOX_HOLD)
def hold(outbox: Outbox, *, by: Actor, because: str) -> Outbox:
    """Nothing is leased or armed from now on. What is being sent this moment still goes."""
    if outbox.held_at is None:
        outbox.held_at, outbox.held_because = timezone.now(), because[:200]
        outbox.save()
    return outbox


@verb(Permission.OUTBOX_HOLD)
def release(outbox: Outbox, *, by: Actor) -> Outbox:
    """Send again. This database is where it is sent from now on."""
    outbox.held_at, outbox.held_because, outbox.home = None, "", Outbox.here()
    outbox.save()
    return outbox


@verb(Permission.OUTBOX_HOLD)
def reconcile(delivery: Delivery, *, by: Actor, was_sent: bool) -> Delivery:
    """What a look-up said of a row while the outbox was held: it had gone before the database was put back, or not."""
    now = timezone.now()
    if delivery.state == State.PENDING and was_sent:
        rows.note(delivery.pk, None, now, Outcome.FOUND)
        delivery.move_to(State.LEASED, lease_token=uuid4(), lease_until=now)
        delivery.move_to(State.SENDING)
        delivery.move_to(State.SENT, sent_at=now)
    return delivery


def deliver_due(limit: int = 500) -> int:
    """Send what is due now; how many were sent. Safe to run anywhere, any number of times at once."""
    if _is_held():
        return 0
    _recover_lapsed()
    sent = begun = 0
    while begun < limit:
        turn = Sender()
        claimed = _claim(turn, most=min(BATCH, limit - begun))
        if not claimed:
            break
        begun += len(claimed)
        _send_all(turn, claimed)
        sent += turn.sent
    _note_sweep()
    return sent


def _is_held() -> bool:
    """Held already, or put back from a copy and now found out."""
    with acting_as(SYSTEM):
        outbox = Outbox.the()
        if outbox.held_at is None and not outbox.home:
            release(outbox, by=SYSTEM)
        elif outbox.held_at is None and (because := _moved(outbox)):
            outbox = hold(outbox, by=SYSTEM, because=because)
            log.error("the outbox is held: %s", because)
        return outbox.held_at is not None


def _moved(outbox: Outbox) -> str:
    """Why this seems to be a copy of the database that was put back; nothing where it is not."""
    if outbox.home != Outbox.here():
        return f"the database is another than the one it sent from: {outbox.home}, now {Outbox.here()}"
    try:
        kept = last_kept(settings.AUDIT_TIP_FILE)
    except (OSError, Unreadable):
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(number), 0) FROM portal_auditseal")
        newest = cursor.fetchone()[0]
    return f"seal {kept.number} is kept outside, the database knows {newest}" if kept and kept.number > newest else ""


def _note_sweep() -> None:
    with acting_as(SYSTEM):
        # Whoever else writes it this moment says the same.
        Outbox.objects.filter(only=True).filter(Outbox.not_swept_lately()).update(swept_at=timezone.now())


def _recover_lapsed() -> None:
    with acting_as(SYSTEM):
        lapsed = list(Delivery.objects.lapsed(rows.database_now())[:200])
    for delivery in lapsed:
        # Asked before anything is locked: it may take its time.
        was_sent = look_up(delivery) if delivery.state == State.SENDING else None
        with acting_as(SYSTEM):
            recover(delivery, by=SYSTEM, was_sent=was_sent)


def _claim(turn: Sender, *, most: int) -> list[Delivery]:
    """Due rows, leased. With the moment, on the monotonic clock, until which they are surely ours."""
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    turn.deadline = time.monotonic() + lease.total_seconds() * (1 - MARGIN)
    with acting_as(SYSTEM):
        now = timezone.now()
        keys = rows.claim(turn.token, now, lease, most=1, alone=True)
        keys = keys or rows.claim(turn.token, now, lease, most=most, alone=False)
        found = Delivery.objects.filter(pk__in=keys).with_address()
        return sorted(found, key=lambda delivery: (delivery.due_at, delivery.pk)) if keys else []


def _send_all(turn: Sender, claimed: Iterable[Delivery]) -> None:
    with ExitStack() as stack:
        for delivery in claimed:
            if time.monotonic() > turn.deadline:
                break
            if delivery.channel not in turn.lines:
                turn.lines[delivery.channel] = stack.enter_context(line_for(delivery.channel))
            _send(turn, delivery)
        _arm(turn, None)
    with acting_as(SYSTEM):
        rows.release(turn.token)


def _send(turn: Sender, delivery: Delivery) -> None:
    line, is_armed = turn.lines[delivery.channel], False
    try:
        line.offer(delivery)
        is_armed = _arm(turn, delivery)
        if not is_armed or time.monotonic() > turn.deadline:
            # Cancelled, held back, or paused for too long: then the row's next owner decides. Nothing was sent by us.
            return
        turn.gone = delivery, line.finish(delivery)
        turn.sent += 1
        return
    except SaidNo as no:
        outcome, trouble = (Outcome.NEVER if no.for_good else Outcome.NOT_NOW), str(no)
    except CutOff as cut:
        outcome, trouble = Outcome.UNCERTAIN, str(cut)
    except (OSError, smtplib.SMTPException) as broken:
        outcome, trouble = (Outcome.UNCERTAIN if is_armed else Outcome.NOT_NOW), type(broken).__name__
    except Exception as wrong:
        # A row that can't be written must not hold up its neighbours: after a few tries it is a person's.
        log.exception("delivery %s can't be written", delivery.pk)
        tries_left = delivery.tries < DEATHS_ALLOWED
        outcome = Outcome.UNCERTAIN if is_armed else Outcome.NOT_NOW if tries_left else Outcome.NEVER
        trouble = type(wrong).__name__
    log.warning("delivery %s: %s, %s", delivery.pk, outcome, trouble)
    _settle(delivery, turn.token, outcome, trouble)


def _arm(turn: Sender, delivery: Delivery | None) -> bool:
    """Settle what went; then commit that this body is about to go, if the lease holds and nothing speaks against it."""
    gone, turn.gone = turn.gone, None
    if gone is None and delivery is None:
        return False
    with acting_as(SYSTEM):
        now = timezone.now()
        if gone:
            rows.settle_sent(gone[0].pk, turn.token, now, gone[1])
        if delivery is None:
            return False
        if _has_had_enough(delivery, now):
            return _hold_back(delivery, turn.token, "capped: told often enough by this channel")
        if rows.arm(delivery.pk, turn.token, now, delivery.to.lower()):
            return True
        return _why_not(delivery, turn.token, now)


def _has_had_enough(delivery: Delivery, now: datetime) -> bool:
    """One reminder a day and three in a week, of the recipient's own days, by one channel."""
    if delivery.purpose not in CAPPED or delivery.channel == Channel.IN_APP or delivery.recipient is None:
        return False
    zone = ZoneInfo(delivery.recipient.time_zone or delivery.words.get("zone") or settings.TIME_ZONE)
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return rows.told_often(delivery.pk, delivery.recipient.pk, delivery.channel, since=today, week=now - WEEK)


def _why_not(delivery: Delivery, token: UUID, now: datetime) -> bool:
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.state == State.LEASED and row.lease_token == token:
        if row.expires_at and row.expires_at <= now:
            return _hold_back(row, token, "too late: what it reminds of has been")
        if row.is_suppressed():
            return _hold_back(row, token, "nothing is sent to this address any more")
    return False


def _hold_back(delivery: Delivery, token: UUID, why: str) -> bool:
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.state == State.LEASED and row.lease_token == token:
        row.move_to(State.CANCELLED, trouble=why)
        rows.note(row.pk, token, timezone.now(), Outcome.HELD_BACK, why)
    return False


def _settle(delivery: Delivery, token: UUID, outcome: Outcome, trouble: str) -> None:
    """Write down what became of an attempt that did not go through, unless the row was taken back meanwhile."""
    was_sent = look_up(delivery) if outcome is Outcome.UNCERTAIN else None
    with acting_as(SYSTEM):
        row = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if row.lease_token != token or row.state not in (State.LEASED, State.SENDING):
            return
        now = timezone.now()
        rows.note(row.pk, token, now, outcome, trouble)
        if outcome is Outcome.NOT_NOW:
            row.back_off(now, trouble)
        elif outcome is Outcome.NEVER:
            row.move_to(State.DEAD, trouble=trouble[:200])
        else:
            _settle_uncertain(row, now, trouble, was_sent)


def _settle_uncertain(delivery: Delivery, now: datetime, trouble: str, was_sent: bool | None) -> None:
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
        delivery.back_off(now, trouble, at_once=was_sent is False)
