"""The diary of a case: a few taps a day, what has changed in words, and the days behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from patients.actions import diary as verbs
from patients.forms.diary import DiaryForm
from patients.models import Case, DiaryEntry, Patient, RedFlag
from patients.models.cases import Status
from patients.models.diary import fortnight, summary
from patients.views.cases import complaint_of, of, own_case
from patients.views.own import given_of, own_record, page, trusted_with
from portal import access
from portal.access import IllegalMove, Permission
from portal.asked import SignedIn
from portal.paging import Pager

MOST_CASES = 10


@trusted_with(Permission.CASE_READ)
@require_safe
def diary(request: SignedIn, patient: Patient) -> HttpResponse:
    """Today's line to fill in, and the fortnight before. Who is trusted with the cases reads along."""
    case = chosen(request, patient)
    if case is None:
        return page(request, patient, "diary", "diary", {"case": None})
    today = timezone.localdate()
    is_writable = given_of(request) is None and case.status != Status.CLOSED
    form = form_of(request, case, today) if is_writable else None
    return diary_page(request, patient, case, form, today)


@own_record
@require_http_methods(["GET", "HEAD", "POST"])
def day(request: SignedIn, patient: Patient, day: str) -> HttpResponse:
    """One day: today's and yesterday's can be written and put right, by the patient alone."""
    on, case = day_of(day), chosen(request, patient)
    if case is None:
        return redirect("patients:diary")
    if request.method != "POST":
        return diary_page(request, patient, case, form_of(request, case, on), on)
    form = DiaryForm(complaint_of(request, case), request.POST)
    if not form.is_valid():
        return diary_page(request, patient, case, form, on, status=422)
    try:
        verbs.write(case, by=request.user, on=on, **form.cleaned_data)
    except IllegalMove as refusal:
        request.refusal = refusal  # type: ignore[attr-defined]
        form.add_error(None, refusal.reason)
        return diary_page(request, patient, case, form, on, status=409)
    messages.success(request, _("Written down for %(day)s.") % {"day": date_format(on, "l j F")})
    return redirect(f"{reverse('patients:diary')}?case={case.ref}")


def day_of(text: str) -> date:
    """Raises Http404 for what is no day of the calendar."""
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise Http404 from wrong


def chosen(request: SignedIn, patient: Patient) -> Case | None:
    """The case that is named, else the newest that is open. Raises Unseen (404) for somebody else's."""
    ref = request.POST.get("case") or request.GET.get("case", "")
    if ref:
        return own_case(request, patient, ref)
    return next(iter(open_cases(request, patient)), None)


def open_cases(request: SignedIn, patient: Patient) -> Sequence[Case]:
    return access.read_many(
        of(patient).open(), by=request.actor, page=lambda rows: list(rows.order_by("-id")[:MOST_CASES])
    )


def form_of(request: SignedIn, case: Case, on: date) -> DiaryForm:
    written = access.read_many(DiaryEntry.objects.filter(case=case, on=on), by=request.actor)
    return DiaryForm(complaint_of(request, case), entry=written[0] if written else None)


def diary_page(
    request: SignedIn, patient: Patient, case: Case, form: DiaryForm | None, on: date, status: int = 200
) -> HttpResponse:
    today, pager = timezone.localdate(), Pager(request.GET, day="on")
    recent = access.read_many(DiaryEntry.objects.filter(case=case).up_to(today), by=request.actor)
    shown: dict[str, Any] = {
        "case": case,
        "cases": open_cases(request, patient),
        "form": form,
        "on": on,
        "yesterday": fortnight(today)[-2],
        "has_recent": bool(recent),
        **summary(recent, today),
        "entries": access.read_many(DiaryEntry.objects.filter(case=case), by=request.actor, page=pager),
        "pager": pager,
        "flags": access.read_many(RedFlag.objects.filter(case=case).waiting(), by=request.actor),
        "telephone": case.department.phone,
    }
    return page(request, patient, "diary", "diary", shown, status=status)
