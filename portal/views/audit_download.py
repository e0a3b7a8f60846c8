"""The audit trail as a table to keep: CSV, streamed. Taking it is itself an event, with everybody whose id is in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal import access, audit
from portal.acting import acting_as
from portal.asked import SignedIn
from portal.models import AuditEvent
from portal.views.audit import TRAIL, AuditFilter, accounts, asked, watch, with_names

AT_ONCE = 500
LOOKS = {f"read {TRAIL}", f"export {TRAIL}"}
COLUMNS = (
    "serial", "when", "who", "account", "kind", "what", "outcome", "subject", "subject_id", "people", "fields",
    "request",
)  # fmt: skip
# What a spreadsheet would take for a formula when a cell begins with it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@login_required
@require_safe
def download(request: SignedIn) -> HttpResponseBase:
    watch(request)
    form = AuditFilter(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('portal:audit')}?{request.GET.urlencode()}")
    audit.write_export(access.acting(request.actor), TRAIL, form.people)
    name = f"audit-{timezone.localdate():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        lines(request, asked(form, accounts(request))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def lines(request: SignedIn, wanted: Q) -> Iterator[str]:
    """Some hundred rows at a time. Each handful is on record, and its transaction over, before a byte of it is sent."""
    yield as_csv(COLUMNS)
    last: UUID | None = None
    while True:
        older = wanted & Q(id__lt=last) if last else wanted
        with acting_as(request.actor, request_id=request.id) as work:
            watch(request)
            rows = access.read_many(
                AuditEvent.objects.filter(older),
                by=request.actor,
                page=lambda found: list(found.order_by("-id")[:AT_ONCE]),
            )
            told = [as_csv(cells(**row)) for row in with_names(rows, request)]
            if rows:
                audit.write_export(work, TRAIL, {person for row in rows for person in named(row)})
        yield "".join(told)
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].pk


def cells(event: AuditEvent, actor: str) -> list[str]:
    values = (
        event.serial, event.created_at.isoformat(), actor, event.actor_id, event.kind, event.name, event.outcome,
        event.subject_type, event.subject_id, people(event), " ".join(event.fields), event.request_id,
    )  # fmt: skip
    return ["" if value is None else str(value) for value in values]


def people(event: AuditEvent) -> str:
    ids = named(event)
    return " ".join(map(str, ids)) if ids or not event.people else f"({len(event.people)})"


def named(event: AuditEvent) -> list[UUID]:
    """Whose ids are given. Of a look at the trail only how many: or each copy would name all that the last one did."""
    return [] if event.name in LOOKS else event.people


def as_csv(values: Iterator[str] | tuple[str, ...] | list[str]) -> str:
    line = StringIO()
    csv.writer(line).writerow([f"'{value}" if value.startswith(FORMULA) else value for value in values])
    return line.getvalue()
