"""What is asked of the work list when it is measured: every queue, order, filter and depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.test import Client

from clinicians.api.queue import SORTS, written
from clinicians.models import WorkItem
from clinicians.models.queue import Queue
from clinicians.models.work import Lane
from tests.bench.clinic import Clinic
from tests.bench.statements import Statements, counted

FILTERS = ("owner=me", "owner=none", "level=safety", "level=high", "level=high&sort=due", "due=late", "due=today",
           "due=late&sort=due")  # fmt: skip
TIDY = 40
PAGE, JSON = "/clinic/", "/api/v1/clinic/"


def place(queue: Queue) -> str:
    return "" if queue is Queue.ALL else f"{queue.value}/"


def asks(clinic: Clinic, *, in_depth: bool) -> Iterator[str]:
    """What follows /clinic/. Words are searched apart: what everybody says is found in part (FIND)."""
    for queue in Queue:
        yield from (f"{place(queue)}?sort={sort}" for sort in (SORTS if in_depth else ("risk",)))
        yield from (f"{place(queue)}?{chosen}" for chosen in FILTERS if in_depth or queue is Queue.ALL)
    known = WorkItem.objects.filter(lane=Lane.NEXT, department=clinic.places[0]).order_by("case").first()
    assert known
    yield from (f"?q={quote(words)}" for words in (known.name, f"F-{known.number}"))
    if in_depth:
        yield from deep(clinic)


def deep(clinic: Clinic) -> Iterator[str]:
    """The second page, one in the middle, and the last, of what is longest."""
    for queue, lane in ((Queue.ALL, Lane.NEXT), (Queue.REPLY, Lane.REPLY), (Queue.WAITING, Lane.WAITING)):
        for sort, (keys, way) in SORTS.items():
            rows = WorkItem.objects.filter(lane=lane, department=clinic.places[0], is_asleep=False)
            rows = rows.order_by(*(f"-{key}" if way < 0 else key for key in keys))
            count = rows.count()
            for name, place_in_line in (("after", 25), ("after", count // 2), ("before", count - 1)):
                row: Any = rows[min(place_in_line, count - 1)]
                cursor = quote("_".join(written(getattr(row, key)) for key in keys))
                yield f"{place(queue)}?sort={sort}&{name}={cursor}"


def ask(client: Client, path: str) -> tuple[Any, Statements]:
    """Asked again when writing to the trail has just tidied one of its indexes, which it does now and then."""
    with counted() as statements:
        answer = client.get(path, HTTP_ACCEPT="text/html" if path.startswith(PAGE) else "application/json")
    if answer.status_code != 200:
        raise AssertionError(f"{path} answered {answer.status_code}")
    has_tidied = any(sql.startswith("INSERT") and pages > TIDY for sql, pages in statements.found)
    return ask(client, path) if has_tidied else (answer, statements)
