"""Sending what is due: lease, arm, send, settle. Each step is a transaction of its own.

Celery only hints that something may be due; the rows say what. Any number of senders may run. The hot path
(portal/actions/turns.py) writes an `Attempt` for each attempt in the place of an audit event: append-only too, in the
same transaction. What a person or a recovery does about a row is a verb.
"""

from __future__ import annotations

import logging
from uuid import UUID

from django.utils import timezone

from portal.access import SYSTEM, Actor, IllegalMove, Permission
from portal.acting import acting_as
from portal.actions import outbox
from portal.actions.turns import Lines, Turn, settle_uncertain
from portal.channels.lines import look_up
from portal.models import Delivery
from portal.models import outbox_rows as rows
from portal.models.deliveries import DEATHS_ALLOWED, Outcome, State
from portal.verbs import verb

log = logging.getLogger(__name__)
# So many rows are leased at once; what of them is not begun in time is given back.
BATCH = 40
LAPSED_AT_ONCE = 200


@verb(Permission.DELIVERY_SEND)
def recover(delivery: Delivery, *, by: Actor, token: UUID | None = None, was_sent: bool | None = None) -> Delivery:
    """Take back a row whose sender has not been heard of since its lease ended.

    `was_sent`: what a look-up said of the attempt under `token`; of a later one it says nothing.
    """
    if delivery.lease_token != token or delivery.state not in (State.LEASED, State.SENDING):
        return delivery
    if delivery.lease_until is None or delivery.lease_until >= rows.database_now():
        return delivery
    delivery.deaths += 1
    delivery.save(update_fields=["deaths"])
    now = timezone.now()
    rows.note(delivery.pk, token, now, Outcome.LOST, delivery.state)
    if delivery.state == State.SENDING:
        settle_uncertain(delivery, now, "its sender was lost while sending", was_sent)
    elif delivery.deaths >= DEATHS_ALLOWED:
        delivery.move_to(State.DEAD, trouble="three senders died on it")
    else:
        delivery.back_off(now, "its sender was lost before anything was sent", at_once=True)
    return delivery


@verb(Permission.DELIVERY_RESOLVE)
def send_again(delivery: Delivery, *, by: Actor) -> Delivery:
    """A person has looked at it, and it is to go once more: under the same key and Message-ID.

    Who may have had it already (`possible_duplicate`) may get it twice, and the row goes on saying so.
    """
    if delivery.state != State.DEAD:
        raise IllegalMove("deliveries.send_again", delivery, "only what could not be sent is sent again")
    delivery.start_anew(timezone.now())
    return delivery


@verb(Permission.DELIVERY_RESOLVE)
def call_sent(delivery: Delivery, *, by: Actor) -> Delivery:
    """A person has found out that it arrived."""
    if delivery.state not in (State.DEAD, State.PENDING):
        raise IllegalMove("deliveries.call_sent", delivery, "it is on its way, or known already")
    now = timezone.now()
    rows.note(delivery.pk, None, now, Outcome.FOUND, "a person says so")
    delivery.call_sent(now)
    return delivery


@verb(Permission.DELIVERY_RESOLVE)
def let_go(delivery: Delivery, *, by: Actor) -> Delivery:
    """A person has looked at it, and it is not to go."""
    if delivery.state not in (State.DEAD, State.PENDING):
        raise IllegalMove("deliveries.let_go", delivery, "it is on its way, or went already")
    delivery.move_to(State.CANCELLED)
    return delivery


def deliver_due(limit: int = 500) -> int:
    """Send what is due now; how many were sent. Safe to run anywhere, any number of times at once."""
    if outbox.is_held():
        return 0
    _recover_lapsed()
    with Lines() as lines:
        sent = _send_in_turns(lines, limit)
    outbox.note_sweep()
    return sent


def _send_in_turns(lines: Lines, limit: int) -> int:
    sent = begun = 0
    while begun < limit:
        turn = Turn(lines)
        claimed = turn.claim(min(BATCH, limit - begun))
        if not claimed:
            break
        begun += len(claimed)
        turn.send_all(claimed)
        sent += turn.sent
    return sent


def _recover_lapsed() -> None:
    with acting_as(SYSTEM):
        lapsed = list(Delivery.objects.lapsed(rows.database_now()).with_address()[:LAPSED_AT_ONCE])
    for delivery in lapsed:
        # Asked before anything is locked: it may take its time.
        was_sent = look_up(delivery) if delivery.state == State.SENDING else None
        with acting_as(SYSTEM):
            recover(delivery, by=SYSTEM, token=delivery.lease_token, was_sent=was_sent)
