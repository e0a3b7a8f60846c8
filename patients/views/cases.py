"""A patient's cases: the one that is open, the list, and writing on one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from patients.actions import cases
from patients.forms.cases import SayForm
from patients.models import (
    Attachment,
    Case,
    CaseQuestion,
    Consent,
    DiaryEntry,
    FollowUp,
    Message,
    Patient,
    Prescription,
    RedFlag,
    RelatedPerson,
    Result,
    Screening,
)
from patients.models.cases import CaseQuerySet, Status
from patients.models.diary import summary
from patients.models.messages import MessageQuerySet
from patients.models.prescriptions import PrescriptionQuerySet
from patients.views import looking, sendings
from patients.views.medicines import on_paper
from patients.views.own import given_of, given_to, may, not_done, page, trusted_with, unread_of
from patients.views.steps import events, steps
from patients.views.todo import to_do
from portal import access
from portal.access import Permission, Unseen
from portal.asked import Asked, SignedIn
from portal.paging import Pager

MOST_FILES = 50
MOST_RESULTS = 10


@trusted_with(Permission.PATIENT_READ)
@require_safe
def home(request: SignedIn, patient: Patient) -> HttpResponse:
    """The open case when there is exactly one, else the list. Who sees no cases goes to what they do see."""
    if not may(request, Permission.CASE_READ):
        return redirect(f"patients:{next(name for name in looking.SECTIONS if name in seen_sections(request))}")
    open_cases = access.read_many(
        of(patient).open(), by=request.actor, page=lambda rows: list(rows.order_by("-id")[:2])
    )
    if len(open_cases) == 1:
        return case_page(request, patient, open_cases[0], offers=offers_to(request))
    pager = Pager(request.GET)
    found = access.read_many(of(patient), by=request.actor, page=pager)
    return page(
        request,
        patient,
        "home",
        "home",
        {"cases": found, "pager": pager, "offers": offers_to(request), **waiting(request, patient)},
    )


def seen_sections(request: SignedIn) -> list[str]:
    given = given_of(request)
    return looking.frame(given)["sections"] if given else list(looking.SECTIONS)


def offers_to(request: SignedIn) -> list[RelatedPerson]:
    """What waits for this person's answer; on another's pages nothing of it."""
    return [] if given_of(request) else [given for given in given_to(request) if given.account_id is None]


def waiting(request: SignedIn, patient: Patient) -> dict[str, Any]:
    """What must not be taken and what is to be done, whichever case it belongs to."""
    by, told = request.actor, unread_of(request)
    medicines = on_paper(access.read_many(taken_by(patient), by=by))
    shown = {
        "medicines": medicines,
        "followups": access.read_many(FollowUp.objects.filter(patient=patient).open(), by=by),
        "consents": access.read_many(Consent.objects.filter(patient=patient), by=by),
    }
    stopped = [medicine for medicine in medicines if medicine.must_not]
    return {
        "told": told,
        "stopped": stopped,
        "to_do": to_do(shown, told, may_write=may(request, Permission.MESSAGE_SEND)),
    }


def taken_by(patient: Patient) -> PrescriptionQuerySet:
    return Prescription.objects.filter(patient=patient).current().select_related("case")


@trusted_with(Permission.CASE_READ)
@require_safe
def case(request: SignedIn, patient: Patient, ref: str) -> HttpResponse:
    return case_page(request, patient, own_case(request, patient, ref))


def say(request: Asked, ref: str) -> HttpResponseBase:
    """Write to the clinic. Whoever's session has ended gets the text back after signing in."""
    if request.method == "POST" and not request.user.is_authenticated:
        return sendings.keep(request, reverse("patients:case", args=[ref]))
    return said(request, ref)


@trusted_with(Permission.MESSAGE_SEND)
@require_POST
def said(request: SignedIn, patient: Patient, ref: str) -> HttpResponse:
    try:
        asked = own_case(request, patient, ref)
    except Unseen as unseen:
        return not_done(request, unseen, looking.NOT_HERE, status=404)
    form = SayForm(complaint_of(request, asked), request.POST)
    if not form.is_valid():
        return case_page(request, patient, asked, form, status=422)
    try:
        cases.send_message(asked, by=request.user, form_key=sendings.key_of(request), **form.cleaned_data)
    except cases.AlreadySent:
        messages.info(request, _("This message was sent already, once."))
    except cases.GoesOnElsewhere as elsewhere:
        return goes_on_elsewhere(request, patient, asked, form, elsewhere)
    else:
        messages.success(request, _("Your message is sent."))
    sendings.done(request)
    return redirect("patients:case", asked.ref)


