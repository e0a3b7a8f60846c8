"""The steps of sending as statements: each one round trip, whoever else is sending at the same time.

Not by model instances: a reminder costs a few statements, of which one commits. Leases run by the database's clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from uuid_utils.compat import uuid7

from portal.models.deliveries import Outcome, Purpose
from portal.sending import ASK_STEP, HAD_ENOUGH, NOT_HELD, SUPPRESSED

WEEK: Final = timedelta(days=7)
# What is a reminder.
CAPPED: Final = (Purpose.FOLLOWUP_REMINDER.value,)
# What "stop" by e-mail stops: what one is told of one's follow-ups, not the mails of one's account.
STOPPABLE: Final = [purpose.value for purpose in Purpose if purpose.value.startswith(("followup_", "slot_", "missed_"))]

# A row that has lost a sender before is taken alone: should it be what kills them, it takes no neighbour along.
# Should a crash of the database forget the lease, its rows can't be armed: nobody has to wait for the disk.
CLAIM: Final = """
SET LOCAL synchronous_commit = off;
WITH due AS MATERIALIZED (
    SELECT id FROM portal_delivery
     WHERE state = 'pending' AND due_at <= %(now)s AND {which} AND {not_held}
     ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
UPDATE portal_delivery SET state = 'leased', lease_token = %(token)s, tries = tries + 1,
       lease_until = clock_timestamp() + %(lease)s
  FROM due WHERE portal_delivery.id = due.id
RETURNING portal_delivery.id
"""
CLAIM_ALONE: Final = CLAIM.replace("{which}", "deaths > 0").replace("{not_held}", NOT_HELD)
CLAIM_MANY: Final = CLAIM.replace("{which}", "deaths = 0").replace("{not_held}", NOT_HELD)
WHY_NOT: Final = f"""
SELECT expires_at <= %(now)s, ({SUPPRESSED} LIMIT 1), EXISTS ({HAD_ENOUGH}) FROM portal_delivery
 WHERE id = %(id)s AND state = 'leased' AND lease_token = %(token)s FOR UPDATE
"""  # noqa: S608
RELEASE: Final = """
UPDATE portal_delivery SET state = 'pending', lease_token = NULL, lease_until = NULL, tries = tries - 1
 WHERE lease_token = %(token)s AND (state = 'leased' OR state = 'sending' AND id = ANY (%(unsent)s))
"""
ATTEMPT: Final = """
INSERT INTO portal_attempt (id, created_at, delivery_id, token, outcome, trouble)
VALUES (%(key)s, %(now)s, %(id)s, %(token)s, %(outcome)s, %(trouble)s)
"""
WORDS: Final = {"stop": "stopped", "complaint": "stopped", "bounce": "bounced"}


def claim(token: UUID, now: datetime, lease: timedelta, *, most: int) -> list[UUID]:
    """Lease what is due: at most so many rows, in the order of their time; or one that lost a sender before."""
    asked = {"token": token, "lease": lease, "now": now, "most": 1}
    rows = _rows(CLAIM_ALONE, asked) or _rows(CLAIM_MANY, asked | {"most": most})
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class Next:
    """A row whose body is about to go. `recipient`: whose reminders are counted, nobody's where it is none."""

    key: UUID
    address: str
    channel: str
    recipient: UUID | None
    # Where the recipient is, it began then.
    day: datetime

    def asked(self, token: UUID, now: datetime) -> dict[str, Any]:
        return {
            "id": self.key, "token": token, "now": now, "address": self.address, "channel": self.channel,
            "recipient": self.recipient, "day": self.day, "week": now - WEEK,
            "capped": list(CAPPED), "stoppable": STOPPABLE,
        }  # fmt: skip


def settle_and_arm(
    token: UUID, now: datetime, gone: Sequence[tuple[UUID, str]], due: Sequence[Next]
) -> tuple[str, dict[str, Any]]:
    """What went is sent (`gone`: its key, and what its provider calls it), and the next are about to go, all by one
    channel.

    For one round trip and one commit. It answers with the keys of those that are still ours, and may go.
    """
    return ASK_STEP, {
        "token": token,
        "now": now,
        "gone": [key for key, _provider_id in gone],
        "provider_ids": [provider_id[:120] for _key, provider_id in gone],
        "attempts": [uuid7() for _gone in gone],
        "channel": due[0].channel if due else "",
        "ids": [one.key for one in due],
        "addresses": [one.address for one in due],
        "recipients": [one.recipient for one in due],
        "days": [one.day for one in due],
        "week": now - WEEK,
        "capped": list(CAPPED),
        "stoppable": STOPPABLE,
    }


def why_not(due: Next, token: UUID, now: datetime) -> str:
    """Why a row that is ours must not go, now or ever; nothing where it is ours no more, or the outbox is held."""
    for is_late, reason, has_had_enough in _rows(WHY_NOT, due.asked(token, now)):
        return "too late" if is_late else WORDS.get(reason, "capped" if has_had_enough else "")
    return ""


def release(token: UUID, *, unsent: Sequence[UUID]) -> None:
    """Give back what of a lease was not begun, and the rows that were armed and surely not sent."""
    _do(RELEASE, {"token": token, "unsent": list(unsent)})


def note(key: UUID, token: UUID | None, now: datetime, outcome: Outcome, trouble: str = "") -> None:
    """One row of the trail of sending."""
    _do(ATTEMPT, {"key": uuid7(), "now": now, "id": key, "token": token, "outcome": outcome, "trouble": trouble[:200]})


def database_now() -> datetime:
    now: datetime = _rows("SELECT clock_timestamp()", {})[0][0]
    return now


def _rows(statement: str, values: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        while cursor.description is None and cursor.nextset():
            pass
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _do(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
