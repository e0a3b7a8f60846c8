"""Choosing a time for a follow-up, another one, giving it back, and waiting for an earlier one. Without a script."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from patients.actions import appointments
from patients.models import FollowUp, Patient, free_times
from patients.views import times as parts
from patients.views.followups import own
from patients.views.own import page, trusted_with
from portal.access import IllegalMove, Permission
from portal.asked import SignedIn
from portal.models import User


@trusted_with(Permission.APPOINTMENT_BOOK)
@require_safe
def times(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    """The free times of its window, by day."""
    return times_page(request, patient, own(request, patient, pk))


@trusted_with(Permission.APPOINTMENT_BOOK)
@require_POST
def book(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    """Take the time; in the place of the one before, where there is one."""
    found, choice = own(request, patient, pk), free_times.choice_of(request.POST.get("time", ""))
    if choice is None:
        return times_page(request, patient, found, problem=_("Choose one of the times."), status=422)
    if has_it(found, choice):
        return redirect("patients:followup", pk)
    do = appointments.move if found.booked_appointment else appointments.book
    try:
        taken = do(found, by=request.user, clinician=choice[1], start=choice[0])
    except IllegalMove as lost:
        request.refusal = lost  # type: ignore[attr-defined]
        return times_page(request, patient, found, problem=lost.reason, status=409)
    said = {"when": timezone.localtime(taken.starts_at).strftime("%H:%M")}
    messages.success(request, _("The time is yours: %(when)s. The clinic knows that you come.") % said)
    return redirect("patients:followup", pk)


@trusted_with(Permission.APPOINTMENT_BOOK)
@require_POST
def give_back(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    appointments.cancel(own(request, patient, pk), by=request.user)
    messages.success(request, _("Somebody else can have the time now. The clinic sees that you need another."))
    return redirect("patients:followup", pk)


@trusted_with(Permission.APPOINTMENT_BOOK)
@require_POST
def wait(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    appointments.wait(own(request, patient, pk), by=request.user)
    messages.success(request, _("We tell you when an earlier time becomes free. Until then nothing changes."))
    return redirect("patients:followup", pk)


@trusted_with(Permission.APPOINTMENT_BOOK)
@require_POST
def stop_waiting(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    appointments.stop_waiting(own(request, patient, pk), by=request.user)
    messages.success(request, _("You hear of no earlier time any more."))
    return redirect("patients:followup", pk)


def has_it(followup: FollowUp, choice: tuple[datetime, User]) -> bool:
    """Sent twice: it is theirs already."""
    booked = followup.booked_appointment
    return booked is not None and (booked.starts_at, booked.clinician_id) == (choice[0], choice[1].pk)


def times_page(
    request: SignedIn, patient: Patient, followup: FollowUp, *, problem: str = "", status: int = 200
) -> HttpResponse:
    free = free_times.of_followup(followup, timezone.now())
    context = {
        "followup": followup,
        "days": parts.by_day(free, followup),
        "problem": problem,
        "clinic_zone": free_times.department_of(followup).time_zone,
        **parts.shown(request, followup),
    }
    return page(request, patient, "times", "followups", context, status=status)
