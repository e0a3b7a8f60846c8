"""One runner of `make bench-reminders`, a process of its own: it waits for a line, works, and says its figures.

copies N L   N times one mail that was written before, over L lines in turn, by smtplib and nothing else
bare N M L   the Nth part of M of what is due: read, written as Django does it and sent, over L lines in turn
deliver      what is due, until nothing is
claim        for each line that it reads: so many claims of twenty rows, each rolled back, and their milliseconds
"""

from __future__ import annotations

import smtplib
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from email.utils import parseaddr
from itertools import cycle, islice
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 the settings come first
from django.core.mail import EmailMessage  # noqa: E402
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


def sample() -> EmailMessage:
    account = User(name="Patient", email="patient@example.org")
    words = {"path": "/my/", "day": "2027-03-04", "zone": "Europe/Warsaw"}
    row = Delivery(recipient=account, purpose=Purpose.FOLLOWUP_REMINDER, words=words, message_id="<x@localhost>")
    return write_mail(row)


def as_bytes(mail: EmailMessage) -> bytes:
    message: Any = mail.message()
    return bytes(message.as_bytes(linesep="\r\n"))


def begin() -> None:
    """Once what a process finds out once is found out."""
    sample()
    say("ready")
    sys.stdin.readline()


def opened(stack: ExitStack, lines: int) -> list[smtplib.SMTP]:
    to: tuple[str, int] = settings.EMAIL_HOST, settings.EMAIL_PORT
    servers = [stack.enter_context(smtplib.SMTP(*to)) for _line in range(lines)]
    for server in servers:
        server.ehlo()
    return servers


def copies(number: int, lines: int) -> int:
    mail = sample()
    sender, body = parseaddr(mail.from_email)[1], as_bytes(mail)
    with ExitStack() as stack:
        servers = opened(stack, lines)
        begin()
        for server in islice(cycle(servers), number):
            server.sendmail(sender, mail.to, body)
    return number


def bare(part: int, parts: int, lines: int) -> int:
    with acting_as(SYSTEM), ExitStack() as stack:
        servers = opened(stack, lines)
        due = Delivery.objects.due(timezone.now()).with_address()
        size = due.count() // parts
        begin()
        mine = due.order_by("pk")[part * size : (part + 1) * size].iterator(chunk_size=20)
        for row, server in zip(mine, cycle(servers), strict=False):
            mail = write_mail(row)
            server.sendmail(parseaddr(mail.from_email)[1], mail.to, as_bytes(mail))
    return size


def deliver() -> int:
    deliveries.deliver_due(0)
    begin()
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


WORK: dict[str, Callable[..., int]] = {"copies": copies, "bare": bare, "deliver": deliver}


def main(what: str, *words: str) -> None:
    if what == "claim":
        for line in sys.stdin:
            say(" ".join(map(str, claim(int(line)))))
    else:
        say(WORK[what](*map(int, words)))


if __name__ == "__main__":
    main(*sys.argv[1:])
