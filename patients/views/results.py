"""Results: who checked them first, then what they say, in plain words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from patients.models import Case, FollowUp, NerveMeasurement, Observation, Patient, Result
from patients.rules import reading
from patients.rules.nerve_conduction import Person
from patients.views.laboratory import Value
from patients.views.own import may, page, trusted_with
from portal import access
from portal.access import Permission
from portal.asked import SignedIn
from portal.paging import Pager
from portal.rules.phrases import plain

MOST_BEFORE = 200
MOST_OTHERS = 5
FEWEST_FOR_TREND = 3


@trusted_with(Permission.RESULT_READ)
@require_safe
def list_results(request: SignedIn, patient: Patient) -> HttpResponse:
    pager = Pager(request.GET, day="performed_on")
    rows = access.read_many(
        Result.objects.filter(patient=patient).released().select_related("released_by"), by=request.actor, page=pager
    )
    return page(request, patient, "results", "results", {"results": rows, "pager": pager})


@trusted_with(Permission.RESULT_READ)
@require_safe
def result(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    found = access.read_one(
        Result.objects.filter(patient=patient).released().with_values().prefetch_related(case_of(request)),
        by=request.actor,
        pk=pk,
    )
    values = list(found.observations.all())
    before = values_before(request, found, values)
    lines = [Value(value, before[value.loinc, value.unit], patient) for value in values]
    nerves = nerve_rows(list(found.measurements.all()), patient, found)
    return page(
        request,
        patient,
        "result",
        "results",
        {
            "result": found,
            "values": lines,
            "inside": sum(line.is_inside for line in lines),
            "trends": [line for line in lines if len(line.points) >= FEWEST_FOR_TREND],
            "nerves": nerves,
            "beyond": [nerve for nerve in nerves if nerve.beyond],
            "figures": sum(len(nerve.figures) for nerve in nerves),
            "compared": sum(len(nerve.compared) for nerve in nerves),
            "ref_set": settings.NCS_REFERENCE_SET.replace("_", " ").title(),
            "eeg": getattr(found, "eeg", None),
            "others": others(request, found),
            "next_one": next_followup(request, found),
            "may_write": may(request, Permission.MESSAGE_SEND),
        },
    )


def case_of(request: SignedIn) -> Prefetch[Any]:
    """The case beside a row of it, or None for who was shown the row and not the case."""
    return Prefetch("case", Case.objects.visible_to(request.actor).select_related("department"))


def values_before(
    request: SignedIn, result: Result, values: Sequence[Observation]
) -> dict[tuple[str, str], list[Observation]]:
    """Earlier released values of the same code and unit, newest first, all in one query."""
    earlier = Q(result__performed_on__lt=result.performed_on)
    earlier |= Q(result__performed_on=result.performed_on, result__lt=result.pk)
    rows = access.read_many(
        Observation.objects.filter(
            earlier, patient=result.patient, loinc__in=[value.loinc for value in values], result__status=result.status
        ).select_related("result"),
        by=request.actor,
        page=lambda found: list(found.order_by("-result__performed_on", "-result_id", "position")[:MOST_BEFORE]),
    )
    found: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for row in rows:
        found[row.loinc, row.unit].append(row)
    return found


def others(request: SignedIn, result: Result) -> Sequence[Result]:
    return access.read_many(
        Result.objects.filter(patient=result.patient).released().exclude(pk=result.pk),
        by=request.actor,
        page=lambda rows: list(rows[:MOST_OTHERS]),
    )


def next_followup(request: SignedIn, result: Result) -> FollowUp | None:
    rows = access.read_many(
        FollowUp.objects.filter(case=result.case_id).open(), by=request.actor, page=lambda rows: list(rows[:1])
    )
    return rows[0] if rows else None


@dataclass(frozen=True)
class NerveRow:
    """One row of a nerve study with its figures in words."""

    row: NerveMeasurement
    figures: list[dict[str, Any]]

    @property
    def place(self) -> str:
        return f"{self.row.stimulation_site} – {self.row.recording_site}"

    @property
    def compared(self) -> list[dict[str, Any]]:
        return [figure for figure in self.figures if figure["kind"]]

    @property
    def beyond(self) -> list[dict[str, Any]]:
        """What lies beyond a verified limit, or did not answer."""
        return [figure for figure in self.figures if figure["kind"] == "attn"]


NAMES = {
    "latency": _("Time to answer"),
    "amplitude": _("Size of the answer"),
    "velocity": _("Speed"),
    "f_latency": _("Time to the spine and back"),
}


def nerve_rows(rows: Sequence[NerveMeasurement], patient: Patient, result: Result) -> list[NerveRow]:
    person = Person(age=patient.age(result.performed_on), sex=patient.sex_code)
    compared = reading.compare(rows, person, settings.NCS_REFERENCE_SET)
    return [NerveRow(row, list(figures_of(figures))) for row, figures in zip(rows, compared, strict=True)]


def figures_of(figures: Iterable[reading.Figure]) -> Iterable[dict[str, Any]]:
    for figure in figures:
        yield {
            "name": NAMES[figure.name],
            "value": plain(figure.value) if figure.value is not None else "",
            "unit": "µV" if figure.unit == "uV" else figure.unit,
            "words": gettext(figure.words),
            "limit": plain(figure.flag.limit) if figure.is_compared and figure.flag.limit is not None else "",
            "kind": figure.kind,
        }
