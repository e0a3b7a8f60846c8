"""Follow-ups: when, with whom, what for; confirm it, or ask for another day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from patients.actions import followups
from patients.forms.followups import ChangeForm
from patients.models import FollowUp, Patient, Telling
from patients.models.followups import MOVES, FollowUpQuerySet, FollowUpStatus
from patients.views import looking, times
from patients.views.own import not_done, page, trusted_with
from patients.views.results import case_of
from portal import access
from portal.access import IllegalMove, Permission, Unseen
from portal.asked import SignedIn
from portal.models.deliveries import Channel, State, Suppression, SuppressionQuerySet
from portal.paging import Pager


@trusted_with(Permission.FOLLOWUP_READ)
@require_safe
def list_followups(request: SignedIn, patient: Patient) -> HttpResponse:
    """Open ones by date; behind them what was kept, page by page."""
    pager = Pager(request.GET, day="due_on")
    waiting = access.read_many(of(patient, request).open(), by=request.actor)
    past = access.read_many(of(patient, request).filter(status=FollowUpStatus.CLOSED), by=request.actor, page=pager)
    return page(request, patient, "followups", "followups", {"open": waiting, "past": past, "pager": pager})


@trusted_with(Permission.FOLLOWUP_READ)
@require_safe
def followup(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    return followup_page(request, patient, own(request, patient, pk), ChangeForm())


@trusted_with(Permission.FOLLOWUP_CONFIRM)
@require_POST
def confirm(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    followups.confirm(own(request, patient, pk), by=request.user)
    messages.success(request, _("Thank you. The clinic knows that you can come."))
    return redirect("patients:followup", pk)


@trusted_with(Permission.FOLLOWUP_CONFIRM)
@require_POST
def change(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    try:
        found, form = own(request, patient, pk), ChangeForm(request.POST)
    except Unseen as unseen:
        return not_done(request, unseen, looking.NOT_HERE, status=404)
    if not form.is_valid():
        return followup_page(request, patient, found, form, status=422)
    try:
        followups.ask_for_change(found, by=request.user, note=form.cleaned_data["note"])
    except IllegalMove as overtaken:
        return not_changed(request, patient, pk, form, overtaken)
    messages.success(request, _("The clinic has your request. Until it answers, the date stands."))
    return redirect("patients:followup", pk)


@trusted_with(Permission.FOLLOWUP_DECLINE)
@require_POST
def decline(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    """Only with the box that says it is meant: it ends the promise."""
    found = own(request, patient, pk)
    if not request.POST.get("meant"):
        messages.error(request, _("Nothing was changed. Tick the box if you do not want this follow-up at all."))
        return redirect("patients:followup", pk)
    closed = followups.decline(found, by=request.user)
    if closed.status == FollowUpStatus.CLOSED:
        messages.success(request, _("The clinic knows that you are not coming."))
    else:
        messages.success(request, _("This one matters for your safety: somebody from the clinic calls you about it."))
    return redirect("patients:followup", pk)


def of(patient: Patient, request: SignedIn) -> FollowUpQuerySet:
    rows = FollowUp.objects.filter(patient=patient).standing().select_related("patient", "owner")
    return rows.prefetch_related(case_of(request))


def own(request: SignedIn, patient: Patient, pk: UUID) -> FollowUp:
    return access.read_one(of(patient, request), by=request.actor, pk=pk)


def not_changed(
    request: SignedIn, patient: Patient, pk: UUID, form: ChangeForm, overtaken: IllegalMove
) -> HttpResponse:
    """The same form again asked for it already; else somebody was first, and what was typed is not lost."""
    now, note = own(request, patient, pk), form.cleaned_data["note"]
    if now.status == FollowUpStatus.CHANGE_ASKED and now.patient_note == note:
        messages.info(request, _("The clinic has this request already."))
        return redirect("patients:followup", pk)
    request.refusal = overtaken  # type: ignore[attr-defined]
    return followup_page(request, patient, now, form, status=409, unsent=note)


def followup_page(
    request: SignedIn, patient: Patient, followup: FollowUp, form: ChangeForm, status: int = 200, unsent: str = ""
) -> HttpResponse:
    tellings = access.read_many(
        Telling.objects.filter(followup=followup).select_related("reminder", "delivery"), by=request.actor
    )
    moves = MOVES[FollowUpStatus(followup.status)]
    is_late = followup.days_late(timezone.localdate()) > 0
    context = {
        "followup": followup,
        "form": form,
        "unsent": unsent,
        "reminders": rungs(tellings),
        "is_mail_stopped": patient.user_id == request.user.pk and is_mail_stopped(request),
        # Nobody is asked to come on a day that has passed.
        "can_confirm": FollowUpStatus.CONFIRMED in moves and not is_late and not followup.missed_at,
        "can_decline": FollowUpStatus.CLOSED in moves,
        "can_change": FollowUpStatus.CHANGE_ASKED in moves,
        "is_late": is_late,
        **times.shown(request, followup),
    }
    return page(request, patient, "followup", "followups", context, status=status)


def is_mail_stopped(request: SignedIn) -> bool:
    """Then the e-mails of the list do not go, and the page says so."""
    return bool(access.read_many(stopped_mail(request), by=request.actor))


def stopped_mail(request: SignedIn) -> SuppressionQuerySet:
    return Suppression.objects.filter(user=request.user, channel=Channel.EMAIL).standing()


def rungs(tellings: Sequence[Telling]) -> list[tuple[str, list[str]]]:
    """Each reminder in the order of its time, and how it fared by each channel."""
    found: dict[str, list[str]] = {}
    for telling in sorted(tellings, key=lambda telling: (telling.reminder.due_at, telling.pk)):
        found.setdefault(telling.reminder.get_slot_display(), []).append(how_it_fared(telling))
    return list(found.items())


def how_it_fared(telling: Telling) -> str:
    """Where a reminder is, in words and with its time."""
    delivery: Any = telling.delivery
    when = date_format(timezone.localtime(delivery.sent_at or delivery.due_at), "j F Y, H:i")
    words = {
        State.PENDING: _("%(way)s on %(when)s"),
        State.LEASED: _("%(way)s, being sent now"),
        State.SENDING: _("%(way)s, being sent now"),
        State.SENT: _("%(way)s sent on %(when)s"),
        State.UNCERTAIN: _("%(way)s perhaps sent; we are finding out, and send it again if it was not"),
        State.DEAD: _("%(way)s could not be sent. Look under “How we reach you” whether the address is right"),
        State.CANCELLED: _("%(way)s: not needed any more"),
    }
    sent = words[State(delivery.state)] % {"when": when, "way": telling.get_channel_display()}
    if delivery.state == State.CANCELLED and delivery.trouble.startswith("capped"):
        sent = _("%(way)s left out: you had one that day, or three that week") % {"way": telling.get_channel_display()}
    return f"{sent}. {_('You may have had it twice.')}" if delivery.possible_duplicate else sent
