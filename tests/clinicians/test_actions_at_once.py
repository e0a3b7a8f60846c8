"""Six at the same moment: one wins, five are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from clinicians.actions import cases, prescriptions, results
from patients.models import Case, Message
from portal.access import IllegalMove
from portal.acting import acting_as
from portal.models import AuditEvent, User
from tests import make
from tests.clinicians.test_actions import answered

SIX = 6


def at_once(do: Callable[[], object], by: User) -> Counter[str]:
    """How it ended for each of six who start together."""
    together = Barrier(SIX)

    def one(_number: int) -> str:
        try:
            with acting_as(by):
                together.wait(timeout=20)
                do()
            return "won"
        except IllegalMove:
            return "told"
        finally:
            connection.close()

    with ThreadPoolExecutor(SIX) as pool:
        return Counter(pool.map(one, range(SIX)))


@pytest.mark.django_db(transaction=True)
def test_six_close_one_case(triaged: Case, nadia: User) -> None:
    assert at_once(lambda: cases.close(triaged, by=nadia), nadia) == {"won": 1, "told": 5}
    assert Counter(AuditEvent.objects.filter(name="cases.close").values_list("kind", flat=True)) == {
        "verb": 1, "refusal": 5,
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_six_reply_to_one_case(triaged: Case, nadia: User) -> None:
    outcomes = answered(triaged)

    def reply() -> object:
        return cases.reply(triaged, by=nadia, body="Yes.", safety_net="Call.", outcomes=outcomes)

    assert at_once(reply, nadia) == {"won": 1, "told": 5}
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_six_release_one_result_and_six_stop_one_medicine(triaged: Case, nadia: User) -> None:
    result, row = make.make_result(triaged, by=nadia), make.make_prescription(triaged, by=nadia)
    released = at_once(lambda: results.release(result, by=nadia, comment="All is well."), nadia)
    stopped = at_once(lambda: prescriptions.stop(row, by=nadia, reason="Enough"), nadia)
    assert released == stopped == {"won": 1, "told": 5}
