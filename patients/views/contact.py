"""How we reach you: in which order, at which number, in which browsers, when not, and what is not used any more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from patients.forms.contact import BrowserForm, CodeForm, NumberForm, WaysForm
from patients.models import Patient
from patients.views.own import own_record, page
from portal import access, devices, limits, outbound
from portal.access import IllegalMove
from portal.actions import contacts
from portal.asked import SignedIn
from portal.channels import push
from portal.channels.lines import offered
from portal.models.contact_points import ContactPoint, ContactPointQuerySet, ContactPreference
from portal.models.deliveries import Channel, Suppression, SuppressionQuerySet
from portal.sending import A_DAY, A_WEEK

# Codes cost money, and ring at somebody's: so many in an hour, by one account and from one address.
CODES = 5, 60 * 60
MOST_BROWSERS = 10
CODE_OVER = gettext_lazy("This code is good no more: it was tried too often, or is too old. Ask for another code.")
NOT_YET = {
    Channel.SMS: gettext_lazy("We have no confirmed number yet: no text message goes out until you confirm one here."),
    Channel.PUSH: gettext_lazy("No browser shows notices yet: open this page in the one that shall, and let it."),
}


@own_record
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: SignedIn, patient: Patient) -> HttpResponse:
    form = WaysForm(request.POST or None, initial=WaysForm.of(wish_of(request)), offered=offered())
    if request.method == "POST" and form.is_valid():
        contacts.prefer(request.user, by=request.user, **form.cleaned_data)
        messages.success(request, _("Your choice is saved, and reminders that wait go by it."))
        say_what_is_missing(request, form)
        return redirect("patients:contact")
    return shown(request, patient, ways=form)


@own_record
@require_POST
def add_number(request: SignedIn, patient: Patient) -> HttpResponse:
    form = NumberForm(request.POST)
    if form.is_valid() and Channel.SMS not in offered():
        form.add_error("number", _("This clinic sends no text messages."))
    if form.is_valid() and not may_send_code(request):
        form.add_error("number", _("Too many codes were asked for. Try again in an hour."))
    if form.is_valid():
        try:
            contacts.add_number(request.user, by=request.user, number=form.cleaned_data["number"])
        except IllegalMove as refusal:
            form.add_error("number", refusal.reason)
        else:
            messages.success(request, _("A code is on its way. Enter it below within ten minutes."))
            return redirect("patients:contact")
    return shown(request, patient, number=form)


@own_record
@require_POST
def confirm_number(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    point, form = own_point(request, pk), CodeForm(request.POST)
    if form.is_valid():
        point = contacts.confirm_number(point, by=request.user, code=form.cleaned_data["code"])
        if point.confirmed_at:
            messages.success(request, _("Your number is confirmed. Choose above what it is used for."))
            return redirect("patients:contact")
        wrong = (
            _("This is not the code that we sent. Look again, or ask for another.") if point.can_be_tried else CODE_OVER
        )
        form.add_error("code", wrong)
    return shown(request, patient, code=form)


@own_record
@require_POST
def send_code(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    point = own_point(request, pk)
    if may_send_code(request):
        contacts.send_code(point, by=request.user)
        messages.success(request, _("Another code is on its way. The one before is good no more."))
    else:
        messages.error(request, _("Too many codes were asked for. Try again in an hour."))
    return redirect("patients:contact")


@own_record
@require_POST
def add_browser(request: SignedIn, patient: Patient) -> HttpResponse:
    form = BrowserForm(request.POST)
    if form.is_valid() and is_push_service(form.cleaned_data["address"]) and len(browsers_of(request)) < MOST_BROWSERS:
        keys = {name: form.cleaned_data[name] for name in ("p256dh", "auth")}
        label = devices.of(request)[:80]
        about = {"address": form.cleaned_data["address"], "keys": keys, "label": label}
        contacts.add_browser(request.user, by=request.user, **about)
        messages.success(request, _("This browser can show notices now. Choose above what they are used for."))
    else:
        messages.error(request, _("This browser gave no address that we can send notices to."))
    return redirect("patients:contact")


@own_record
@require_POST
def remove(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    contacts.remove(own_point(request, pk), by=request.user)
    messages.success(request, _("We use it no more."))
    return redirect("patients:contact")


@own_record
@require_POST
def lift(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    row = access.read_one(stopped_of(request), by=request.actor, pk=pk)
    contacts.lift(row, by=request.user)
    messages.success(request, _("It can be used again."))
    return redirect("patients:contact")


def say_what_is_missing(request: SignedIn, form: WaysForm) -> None:
    """A way was chosen that reaches nobody yet."""
    there = {point.system for point in access.read_many(points_of(request), by=request.actor) if point.confirmed_at}
    for way, words in NOT_YET.items():
        if way in (form.cleaned_data["first"], form.cleaned_data["second"]) and way not in there:
            messages.warning(request, words)


def shown(request: SignedIn, patient: Patient, **given: forms.Form) -> HttpResponse:
    """The whole page, with the form that was sent as it was filled in."""
    points = list(access.read_many(points_of(request), by=request.actor))
    ways = given.get("ways") or WaysForm(initial=WaysForm.of(wish_of(request)), offered=offered())
    numbers = [point for point in points if point.system == Channel.SMS]
    context: dict[str, Any] = {
        "ways": ways,
        "number_form": given.get("number") or NumberForm(),
        "code_form": given.get("code") or CodeForm(),
        "number": next((point for point in numbers if point.confirmed_at), None),
        "unconfirmed": next((point for point in numbers if not point.confirmed_at), None),
        "browsers": [point for point in points if point.system == Channel.PUSH],
        "stopped": access.read_many(stopped_of(request), by=request.actor),
        "has_texts": Channel.SMS in offered(),
        "push_key": push.public_key(),
        "a_day": A_DAY,
        "a_week": A_WEEK,
    }
    is_wrong = any(form.errors for form in given.values())
    return page(request, patient, "contact", "", context, status=422 if is_wrong else 200)


def wish_of(request: SignedIn) -> ContactPreference:
    found = access.read_many(ContactPreference.objects.filter(user=request.user), by=request.actor)
    return found[0] if found else ContactPreference(user=request.user)


def points_of(request: SignedIn) -> ContactPointQuerySet:
    return ContactPoint.objects.filter(user=request.user, removed_at=None)


def browsers_of(request: SignedIn) -> list[ContactPoint]:
    return list(access.read_many(points_of(request).filter(system=Channel.PUSH), by=request.actor))


def stopped_of(request: SignedIn) -> SuppressionQuerySet:
    return Suppression.objects.filter(user=request.user).standing().order_by("created_at")


def own_point(request: SignedIn, pk: UUID) -> ContactPoint:
    return access.read_one(points_of(request), by=request.actor, pk=pk)


def may_send_code(request: SignedIn) -> bool:
    most, seconds = CODES
    by_account = limits.within(request, "code", most=most, seconds=seconds, account=request.user.pk)
    return by_account and limits.within(request, "code", most=4 * most, seconds=seconds)


def is_push_service(address: str) -> bool:
    """As far as its text says; the line looks at what its name means each time it posts."""
    try:
        outbound.checked(address)
    except outbound.Forbidden:
        return False
    return True
