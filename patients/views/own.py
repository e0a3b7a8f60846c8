"""Whose record a page shows: one's own, or that of somebody who trusts one with it. Decided here and nowhere else.

The choice is kept in the session, and asked of the gate on every request: what was taken back is gone at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from patients.models import Patient, RelatedPerson
from patients.views import looking
from portal import access
from portal.access import Permission, Refused
from portal.asked import SignedIn
from portal.models import Notification
from portal.models.deliveries import Purpose

P = ParamSpec("P")
View = Callable[Concatenate[SignedIn, Patient, P], HttpResponseBase]
MOST_UNREAD = 50
SAID = (Purpose.NEW_REPLY, Purpose.NEW_MESSAGE)
CHOICE = "looking_at"


def own_record(view: View[P]) -> Callable[..., HttpResponseBase]:
    """A page of the patient's alone. Sign-in first, then a record of one's own."""
    return _showing(view, None)


def trusted_with(permission: Permission) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """A page of the patient's, and of whom they trust with this."""
    return lambda view: _showing(view, permission)


def _showing(view: View[P], permission: Permission | None) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def asked(request: SignedIn, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        given = chosen(request)
        if given and (given.is_over or permission not in given.permissions):
            return refused(request, given, permission)
        patient = of_trust(request, given) if given else record_of(request)
        if patient is None:
            return without_record(request)
        request.given = given  # type: ignore[attr-defined]
        with timezone.override(patient.time_zone):
            return view(request, patient, *args, **kwargs)

    return login_required(asked)


def record_of(request: SignedIn) -> Patient | None:
    """The record of who is signed in, whatever else they may see."""
    found = access.read_many(Patient.objects.filter(user=request.user), by=request.actor)
    return found[0] if found else None


def of_trust(request: SignedIn, given: RelatedPerson) -> Patient:
    return access.read_one(Patient.objects.all(), by=request.actor, pk=given.patient_id)


def chosen(request: SignedIn) -> RelatedPerson | None:
    """Through whose trust one looks, as it is now; None on one's own pages."""
    key = request.session.get(CHOICE)
    if not key:
        return None
    found = access.read_many(RelatedPerson.objects.filter(pk=UUID(key), account=request.user), by=request.actor)
    return found[0] if found else None


def given_of(request: SignedIn) -> RelatedPerson | None:
    """Through whose trust this page is shown."""
    return cast("RelatedPerson | None", getattr(request, "given", None))


def may(request: SignedIn, permission: Permission) -> bool:
    """Whether this page may offer it: everything on one's own record, what was given on another's."""
    given = given_of(request)
    return given is None or permission in given.permissions


def given_to(request: SignedIn) -> list[RelatedPerson]:
    """What others offer this person or have given them, as it stands now."""
    return list(access.read_many(RelatedPerson.objects.given_to(request.user).current(), by=request.actor))


def without_record(request: SignedIn) -> HttpResponse:
    """Nobody who only helps is made to open a record: to who trusts them, else to the page that opens one and back."""
    if given_to(request):
        return redirect("patients:trusting")
    back = request.get_full_path() if request.method == "GET" else request.path
    return redirect(f"{reverse('patients:details')}?{urlencode({'next': back})}")


def refused(request: SignedIn, given: RelatedPerson, permission: Permission | None) -> HttpResponse:
    """In words whose record it is and why it is not shown; what was typed comes back to be copied. On record."""
    if given.is_over:
        request.session.pop(CHOICE, None)
    return not_done(request, Refused(looking.asked_for(permission), given), looking.why_not(given, permission))


def not_done(request: SignedIn, refusal: access.Refusal, why: looking.Why, status: int = 403) -> HttpResponse:
    """Rolled back and recorded by the middleware, which keeps this page."""
    request.refusal = refusal  # type: ignore[attr-defined]
    given = chosen(request)
    typed = request.POST.get("body") or request.POST.get("note") or request.POST.get("story") or ""
    frame = {"nav": "", "looking": looking.frame(given) if given and not given.is_over else None}
    return render(request, "patients/not_shared.html", {**frame, "why": why, "typed": typed}, status=status)


def unread_of(request: SignedIn) -> list[Notification]:
    """What one was told of one's own record; on another's pages nothing of it."""
    if given_of(request):
        return []
    return list(
        access.read_many(
            Notification.objects.filter(user=request.user).unread(),
            by=request.actor,
            page=lambda rows: list(rows[:MOST_UNREAD]),
        )
    )


def page(
    request: SignedIn, patient: Patient | None, template: str, nav: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """One of the patient's pages, with what the frame around it shows."""
    given = given_of(request)
    unread = context.get("told") or unread_of(request)
    frame = {
        "patient": patient,
        "nav": nav,
        "looking": looking.frame(given) if given else None,
        "unread": sum(told.purpose in SAID for told in unread),
        "unread_here": next((told for told in unread if told.path == request.path), None),
    }
    return render(request, f"patients/{template}.html", {**frame, **context}, status=status)
