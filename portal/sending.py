"""What the database does between two hands of one sender: a function, so that it is planned once and not for each mail.

The rows that went are settled, and the next are armed, in one round trip and one commit (asked by
models/outbox_rows.py).
"""

from __future__ import annotations

from typing import Final

# Of reminders somebody gets so many by one channel, and no more.
A_DAY: Final = 1
A_WEEK: Final = 3
NOT_HELD: Final = "NOT EXISTS (SELECT FROM portal_outbox WHERE held_at IS NOT NULL)"
# By the one address, or by whichever numbers and browsers of this channel are the recipient's.
SUPPRESSED: Final = """
SELECT reason FROM portal_suppression AS stop
 WHERE stop.lifted_at IS NULL AND stop.channel = portal_delivery.channel
   AND stop.address = ANY (ARRAY[%(address)s] || ARRAY(
        SELECT value::text FROM portal_contactpoint
         WHERE user_id = portal_delivery.recipient_id AND system = portal_delivery.channel AND removed_at IS NULL))
   AND (stop.reason <> 'stop' OR stop.channel <> 'email' OR portal_delivery.purpose = ANY (%(stoppable)s))
"""
# One reminder a day and three in a week, by one channel. Two questions, so that each has an index that answers it.
HAD_ENOUGH: Final = f"""
SELECT FROM (
    SELECT sent_at AS at FROM portal_delivery
     WHERE state = 'sent' AND recipient_id = %(recipient)s AND channel = %(channel)s AND sent_at >= %(week)s
       AND purpose = ANY (%(capped)s) AND id <> %(id)s
    UNION ALL
    SELECT lease_until FROM portal_delivery
     WHERE state = 'sending' AND recipient_id = %(recipient)s AND channel = %(channel)s
       AND purpose = ANY (%(capped)s) AND id <> %(id)s) AS told
HAVING count(*) FILTER (WHERE at >= %(day)s) >= {A_DAY} OR count(*) >= {A_WEEK}
"""  # noqa: S608
# As arguments of the function, in their order. Lists go together: what went, and what is about to go.
ARGUMENTS: Final = {
    "token": "uuid", "now": "timestamptz", "gone": "uuid[]", "provider_ids": "text[]", "attempts": "uuid[]",
    "channel": "text", "ids": "uuid[]", "addresses": "text[]", "recipients": "uuid[]", "days": "timestamptz[]",
    "week": "timestamptz", "capped": "text[]", "stoppable": "text[]",
}  # fmt: skip
ITS: Final = {name: f"its_{name}" for name in ARGUMENTS} | {
    name: f"next.{name}" for name in ("id", "address", "recipient", "day")
}
# How much a person has had is asked under a lock of the person and the channel, taken before and in one order: of two
# rows at once, one sees the other. In one hand nobody is met twice. Rows are found by their keys, whatever the table
# was like when this was planned.
STEP: Final = f"""
CREATE OR REPLACE FUNCTION fascicle_sending_step({", ".join(f"its_{name} {of}" for name, of in ARGUMENTS.items())})
RETURNS uuid[] LANGUAGE plpgsql SET search_path = pg_catalog, public
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    armed uuid[];
BEGIN
    IF its_gone <> ARRAY[]::uuid[] THEN
        WITH done AS (
            UPDATE portal_delivery SET state = 'sent', sent_at = its_now, trouble = '', provider_id = told.provider
              FROM unnest(its_gone, its_provider_ids, its_attempts) AS told (id, provider, attempt)
             WHERE portal_delivery.id = told.id AND lease_token = its_token AND state IN ('sending', 'uncertain')
            RETURNING portal_delivery.id, told.attempt
        )
        INSERT INTO portal_attempt (id, created_at, delivery_id, token, outcome, trouble)
        SELECT attempt, its_now, id, its_token, 'sent', '' FROM done;
    END IF;
    IF its_ids = ARRAY[]::uuid[] THEN RETURN its_ids; END IF;
    PERFORM pg_advisory_xact_lock(key) FROM (
        SELECT DISTINCT hashtextextended(one || its_channel, 5) AS key FROM unnest(its_recipients) AS one
         WHERE one IS NOT NULL ORDER BY key) AS keys;
    WITH now_armed AS (
        UPDATE portal_delivery SET state = 'sending'
          FROM unnest(its_ids, its_addresses, its_recipients, its_days) AS next (id, address, recipient, day)
         WHERE portal_delivery.id = next.id AND state = 'leased' AND lease_token = its_token
           AND lease_until > clock_timestamp() AND (expires_at IS NULL OR expires_at > its_now) AND {NOT_HELD}
           AND NOT EXISTS ({SUPPRESSED % ITS} OFFSET 0) AND NOT EXISTS ({HAD_ENOUGH % ITS} OFFSET 0)
        RETURNING portal_delivery.id
    )
    SELECT coalesce(array_agg(id), ARRAY[]::uuid[]) FROM now_armed INTO armed;
    RETURN armed;
END $$
"""  # noqa: S608
ASK_STEP: Final = f"SELECT fascicle_sending_step({', '.join(f'%({name})s::{of}' for name, of in ARGUMENTS.items())})"