def goes_on_elsewhere(
    request: SignedIn, patient: Patient, asked: Case, form: SayForm, elsewhere: cases.GoesOnElsewhere
) -> HttpResponse:
    """The case in which it goes on, with what was typed: nothing is lost, and nothing is sent without being asked."""
    target = asked
    while target.merged_into_id:
        target = access.read_one(of(patient), by=request.actor, pk=target.merged_into_id)
    where = {"ref": asked.ref, "other": target.ref}
    form.add_error(
        None, _("%(ref)s goes on in %(other)s, this case. Your message is not sent yet: send it here.") % where
    )
    request.refusal = elsewhere  # type: ignore[attr-defined]
    return case_page(request, patient, target, form, status=409)


def of(patient: Patient) -> CaseQuerySet:
    return Case.objects.filter(patient=patient).with_people().select_related("merged_into")


def own_case(request: SignedIn, patient: Patient, ref: str) -> Case:
    """Raises Unseen (404) for somebody else's, and for what is no case number."""
    return access.read_one(of(patient), by=request.actor, number=Case.number_of(ref))


def case_page(
    request: SignedIn, patient: Patient, case: Case, form: SayForm | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    shown = everything(request, patient, case)
    told = unread_of(request)
    medicines = shown["medicines"]
    may_write = may(request, Permission.MESSAGE_SEND) and case.merged_into is None
    return page(
        request,
        patient,
        "case",
        "home",
        {
            "case": case,
            "told": told,
            "form": form or empty_form(request, case),
            "sending": sendings.token_of(request),
            "stopped": [medicine for medicine in medicines if medicine.must_not],
            "to_do": to_do(shown, told, may_write=may_write),
            "may_write": may_write,
            "summary": summary(shown["diary"], timezone.localdate()),
            "is_waiting": case.shown_status in (Status.NEW, Status.WAITING),
            "telephone": case.department.phone,
            **shown,
            **more,
        },
        status=status,
    )


def everything(request: SignedIn, patient: Patient, case: Case) -> dict[str, Any]:
    """What hangs on a case, each kind in one query however much there is."""
    by, pager = request.actor, Pager(request.GET)
    thread = access.read_many(Message.objects.filter(case=case).standing().with_author(), by=by, page=pager)
    replies = access.read_many(from_clinic(case), by=by, page=first_and_last)
    followups = access.read_many(FollowUp.objects.filter(case=case).standing().with_people(), by=by)
    results = access.read_many(
        Result.objects.filter(case=case).released(), by=by, page=lambda rows: list(rows[:MOST_RESULTS])
    )
    medicines = access.read_many(taken_by(patient), by=by)
    merged = access.read_many(Case.objects.filter(merged_into=case), by=by)
    return {
        "pager": pager,
        "thread": list(reversed(thread)),
        "reply": replies[-1] if replies else None,
        "diary": access.read_many(DiaryEntry.objects.filter(case=case).up_to(timezone.localdate()), by=by),
        "flags": access.read_many(RedFlag.objects.filter(case=case).waiting(), by=by),
        "questions": access.read_many(CaseQuestion.objects.filter(case=case).told_to(by), by=by),
        "files": access.read_many(
            Attachment.objects.filter(case=case), by=by, page=lambda rows: list(rows[:MOST_FILES])
        ),
        "consents": access.read_many(Consent.objects.filter(case=case), by=by),
        "medicines": on_paper(medicines),
        "results": results,
        "followups": followups,
        "next_one": next((followup for followup in followups if followup.status != "closed"), None),
        "steps": steps(case, replies, followups),
        "events": events(case, thread, results, followups, merged),
    }


def from_clinic(case: Case) -> MessageQuerySet:
    return Message.objects.filter(case=case).standing().from_clinic().with_author()


def first_and_last(rows: Any) -> Sequence[Message]:
    return [*rows.order_by("id")[:1], *rows.order_by("-id")[:1]]


def empty_form(request: SignedIn, case: Case) -> SayForm:
    """Empty, or with what was typed before one had to sign in again."""
    typed = sendings.kept(request, reverse("patients:case", args=[case.ref]))
    initial = {"body": typed.get("body", ""), "signs": typed.getlist("signs")} if typed else None
    return SayForm(complaint_of(request, case), initial=initial)


def complaint_of(request: SignedIn, case: Case) -> str:
    """Of the safety questions asked on the way to this case; "" where none were."""
    found = access.read_many(Screening.objects.filter(case=case), by=request.actor)
    return found[0].complaint if found else ""
