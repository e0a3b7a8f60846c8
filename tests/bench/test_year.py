"""Half a year of a small clinic, over the changes of clocks in spring: nothing differs."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.bench.year import Year, all_is_taken


@pytest.mark.django_db
def test_after_each_month_nothing_differs() -> None:
    year = Year(people=25, promises=40, seed=7, turns=1, by_senders=False)
    with all_is_taken():
        for made in year.live(180):
            assert made.differences == []
            # All of it is one transaction, of which the server's own counting sees nothing: its plans would go by what
            # ten thousand tests before have left. Late in one run this took four minutes in the place of ten seconds.
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
    assert year.checks[-1].created_at > year.checks[0].created_at
    assert sum(check.found for check in year.checks) > 0
    assert {"plan", "confirm", "move", "close", "live_elsewhere", "choose", "be_stopped"} <= set(year.done)
