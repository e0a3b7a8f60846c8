"""Pages of one's own record: whose it is, on which clock, and the way to open one first."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from patients.models import Patient
from portal import access
from portal.asked import SignedIn
from portal.models import Notification
from portal.models.deliveries import Purpose

P = ParamSpec("P")
MOST_UNREAD = 50
SAID = (Purpose.NEW_REPLY, Purpose.NEW_MESSAGE)


def own_record(
    view: Callable[Concatenate[SignedIn, Patient, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Sign-in first, then a record of one's own: without it, to the page that opens one and back."""

    @wraps(view)
    def asked(request: SignedIn, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        patient = record_of(request)
        if patient is None:
            back = request.get_full_path() if request.method == "GET" else request.path
            return redirect(f"{reverse('patients:details')}?{urlencode({'next': back})}")
        with timezone.override(patient.time_zone):
            return view(request, patient, *args, **kwargs)

    return login_required(asked)


def record_of(request: SignedIn) -> Patient | None:
    """The record of who is signed in, whatever else they may see."""
    found = access.read_many(Patient.objects.filter(user=request.user), by=request.actor)
    return found[0] if found else None


def unread_of(request: SignedIn) -> list[Notification]:
    return list(
        access.read_many(
            Notification.objects.filter(user=request.user).unread(),
            by=request.actor,
            page=lambda rows: list(rows[:MOST_UNREAD]),
        )
    )


def page(
    request: SignedIn, patient: Patient, template: str, nav: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """One of the patient's pages, with what the frame around it shows."""
    unread = context.get("told") or unread_of(request)
    frame = {
        "patient": patient,
        "nav": nav,
        "unread": sum(told.purpose in SAID for told in unread),
        "unread_here": next((told for told in unread if told.path == request.path), None),
    }
    return render(request, f"patients/{template}.html", {**frame, **context}, status=status)
