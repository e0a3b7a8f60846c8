"""The team's numbers as a table to keep: CSV, one number a line. Taking it is an event of the trail."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from clinicians.api.figures import Wanted, department_of
from clinicians.models.figures import Figures
from portal import access, audit
from portal.asked import SignedIn
from portal.views.audit_download import as_csv

COLUMNS = ("from", "until", "about", "name", "number", "value")


@login_required
@require_safe
def download(request: SignedIn) -> HttpResponse:
    wanted = Wanted.of(request.GET, by=request.user)
    found = wanted.read(by=request.user)
    audit.write_export(access.acting(request.actor), "clinicians.answer")
    period = (found.period.first.isoformat(), found.period.today.isoformat())
    rows = [(*period, about, name, number, value) for about, name, (number, value) in numbers(found)]
    text = "".join(as_csv([str(cell) for cell in row]) for row in (COLUMNS, *rows))
    return HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="figures-{period[1]}.csv"',
            "Cache-Control": "no-store",
        },
    )


def numbers(found: Figures) -> Iterator[tuple[str, str, tuple[str, object]]]:
    """About what, whose, and the number with its name; empty where there is none."""
    for kept in found.kept:
        told = department_of(kept)
        name = str(told.pop("department"))
        yield from (("department", name, (number, "" if value is None else value)) for number, value in told.items())
    for one in found.load:
        yield "person", one.name, ("open_cases", one.open_cases)
        yield "person", one.name, ("replies", one.replies)
    yield "nobody", "", ("open_cases", found.unowned)
    for week in found.weeks:
        monday = week.monday.isoformat()
        for number in ("opened", "answered", "closed"):
            yield "week", monday, (number, getattr(week, number))
