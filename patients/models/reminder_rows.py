"""What the nightly comparison reads: dates, states and keys, a thousand follow-ups at a time, each thousand in one
statement, so that it sees them at one moment while the clinic works on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from patients.rules.promised_reminders import Promise
from patients.rules.reminder_differences import Row, Standing
from portal.models.contact_points import QUIET_UNTIL

AT_ONCE: Final = 1000
FIRST: Final = UUID(int=0)
SQL: Final = """
WITH f AS MATERIALIZED (
    SELECT id, patient_id, created_at, due_on, latest_on, status, sequence, missed_at, call_at, closed_at, visible_at
      FROM patients_followup WHERE id > %s ORDER BY id LIMIT %s
), told AS MATERIALIZED (
    SELECT * FROM fascicle_told(ARRAY(SELECT DISTINCT patient_id FROM f))
)
SELECT f.*, told.user_id, told.time_zone, told.since, w.quiet_until, coalesce(w.wants_same_day, false),
       coalesce(w.first, 'email'), coalesce(w.second, ''),
       ARRAY(
           SELECT 'email' FROM portal_user AS u WHERE u.id = told.user_id AND NOT EXISTS (
               SELECT FROM portal_suppression AS s
                WHERE s.lifted_at IS NULL AND s.channel = 'email' AND s.address = lower(u.email))
           UNION
           SELECT p.system FROM portal_contactpoint AS p
            WHERE p.user_id = told.user_id AND p.confirmed_at IS NOT NULL AND p.removed_at IS NULL AND NOT EXISTS (
               SELECT FROM portal_suppression AS s
                WHERE s.lifted_at IS NULL AND s.channel = p.system AND s.address = p.value)
       ),
       (SELECT a.starts_at FROM patients_appointment AS a WHERE a.followup_id = f.id AND a.status = 'booked'),
       EXISTS (SELECT FROM patients_callattempt AS c WHERE c.followup_id = f.id),
       (SELECT json_agg(json_build_array(
                   d.dedupe_key, r.slot, r.local_date, r.time_zone, t.channel, extract(epoch FROM r.due_at),
                   extract(epoch FROM t.created_at), extract(epoch FROM d.due_at), d.state, d.tries, d.trouble,
                   extract(epoch FROM d.sent_at), d.bounced_at IS NOT NULL, d.words ->> 'day', d.words -> 'sequence'))
          FROM patients_telling AS t
          JOIN patients_reminder AS r ON r.id = t.reminder_id
          JOIN portal_delivery AS d ON d.id = t.delivery_id
         WHERE t.followup_id = f.id AND (f.closed_at IS NULL OR d.state IN ('pending', 'leased')
               OR d.sent_at > f.closed_at + interval '5 minutes'))
  FROM f LEFT JOIN told ON told.patient_id = f.patient_id
  LEFT JOIN portal_contactpreference AS w ON w.user_id = told.user_id
 ORDER BY f.id
"""


def all_standing() -> Iterator[Standing]:
    """Every follow-up, closed ones too, in the order of their keys."""
    after = FIRST
    while found := _after(after):
        yield from (_standing(row) for row in found)
        after = found[-1][0]


def _after(key: UUID) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL, [key, AT_ONCE])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _standing(found: tuple[Any, ...]) -> Standing:
    pk, _patient, created, due, latest, status, sequence, missed, call, closed, visible, *told = found
    user, zone, since, quiet, same_day, first, second, usable, starts, was_called, rows = told
    promise = None
    if user:
        ways = _ways(first, second, set(usable))
        is_confirmed = status == "confirmed"
        promise = Promise(due, starts, zone, is_confirmed, quiet or QUIET_UNTIL, same_day, *ways)
    return Standing(
        pk=str(pk),
        since=max(created, since or created),
        latest_on=latest,
        sequence=sequence,
        missed_at=missed,
        closed_at=closed,
        call_at=call,
        was_called=was_called,
        visible_at=visible,
        promise=promise,
        rows=tuple(_row(row) for row in (json.loads(rows) if isinstance(rows, str) else rows or ())),
    )


def _ways(first: str, second: str, usable: set[str]) -> tuple[str, str | None]:
    """By what one is told first, as far as it can be used, and by what if there is no answer."""
    if first in usable:
        return first, second if second in usable else None
    return second if second in usable else "email", None


def _row(found: list[Any]) -> Row:
    key, slot, day, zone, channel, promised, made, due, state, tries, trouble, sent, bounced, said, sequence = found
    return Row(
        key=key,
        slot=slot,
        day=date.fromisoformat(day),
        zone=zone,
        channel=channel,
        promised_at=_at(promised),
        made_at=_at(made),
        due_at=_at(due),
        state=state,
        tries=tries,
        trouble=trouble,
        sent_at=_at(sent) if sent is not None else None,
        is_bounced=bounced,
        said_day=said or "",
        sequence=sequence or 0,
    )


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
