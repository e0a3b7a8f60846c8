"""Events of transactions that end in another order than they began, while the sealer runs."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import pytest
from django.db import connection, transaction

from portal.actions import seals
from portal.models import AuditEvent, AuditSeal
from portal.seal_check import check
from tests.audit.trail import write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("copy")]
WRITERS, TURNS = 8, 40


def write_at_odds(seed: int) -> int:
    """Transactions of one to four events, some slow, some taken back; how many events stayed."""
    chance, stayed = random.Random(seed), 0
    try:
        for _turn in range(TURNS):
            count = chance.randint(1, 4)
            with transaction.atomic():
                write(count, people=[uuid4()])
                time.sleep(chance.choice([0, 0, 0.002, 0.02]))
                if is_kept := chance.random() > 0.2:
                    stayed += count
                transaction.set_rollback(not is_kept)
    finally:
        connection.close()
    return stayed


def seal_until(done: Event) -> int:
    sealed = 0
    try:
        while not done.is_set():
            sealed += seals.seal_due()
    finally:
        connection.close()
    return sealed


def test_every_event_is_sealed_once_while_eight_write() -> None:
    done = Event()
    with ThreadPoolExecutor(WRITERS + 2) as pool:
        sealers = [pool.submit(seal_until, done) for _number in range(2)]
        stayed = sum(pool.map(write_at_odds, range(WRITERS)))
        done.set()
        sealed = sum(sealer.result() for sealer in sealers)
    assert sealed > 0, "nothing was sealed while they wrote, so nothing was tried"
    seals.seal_due()
    covered = [serial for seal in AuditSeal.objects.order_by("number") for serial in seal.serials]
    written = list(AuditEvent.objects.order_by("serial").values_list("serial", flat=True))
    assert covered == written
    assert len(written) == stayed
    assert check().events == stayed


def test_a_late_event_is_waited_for_and_later_writers_are_not() -> None:
    """Who had begun when the number was read must end first; who begins after that holds nobody up."""
    wrote, may_end, second, third = Event(), Event(), Event(), Event()

    def slowly(wrote: Event, may_end: Event) -> None:
        try:
            with transaction.atomic():
                write(1)
                wrote.set()
                assert may_end.wait(20)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        late = pool.submit(slowly, wrote, may_end)
        assert wrote.wait(20)
        write(1)  # A higher number, visible at once.
        assert seals.seal_due() == 0
        later = pool.submit(slowly, second, third)
        assert second.wait(20)
        assert seals.seal_due() == 0
        may_end.set()
        late.result()
        # The second writer is still at it: the two before it are sealed all the same.
        assert seals.seal_due() == 2
        third.set()
        later.result()
    assert seals.seal_due() == 1
    assert check().events == 3
