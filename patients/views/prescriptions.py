"""Medicines: what to take and what not, and telling the clinic of one more."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from patients.actions import prescriptions
from patients.forms.prescriptions import ReportForm
from patients.models import Case, Patient, Prescription
from patients.models.prescriptions import PrescriptionQuerySet, PrescriptionStatus
from patients.views.medicines import OnPaper, on_paper
from patients.views.own import given_of, own_record, page, trusted_with
from portal import access
from portal.access import Permission
from portal.asked import SignedIn

MOST_STOPPED = 25


@trusted_with(Permission.PRESCRIPTION_READ)
@require_safe
def medicines(request: SignedIn, patient: Patient) -> HttpResponse:
    return medicines_page(request, patient, ReportForm())


@own_record
@require_POST
def report_medicine(request: SignedIn, patient: Patient) -> HttpResponse:
    """Write down what one takes; what the checks found is said on the same page."""
    form, case = ReportForm(request.POST), newest_case(request, patient)
    if case is None:
        messages.info(request, _("Ask your question first; you can list your medicines with it."))
        return redirect("patients:ask")
    if not form.is_valid():
        return medicines_page(request, patient, form, status=422)
    try:
        row = prescriptions.report(case, by=request.user, **form.order)
    except prescriptions.AlreadyListed:
        messages.info(request, _("This is on your list already, exactly so. It is listed once."))
        return redirect("patients:medicines")
    messages.success(request, _("%(medicine)s is on your list now.") % {"medicine": row})
    return redirect(f"{request.path_info.removesuffix('report/')}?new={row.pk}#new")


def newest_case(request: SignedIn, patient: Patient) -> Case | None:
    """The open one, else the last: a medicine belongs to some matter."""
    found = access.read_many(
        Case.objects.filter(patient=patient),
        by=request.actor,
        page=lambda rows: list(rows.order_by(F("closed_at").desc(nulls_first=True), "-id")[:1]),
    )
    return found[0] if found else None


def of(patient: Patient) -> PrescriptionQuerySet:
    return Prescription.objects.filter(patient=patient)


def medicines_page(request: SignedIn, patient: Patient, form: ReportForm, status: int = 200) -> HttpResponse:
    current = on_paper(access.read_many(of(patient).current(), by=request.actor))
    stopped = access.read_many(
        of(patient).filter(status=PrescriptionStatus.STOPPED),
        by=request.actor,
        page=lambda rows: list(rows.order_by("-ended_at")[:MOST_STOPPED]),
    )
    context = {
        "medicines": current,
        "stopped": on_paper(stopped),
        "must_not": [medicine for medicine in current if medicine.must_not],
        "new": just_written(current, request.GET.get("new", "")),
        "form": form,
        "can_report": given_of(request) is None and newest_case(request, patient) is not None,
    }
    return page(request, patient, "medicines", "medicines", context, status=status)


def just_written(current: Sequence[OnPaper], key: str) -> OnPaper | None:
    return next((medicine for medicine in current if str(medicine.row.pk) == key), None)
