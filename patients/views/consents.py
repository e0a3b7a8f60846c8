"""Consent to publish: the exact text beside one's own words; yes or no, and back at any time."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from patients.actions import consents
from patients.forms.consents import AnswerForm
from patients.models import CaseQuestion, Consent, Patient
from patients.models.consents import ConsentStatus
from patients.views.own import own_record, page
from portal import access
from portal.asked import SignedIn
from portal.models.record import RecordQuerySet
from portal.paging import Pager


@own_record
@require_safe
def list_consents(request: SignedIn, patient: Patient) -> HttpResponse:
    pager = Pager(request.GET)
    rows = access.read_many(mine(patient), by=request.actor, page=pager)
    return page(request, patient, "consents", "", {"consents": rows, "pager": pager})


@own_record
@require_safe
def consent(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    return consent_page(request, patient, own(request, patient, pk))


@own_record
@require_POST
def answer(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    found, form = own(request, patient, pk), AnswerForm(request.POST)
    if not form.is_valid():
        return consent_page(request, patient, found, form, status=422)
    if form.agreed and form.cleaned_data["shown"] != found.digest:
        messages.warning(request, _("The text was changed after you opened the page. Read it again before you answer."))
        return redirect("patients:consent", pk)
    consents.answer(found, by=request.user, agreed=form.agreed, shown=form.cleaned_data["shown"])
    messages.success(request, _("Thank you. Your answer is saved."))
    return redirect("patients:consent", pk)


@own_record
@require_POST
def withdraw(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    consents.withdraw(own(request, patient, pk), by=request.user)
    messages.success(request, _("You took your consent back. The text is not public any more."))
    return redirect("patients:consent", pk)


def mine(patient: Patient) -> RecordQuerySet[Consent]:
    return Consent.objects.filter(patient=patient).select_related("case", "question", "asked_by")


def own(request: SignedIn, patient: Patient, pk: UUID) -> Consent:
    return access.read_one(mine(patient), by=request.actor, pk=pk)


def consent_page(
    request: SignedIn, patient: Patient, consent: Consent, form: AnswerForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "consent": consent,
        "form": form or AnswerForm(initial={"shown": consent.digest}),
        "is_asked": consent.status == ConsentStatus.PROPOSED,
        "is_given": consent.status == ConsentStatus.ACTIVE,
        "has_changed": consent.digest != consent.question.digest,
        "own_questions": access.read_many(CaseQuestion.objects.filter(case=consent.case), by=request.actor),
    }
    return page(request, patient, "consent", "", context, status=status)
