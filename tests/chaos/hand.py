"""The hand that queues and cancels, as a process of its own: one line of JSON is one wish, one line the answer.

It works as the code does that reminds: `Delivery.queue`, and the row's own `cancel` under its lock.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import django

django.setup()

from django.db import connection  # noqa: E402 the settings come first

from portal.access import SYSTEM  # noqa: E402
from portal.acting import acting_as  # noqa: E402
from portal.models import Delivery, User  # noqa: E402
from portal.models.deliveries import Purpose, State  # noqa: E402

WORDS = {"path": "/my/", "day": "2027-03-04", "zone": "Europe/Warsaw"}


def fill(tag: str, people: list[str], due: list[float], harm: dict[str, str]) -> int:
    """One reminder for each of these accounts, due at these moments."""
    # It may be another server than last time.
    connection.close()
    with acting_as(SYSTEM):
        for number, (pk, moment) in enumerate(zip(people, due, strict=True)):
            words = WORDS | ({"harm": harm[str(number)]} if str(number) in harm else {})
            at = datetime.fromtimestamp(moment, UTC)
            account = User(pk=UUID(pk))
            Delivery.queue(account, Purpose.FOLLOWUP_REMINDER, key=f"{tag}:{number}", due_at=at, words=words)
    return len(people)


def cancel(key: str) -> dict[str, Any]:
    """Confirmed when the state says so and the transaction is over."""
    with acting_as(SYSTEM):
        row = Delivery.objects.select_for_update().get(pk=Delivery.pk_of(key))
        row.cancel()
    return {"id": row.message_id.strip("<>"), "confirmed": row.state == State.CANCELLED, "at": time.time()}


def main() -> None:
    for line in sys.stdin:
        wish = json.loads(line)
        answer = fill(**wish) if wish.pop("do") == "fill" else cancel(**wish)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
