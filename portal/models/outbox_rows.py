"""The steps of sending as statements: each one round trip, whoever else is sending at the same time.

Not by model instances: a reminder costs a few statements, of which one commits. Leases run by the database's clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from uuid_utils.compat import uuid7

from portal.models.deliveries import Outcome, Purpose

# What is a reminder: of these somebody gets so many by one channel, and no more.
CAPPED: Final = (Purpose.FOLLOWUP_REMINDER.value,)
A_DAY: Final = 1
A_WEEK: Final = 3

NOT_HELD: Final = "NOT EXISTS (SELECT FROM portal_outbox WHERE held_at IS NOT NULL)"
# A row that has lost a sender before is taken alone: should it be what kills them, it takes no neighbour along.
CLAIM: Final = f"""
UPDATE portal_delivery SET state = 'leased', lease_token = %(token)s, tries = tries + 1,
       lease_until = clock_timestamp() + %(lease)s
 WHERE id IN (
    SELECT id FROM portal_delivery
     WHERE state = 'pending' AND due_at <= %(now)s AND (deaths > 0) = %(alone)s AND {NOT_HELD}
     ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
   AND state = 'pending'
RETURNING id
"""  # noqa: S608
ARM: Final = f"""
UPDATE portal_delivery SET state = 'sending'
 WHERE id = %(id)s AND state = 'leased' AND lease_token = %(token)s AND lease_until > clock_timestamp()
   AND (expires_at IS NULL OR expires_at > %(now)s) AND {NOT_HELD}
   AND NOT EXISTS (SELECT FROM portal_suppression
                    WHERE channel = portal_delivery.channel AND address = %(address)s AND lifted_at IS NULL)
RETURNING id
"""  # noqa: S608
SETTLE: Final = """
WITH done AS (
    UPDATE portal_delivery SET state = 'sent', sent_at = %(now)s, trouble = '', provider_id = %(provider_id)s
     WHERE id = %(id)s AND lease_token = %(token)s AND state IN ('sending', 'uncertain') RETURNING id
)
INSERT INTO portal_attempt (id, created_at, delivery_id, token, outcome, trouble)
SELECT %(key)s, %(now)s, id, %(token)s, 'sent', '' FROM done
"""
RELEASE: Final = """
UPDATE portal_delivery SET state = 'pending', lease_token = NULL, lease_until = NULL, tries = tries - 1
 WHERE lease_token = %(token)s AND state = 'leased'
"""
TOLD: Final = """
SELECT count(*) FILTER (WHERE coalesce(sent_at, lease_until) >= %(day)s), count(*) FROM portal_delivery
 WHERE recipient_id = %(recipient)s AND channel = %(channel)s AND purpose = ANY (%(capped)s) AND id <> %(id)s
   AND (state = 'sent' AND sent_at >= %(week)s OR state = 'sending')
"""
ATTEMPT: Final = """
INSERT INTO portal_attempt (id, created_at, delivery_id, token, outcome, trouble)
VALUES (%(key)s, %(now)s, %(id)s, %(token)s, %(outcome)s, %(trouble)s)
"""


def claim(token: UUID, now: datetime, lease: timedelta, *, most: int, alone: bool) -> list[UUID]:
    """Lease what is due: at most so many rows, in the order of their time."""
    asked = {"token": token, "lease": lease, "now": now, "most": most, "alone": alone}
    return [row[0] for row in _rows(CLAIM, asked)]


def arm(key: UUID, token: UUID, now: datetime, address: str) -> bool:
    """Write that the body is about to go; False where the row is no longer ours, or must not go."""
    return bool(_rows(ARM, {"id": key, "token": token, "now": now, "address": address}))


def settle_sent(key: UUID, token: UUID, now: datetime, provider_id: str) -> None:
    _do(SETTLE, {"id": key, "token": token, "now": now, "provider_id": provider_id, "key": uuid7()})


def release(token: UUID) -> None:
    """Give back what of a lease was not begun."""
    _do(RELEASE, {"token": token})


def note(key: UUID, token: UUID | None, now: datetime, outcome: Outcome, trouble: str = "") -> None:
    """One row of the trail of sending."""
    _do(ATTEMPT, {"key": uuid7(), "now": now, "id": key, "token": token, "outcome": outcome, "trouble": trouble[:200]})


def told_often(key: UUID, recipient: UUID, channel: str, *, since: datetime, week: datetime) -> bool:
    """Whether this person had their reminders of the day or the week by this channel; asked under a lock of both."""
    _do("SELECT pg_advisory_xact_lock(hashtextextended(%(who)s, 5))", {"who": f"{recipient}{channel}"})
    asked = {"id": key, "recipient": recipient, "channel": channel, "capped": list(CAPPED), "day": since, "week": week}
    [(today, lately)] = _rows(TOLD, asked)
    return bool(today >= A_DAY or lately >= A_WEEK)


def database_now() -> datetime:
    now: datetime = _rows("SELECT clock_timestamp()", {})[0][0]
    return now


def _rows(statement: str, values: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _do(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
