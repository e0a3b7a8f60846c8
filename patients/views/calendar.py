"""Follow-ups in one's own calendar: a file of one, and a private address that a program asks by itself.

Whoever has the address reads when one is expected, and no word of what for. Who asks has no sign-in: the key is it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from patients.actions import calendar_feeds
from patients.exchange.calendar import Entry, file_of
from patients.models import Appointment, CalendarFeed, FollowUp, Patient
from patients.views.followups import own
from patients.views.own import own_record, page, trusted_with
from portal import access, limits
from portal.access import SYSTEM, IllegalMove, Permission, Unseen
from portal.acting import acting_as
from portal.asked import SignedIn
from portal.headers import by_key
from portal.models import User

# A program asks every few hours; who guesses keys is stopped sooner.
OFTEN, WRONG, HOUR = 60, 30, 60 * 60


@by_key("no-referrer")
@require_safe
def feed(request: HttpRequest, key: str) -> HttpResponse:
    with acting_as(SYSTEM):
        found = CalendarFeed.objects.visible_to(SYSTEM).with_key(key).first()
    whose = None if found is None else found.pk
    if not limits.within(request, "calendar", most=OFTEN if found else WRONG, seconds=HOUR, account=whose):
        return HttpResponse(status=429, headers={"Retry-After": str(HOUR)})
    if found is None:
        # Answered here, and not raised: so that this answer too says what happens to its address.
        return HttpResponse(status=404)
    with acting_as(found.user, request_id=getattr(request, "id", ""), through="calendar"):
        file = file_of(entries_of(found.user))
    return answered(request, file)


@trusted_with(Permission.FOLLOWUP_READ)
@require_safe
def appointment(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    """The file of one follow-up, to open by hand."""
    followup = own(request, patient, pk)
    booked = access.read_many(Appointment.objects.filter(followup=followup).booked(), by=request.actor)
    if not booked:
        raise Unseen("read patients.appointment")
    response = HttpResponse(file_of([entry_of(followup, booked[0])], method="PUBLISH"), content_type="text/calendar")
    response["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


@own_record
@require_safe
def my_calendar(request: SignedIn, patient: Patient) -> HttpResponse:
    return calendar_page(request, patient)


@own_record
@require_POST
def make(request: SignedIn, patient: Patient) -> HttpResponse:
    """The address is shown on this page, and on no other."""
    try:
        _feed, key = calendar_feeds.make(request.user, by=request.user)
    except IllegalMove as stands:
        request.refusal = stands  # type: ignore[attr-defined]
        return calendar_page(request, patient, problem=stands.reason, status=409)
    address = settings.SITE_URL + reverse("patients:calendar_feed", args=[key])
    return calendar_page(request, patient, address=address)


@own_record
@require_POST
def end(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    calendar_feeds.revoke(access.read_one(CalendarFeed.objects.all(), by=request.actor, pk=pk), by=request.user)
    messages.success(request, _("The address shows nothing any more. Take it out of your calendar program too."))
    return redirect("patients:calendar")


def calendar_page(request: SignedIn, patient: Patient, status: int = 200, **context: Any) -> HttpResponse:
    live = access.read_many(CalendarFeed.objects.filter(user=request.user).live(), by=request.actor)
    return page(request, patient, "calendar", "followups", {"feed": live[0] if live else None, **context}, status)


def entries_of(account: User) -> list[Entry]:
    """One's own open follow-ups, by day."""
    followups = access.read_many(FollowUp.objects.filter(patient__user=account).standing().open(), by=account)
    booked = access.read_many(Appointment.objects.filter(followup__in=followups).booked(), by=account)
    times = {row.followup_id: row for row in booked}
    return [entry_of(followup, times.get(followup.pk)) for followup in followups]


def entry_of(followup: FollowUp, booked: Appointment | None) -> Entry:
    return Entry(
        of=str(followup.pk),
        sequence=followup.sequence,
        written_at=followup.created_at,
        starts=booked.starts_at if booked else followup.due_on,
        ends=booked.ends_at if booked else None,
        path=followup.path,
        place=booked.place if booked else "",
    )


def answered(request: HttpRequest, file: bytes) -> HttpResponse:
    tag = f'"{sha256(file).hexdigest()[:32]}"'
    is_same = tag in request.headers.get("If-None-Match", "")
    response = HttpResponseNotModified() if is_same else HttpResponse(file, content_type="text/calendar; charset=utf-8")
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response
