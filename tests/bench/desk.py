"""What the work list costs at two sizes of a clinic: `make bench-desk` (CASES=100000 for a smaller one).

EACH=1 also shows the pages of each statement, at both sizes. It fails beyond a bar. Pages and statements are the same
on every machine; times are of this one, interleaved.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median, quantiles
from typing import Any, NamedTuple
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.conf import settings  # noqa: E402 the settings come first
from django.core.cache import caches  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import override_settings, setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402

from clinicians.models import queue  # noqa: E402
from patients.models import Case  # noqa: E402
from portal.access import Role  # noqa: E402
from portal.acting import acting_as  # noqa: E402
from tests import make  # noqa: E402
from tests.bench import bare, storm  # noqa: E402
from tests.bench.asks import JSON, PAGE, ask, asks  # noqa: E402
from tests.bench.clinic import Clinic, at_database, copied, signed_in  # noqa: E402
from tests.bench.overload import CLIENTS, put_under_load  # noqa: E402
from tests.bench.statements import Statements  # noqa: E402

SMALL = int(os.environ.get("SMALL", "10000"))
LARGE = int(os.environ.get("CASES", "1000000"))
RUNS = int(os.environ.get("RUNS", "250"))
SECONDS = int(os.environ.get("SECONDS", "60"))
WARM_UP = 20
BLOCK = 25
STATEMENTS, PAGES, GROWTH, SLOWER, DEARER, MEMORY = 12, 600, 1.5, 1.5, 2.5, 1.05
TIMED = ("", "?sort=due", "?sort=newest", "reply/", "waiting/?sort=longest", "mine/", "results/", "?due=late")
NAMES = ("small", "large")

EACH = "EACH" in os.environ

failed: list[str] = []


class Cost(NamedTuple):
    rows: int
    of: Statements


def say(
    what: str, figures: Sequence[float] | None = None, unit: str = "", *, bar: str = "", holds: bool = True
) -> None:
    shown = ""
    if figures:
        shown = f"{min(figures):9.2f} {median(figures):9.2f} {max(figures):9.2f} {unit}"
    verdict = f"  ({bar}) {'holds' if holds else 'FAILS'}" if bar else ""
    sys.stdout.write(f"{what:58} {shown}{verdict}\n")
    sys.stdout.flush()
    if not holds:
        failed.append(what)


def p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[-1]


def made() -> tuple[Clinic, Clinic]:
    """A small clinic in one database and a large one in another, of the same departments and people."""
    call_command("migrate", verbosity=0)
    small = Clinic.established()
    copied(to="large")
    clinics = []
    for name, size in zip(NAMES, (SMALL, LARGE), strict=True):
        clinic = Clinic(small.places, small.clinician, small.triage, small.coordinator)
        with at_database(database(name)):
            began = time.perf_counter()
            clinic.grow(size)
            say(f"{size:,} cases made in {time.perf_counter() - began:.0f} s")
        clinics.append(clinic)
    return clinics[0], clinics[1]


HERE = str(connection.settings_dict["NAME"])


def database(name: str) -> str:
    return HERE if name == "small" else name


def measure_pages(small: Clinic, large: Clinic) -> None:
    """Every address, by everybody, at both sizes."""
    for kind, address in (("page", PAGE), ("JSON", JSON)):
        found = []
        for name, clinic in zip(NAMES, (small, large), strict=True):
            with at_database(database(name)):
                found.append(costs(clinic, address))
        # The same place in line is the same question; what is in its cursor differs.
        judge_pages(
            kind, [(asked, few, many) for (asked, few), many in zip(found[0].items(), found[1].values(), strict=True)]
        )


def costs(clinic: Clinic, address: str) -> dict[str, Cost]:
    found = {}
    for who, account in clinic.people.items():
        client = signed_in(account)
        for number, path in enumerate(asks(clinic, in_depth=True)):
            if number % BLOCK == 0:
                unthrottled()
            if not number:
                ask(client, f"{address}?q=F-1+Nobody")  # what a connection looks up once is charged to nobody
            answer, statements = ask(client, address + path)
            rows = answer.content.count(b"data-row") if address == PAGE else len(answer.json()["rows"])
            path = path.partition("&after")[0].partition("&before")[0]
            found[f"{who}, {number} {path or 'the first list'}"] = Cost(rows, statements)
    return found


def judge_pages(kind: str, both: Sequence[tuple[str, Cost, Cost]]) -> None:
    statements, pages = [many.of.count for _, _, many in both], [many.of.pages for _, _, many in both]
    say(f"{kind}: statements a request", statements, bar=f"at most {STATEMENTS}", holds=max(statements) <= STATEMENTS)
    say(f"{kind}: pages of the database, {SMALL:,} cases", [few.of.pages for _, few, _ in both])
    say(f"the same, {LARGE:,} cases", pages, bar=f"at most {PAGES}", holds=max(pages) <= PAGES)
    # Where fewer rows are shown, fewer pages are touched: only equal answers are compared, and of what is not empty.
    alike = [(many.of.pages / few.of.pages, asked, few, many) for asked, few, many in both if few.rows == many.rows > 0]
    worst = sorted(alike, key=lambda row: row[0], reverse=True)[:3]
    say(f"pages, {len(alike)} addresses that show as many rows at both sizes", [row[0] for row in alike], "×",
        bar=f"at most {GROWTH}×", holds=worst[0][0] <= GROWTH)  # fmt: skip
    for ratio, asked, few, many in worst:
        say(f"  {ratio:.2f}×: {few.of.pages} and {many.of.pages} pages for {asked}")
    if EACH:
        show_each([few.of for _, few, _ in both], [many.of for _, _, many in both])
        show_each([few.of for _, _, few, _ in worst[:1]], [many.of for *_, many in worst[:1]])


def show_each(*sizes: Sequence[Statements]) -> None:
    """Minimum, median and maximum of each kind of statement, side by side; the kind is what it reads or writes."""
    kinds: dict[str, tuple[list[int], list[int]]] = {}
    for place, size in enumerate(sizes):
        for sql, pages in (one for statements in size for one in statements.found):
            kinds.setdefault(table_of(sql), ([], []))[place].append(pages)
    for kind, found in sorted(kinds.items()):
        say(f"  {kind}: " + ", ".join(f"{min(of)} {median(of):.0f} {max(of)}" for of in found if of))


def table_of(sql: str) -> str:
    named = re.search(r'(?:FROM|INTO|UPDATE) "?(\w+)', sql) or re.search(r"(\w+)\(", sql)
    return f"{sql.split()[0].strip('(').lower()} {named[1] if named else ''}"


def blocks(clinics: dict[str, Clinic], run: Callable[[str, Client, int], None]) -> None:
    """RUNS requests at each size, in turns."""
    for begun in range(0, RUNS, BLOCK):
        for name in NAMES:
            with at_database(database(name)):
                unthrottled()
                client = signed_in(clinics[name].clinician)
                for warm in TIMED:
                    client.get(JSON + warm)
                for number in range(begun, begun + BLOCK):
                    run(name, client, number)


def measure_times(clinics: dict[str, Clinic]) -> None:
    for kind, address in (("page", PAGE), ("JSON", JSON)):
        times: dict[str, list[float]] = {name: [] for name in NAMES}

        def once(name: str, client: Client, number: int, address: str = address, times: Any = times) -> None:
            began = time.perf_counter()
            answer = client.get(address + TIMED[number % len(TIMED)])
            assert answer.status_code == 200
            times[name].append((time.perf_counter() - began) * 1000)

        blocks(clinics, once)
        for name, size in zip(NAMES, (SMALL, LARGE), strict=True):
            say(f"{kind}, {size:,} cases, {RUNS} requests; 95th percentile {p95(times[name]):.1f}", times[name], "ms")
        ratio = p95(times["large"]) / p95(times["small"])
        say(f"{kind}: 95th percentile {ratio:.2f}×", bar=f"at most {SLOWER}×", holds=ratio <= SLOWER)


def measure_json(clinic: Clinic) -> None:
    """Processor time of this process, one request of each in turns: through the same middleware and session."""
    times: dict[str, list[float]] = {"the work list": [], "the bare list": []}
    with at_database(database("large")), override_settings(ROOT_URLCONF="tests.bench.bare"):
        client = signed_in(clinic.clinician)
        rows = client.get(JSON).json()["rows"]
        bare.fill(rows)
        for number in range(RUNS + BLOCK):
            if number % BLOCK == 0:
                unthrottled()
            for name, path in (("the work list", JSON), ("the bare list", bare.ADDRESS)):
                began = time.process_time()
                answer = client.get(path)
                took = (time.process_time() - began) * 1000
                if answer.status_code != 200 or len(answer.json().get("rows", answer.json().get("results"))) != 25:
                    raise SystemExit(f"{path} answered {answer.status_code}")
                if number >= BLOCK:
                    times[name].append(took)
    say("compared: a ListAPIView, a ModelSerializer of the same fields, 25 rows of one indexed table; processor time")
    for name, found in times.items():
        say(f"JSON of {name}, processor time", found, "ms")
    ratio = median(times["the work list"]) / median(times["the bare list"])
    say(f"JSON by the bare list: {ratio:.2f}×", bar=f"at most {DEARER}×", holds=ratio <= DEARER)


def measure_counts(clinic: Clinic) -> None:
    """The numbers of all queues, and one list, asked in turns of the same desk."""
    times: dict[str, list[float]] = {"counts": [], "list": []}
    with at_database(database("large")):
        for _run in range(RUNS):
            for by in (clinic.clinician, clinic.triage):
                with acting_as(by):
                    desk, now = queue.Desk.of(by), timezone.now()
                    began = time.perf_counter()
                    streams = desk.streams(queue.Queue.ALL)
                    list(queue.merged(streams, desk.items, now, ("risk", "due_at", "case_id"), 26))
                    between = time.perf_counter()
                    desk.counts(now)
                    times["list"].append((between - began) * 1000)
                    times["counts"].append((time.perf_counter() - between) * 1000)
    for name, found in times.items():
        say(f"asking for the {name} of the first queue" if name == "list" else "asking for all counts", found, "ms")
    ratio = median(times["counts"]) / median(times["list"])
    say(f"counts by the list: {ratio:.2f}×", bar="no dearer", holds=ratio <= 1)


def measure_exactness(clinic: Clinic) -> None:
    """Counts by the lists, walked to their ends, after four writers and the clock were at the same cases."""
    with at_database(database("large")):
        some = Case.objects.open().filter(department=clinic.places[0]).order_by("-id")[:60]
        done = storm.blow([case.pk for case in some], [clinic.clinician], 10, 1)
        wrong = {
            who: (counted, listed)
            for who, by in clinic.people.items()
            for counted, listed in [(storm.counts(by), storm.lists(by))]
            if counted != listed
        }
    say(f"counts after {done} writes at once, {len(clinic.people)} people: {wrong or 'as long as the lists'}",
        bar="exact", holds=not wrong)  # fmt: skip


def measure_overload(clinic: Clinic) -> None:
    """Each client is somebody else, so that nobody is told to ask less often."""
    with at_database(database("large")):
        crew = [make.make_user(role=Role.CLINICIAN, department=clinic.places[0]) for _ in range(CLIENTS)]
        cookies = [signed_in(one).cookies[settings.SESSION_COOKIE_NAME].OutputString() for one in crew]
    connection.close()
    load = put_under_load(database("large"), [cookie.split(";")[0] for cookie in cookies], SECONDS, WARM_UP)
    said = ", ".join(f"{count} × {status}" for status, count in sorted(load.answers.items()))
    is_well = set(load.answers) <= {200}
    say(f"{CLIENTS} clients for {SECONDS} s: {said}", load.times, "ms", bar="all are answered", holds=is_well)
    growth = median(load.memory[-5:]) / median(load.memory[:5])
    bar = f"grows at most {MEMORY}×: {growth:.3f}×"
    say("memory of the workers", [held / 1e6 for held in load.memory], "MB", bar=bar, holds=growth <= MEMORY)


def unthrottled() -> None:
    """As in another minute: so many questions a minute of one person are answered (portal/limits.py)."""
    caches["default"].key_prefix = uuid4().hex


def main() -> int:
    setup_test_environment(debug=False)
    say(f"minimum, median, maximum; load of the machine {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
    small, large = made()
    clinics = dict(zip(NAMES, (small, large), strict=True))
    measure_pages(small, large)
    measure_times(clinics)
    measure_json(large)
    measure_counts(large)
    measure_exactness(large)
    measure_overload(large)
    say(f"load of the machine at the end {os.getloadavg()[0]:.1f}")
    say(f"{len(failed)} bars are broken: {failed}" if failed else "every bar holds")
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
