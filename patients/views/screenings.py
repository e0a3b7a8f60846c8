"""Before the story: what it is about, and the questions that say whether it can wait.

What was answered goes with the question. Until it is sent it is kept beside the sign-in, and in the form, signed: so
that no address says what somebody has, and neither another tab nor a session that ends loses it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from patients.forms.safety import AboutForm, SafetyForm
from patients.models import Patient, complaints
from patients.models.complaints import SOMETHING_ELSE
from patients.models.screenings import Answered
from patients.rules import triage
from patients.rules.triage import Finding, Outcome
from patients.views import visitors
from patients.views.own import own_record
from portal.asked import Asked, SignedIn

SALT = "patients.screening"
NAME = "screening"
ABOUT, KEPT = "asking_about", "screened"
STEPS = range(1, 4)
# After this a sign may have come or gone: the questions are asked again.
FRESH = timedelta(hours=12)


@require_http_methods(["GET", "HEAD", "POST"])
def about(request: Asked) -> HttpResponseBase:
    if not request.user.is_authenticated and request.method != "POST":
        return visitors.asked_in(request)
    return chosen(request)


@own_record
def chosen(request: SignedIn, patient: Patient) -> HttpResponse:
    """The first step; what has no questions goes on to the story, and the desk sees that nothing was asked."""
    form = AboutForm(
        request.POST if request.method == "POST" else None, initial={"complaint": request.session.get(ABOUT)}
    )
    if request.method != "POST" or not form.is_valid():
        return step_page(request, "ask_about", 1, form=form, name=_("what it is about"))
    request.session[ABOUT] = form.cleaned_data["complaint"]
    request.session.pop(KEPT, None)
    return redirect("patients:ask" if form.cleaned_data["complaint"] == SOMETHING_ELSE else "patients:ask_safety")


@own_record
@require_http_methods(["GET", "HEAD", "POST"])
def safety(request: SignedIn, patient: Patient) -> HttpResponse:
    complaint = request.POST.get("complaint") or request.session.get(ABOUT, "")
    if complaint not in triage.complaints():
        return redirect("patients:ask_about")
    if request.method != "POST":
        return safety_page(request, SafetyForm(complaint))
    form = SafetyForm(complaint, request.POST)
    complete = form.is_valid()
    answered = Answered(complaint, form.answers, timezone.now())
    finding = answered.finding(patient)
    if not complete and finding.outcome is not Outcome.EMERGENCY_NOW:
        return safety_page(request, form)
    request.session[ABOUT], request.session[KEPT] = complaint, signed(request, answered)
    return redirect("patients:ask_help" if finding.is_urgent else "patients:ask")


@own_record
@require_safe
def get_help(request: SignedIn, patient: Patient) -> HttpResponse:
    """What to do now; and that the question can still be sent."""
    if found := found_in(request, patient):
        return step_page(request, "ask_help", 2, **act_on(found), name=_("get help"))
    return redirect("patients:ask_about")


def safety_page(request: SignedIn, form: SafetyForm) -> HttpResponse:
    """Again with what was answered, when something is missing."""
    about = complaints.COMPLAINTS[form.complaint]
    return step_page(request, "ask_safety", 2, form=form, about=about, name=_("safety questions"))


def step_page(request: SignedIn, template: str, step: int, **shown: Any) -> HttpResponse:
    failed = "form" in shown and shown["form"].is_bound
    context = {"nav": "ask", "step": step, "total": len(STEPS), "dots": STEPS, **shown}
    return render(request, f"patients/{template}.html", context, status=422 if failed else 200)


def act_on(finding: Finding) -> dict[str, Any]:
    """For patients/_act_now.html: how soon, and because of what."""
    return {
        "is_emergency": finding.outcome is Outcome.EMERGENCY_NOW,
        "signs": [complaints.sign(rule) for rule in finding.urgent],
    }


def signed(request: SignedIn, answered: Answered) -> str:
    return signing.dumps(
        [str(request.user.pk), answered.complaint, dict(answered.answers), answered.at.isoformat()], salt=SALT
    )


def token_in(request: SignedIn, typed: QueryDict | None = None) -> str:
    """Of the form that was sent, or of the page before it; "" where nothing was asked."""
    if request.method == "POST":
        return str(request.POST.get(NAME, ""))
    return str((typed.get(NAME, "") if typed else "") or request.session.get(KEPT, ""))


def answered_in(request: SignedIn, typed: QueryDict | None = None) -> Answered | None:
    """None for no answers, somebody else's, or old ones: the question then counts as not screened."""
    try:
        owner, complaint, answers, at = signing.loads(token_in(request, typed), salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    answered = Answered(complaint, answers, datetime.fromisoformat(at))
    is_fresh = timezone.now() - answered.at < FRESH
    return answered if owner == str(request.user.pk) and is_fresh and complaint in triage.complaints() else None


def found_in(request: SignedIn, patient: Patient, typed: QueryDict | None = None) -> Finding | None:
    answered = answered_in(request, typed)
    return answered.finding(patient) if answered else None


def forget(request: HttpRequest) -> None:
    for name in (ABOUT, KEPT):
        request.session.pop(name, None)
