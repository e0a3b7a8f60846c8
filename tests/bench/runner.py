"""One runner of `make bench-reminders`, a process of its own: it waits for a line, works, and says its figures.

bare N     N mails over one line that is kept open, by smtplib and nothing else
deliver    what is due, until nothing is
claim      for each line that it reads: so many claims of twenty rows, each rolled back, and their milliseconds
"""

from __future__ import annotations

import smtplib
import sys
import time
from datetime import timedelta
from email.utils import parseaddr

import django

django.setup()

from django.conf import settings  # noqa: E402 the settings come first
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from uuid_utils.compat import uuid4  # noqa: E402

from portal.access import SYSTEM  # noqa: E402
from portal.acting import acting_as  # noqa: E402
from portal.actions import deliveries  # noqa: E402
from portal.channels.email import write_mail  # noqa: E402
from portal.models import Delivery, User, outbox_rows  # noqa: E402
from portal.models.deliveries import Purpose  # noqa: E402


def say(answer: object) -> None:
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()


def bare(number: int) -> int:
    account = User(name="Patient", email="patient@example.org")
    words = {"path": "/my/", "day": "2027-03-04", "zone": "Europe/Warsaw"}
    row = Delivery(recipient=account, purpose=Purpose.FOLLOWUP_REMINDER, words=words, message_id="<x@localhost>")
    mail = write_mail(row)
    sender, body = parseaddr(mail.from_email)[1], mail.message().as_bytes()
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as server:
        server.ehlo()
        say("ready")
        sys.stdin.readline()
        for _mail in range(number):
            server.sendmail(sender, [account.email], body)
    return number


def deliver() -> int:
    """After one sweep that finds what a process finds out once."""
    deliveries.deliver_due(0)
    say("ready")
    sys.stdin.readline()
    sent = 0
    while count := deliveries.deliver_due(100_000):
        sent += count
    return sent


def claim(times: int) -> list[float]:
    """Only the statement: what is around it is the same whatever the table holds."""
    took = []
    for _claim in range(times):
        with acting_as(SYSTEM):
            began = time.perf_counter()
            rows = outbox_rows.claim(uuid4(), timezone.now(), timedelta(seconds=60), most=20)
            took.append((time.perf_counter() - began) * 1000)
            assert len(rows) == 20
            transaction.set_rollback(True)
    return took


def main(what: str, *words: str) -> None:
    if what == "claim":
        for line in sys.stdin:
            say(" ".join(map(str, claim(int(line)))))
    else:
        say(bare(int(words[0])) if what == "bare" else deliver())


if __name__ == "__main__":
    main(*sys.argv[1:])
