"""What the database does between two mails of one sender: a function, so that it is planned once and not for each mail.

The row that went is settled, and the next is armed, in one round trip and one commit (asked by models/outbox_rows.py).
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
# As arguments of the function, in their order.
ARGUMENTS: Final = {
    "token": "uuid", "now": "timestamptz", "gone": "uuid", "provider_id": "text", "key": "uuid",
    "id": "uuid", "address": "text", "channel": "text", "recipient": "uuid", "day": "timestamptz",
    "week": "timestamptz", "capped": "text[]", "stoppable": "text[]",
}  # fmt: skip
ITS: Final = {name: f"its_{name}" for name in ARGUMENTS}
# How much a person has had is asked under a lock of the person and the channel, taken before: of two rows at once, one
# sees the other.
STEP: Final = f"""
CREATE OR REPLACE FUNCTION fascicle_sending_step({", ".join(f"its_{name} {of}" for name, of in ARGUMENTS.items())})
RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF its_gone IS NOT NULL THEN
        WITH done AS (
            UPDATE portal_delivery SET state = 'sent', sent_at = its_now, trouble = '', provider_id = its_provider_id
             WHERE id = its_gone AND lease_token = its_token AND state IN ('sending', 'uncertain') RETURNING id
        )
        INSERT INTO portal_attempt (id, created_at, delivery_id, token, outcome, trouble)
        SELECT its_key, its_now, id, its_token, 'sent', '' FROM done;
    END IF;
    IF its_id IS NULL THEN RETURN false; END IF;
    IF its_recipient IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(its_recipient || its_channel, 5));
    END IF;
    UPDATE portal_delivery SET state = 'sending'
     WHERE id = its_id AND state = 'leased' AND lease_token = its_token AND lease_until > clock_timestamp()
       AND (expires_at IS NULL OR expires_at > its_now) AND {NOT_HELD} AND NOT EXISTS ({SUPPRESSED % ITS})
       AND NOT EXISTS ({HAD_ENOUGH % ITS});
    RETURN FOUND;
END $$
"""  # noqa: S608
ASK_STEP: Final = f"SELECT fascicle_sending_step({', '.join(f'%({name})s::{of}' for name, of in ARGUMENTS.items())})"
