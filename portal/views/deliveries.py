"""What is sent, for who runs the clinic: does it go, how late, and what a person has to decide.

Nobody is named: a row is a purpose, a channel, an age and its trouble. Who was told what stands on the case.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import ceil
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from portal import access
from portal.access import Permission, Refused
from portal.actions import deliveries, outbox
from portal.asked import SignedIn
from portal.forms import PLAIN
from portal.models import Delivery, Outbox
from portal.models.deliveries import DeliveryQuerySet
from portal.paging import Pager

LATENESS_OF = timedelta(hours=1)
MINUTE, HOUR = 60, 60 * 60
# What the list can show, and in which words.
LISTS = {
    "dead": gettext_lazy("Could not be sent"),
    "waiting": gettext_lazy("Due and waiting"),
    "uncertain": gettext_lazy("Perhaps sent"),
    "flagged": gettext_lazy("Perhaps sent twice"),
    "bounced": gettext_lazy("Came back"),
}


class HoldForm(forms.Form):
    because = forms.CharField(max_length=200, validators=[PLAIN])


@require_safe
@login_required
def listed(request: SignedIn) -> HttpResponse:
    must_run_deliveries(request)
    shown = list_of(request)
    pager = Pager(request.GET)
    rows = access.read_many(Delivery.objects.listed_as(shown, timezone.now()), by=request.actor, page=pager)
    context = {
        "nav": "deliveries",
        "lists": [(key, label, count(request, key)) for key, label in LISTS.items()],
        "shown": shown,
        "title": LISTS[shown],
        "rows": rows,
        "pager": pager,
        "box": the_outbox(request),
        "trouble": outbox.trouble(),
        "oldest": visible(request).due(timezone.now()).values_list("due_at", flat=True).first(),
        "channels": [
            {**row, "half": within(row["p50"]), "most": within(row["p95"])}
            for row in visible(request).lateness(timezone.now() - LATENESS_OF)
        ],
        "check": import_string(settings.REMINDER_CHECK)() if settings.REMINDER_CHECK else None,
    }
    return render(request, "portal/deliveries.html", context)


def within(seconds: float) -> str:
    """In the unit that says enough, rounded up: what went within it did."""
    whole = ceil(max(seconds, 0))
    if whole < MINUTE:
        return _("%(n)d s") % {"n": whole}
    if whole <= 2 * HOUR:
        return _("%(n)d min") % {"n": ceil(whole / MINUTE)}
    return _("%(n)d h") % {"n": ceil(whole / HOUR)}


def list_of(request: SignedIn) -> str:
    name = request.GET.get("show", "")
    return name if name in LISTS else "dead"


def must_run_deliveries(request: SignedIn) -> None:
    if not access.reach(request.actor, Permission.DELIVERY_RESOLVE).whole_clinic:
        raise Refused("open deliveries")


def visible(request: SignedIn) -> DeliveryQuerySet:
    rows: DeliveryQuerySet = Delivery.objects.visible_to(request.actor)
    return rows


def count(request: SignedIn, name: str) -> int:
    return visible(request).listed_as(name, timezone.now()).count()


def the_outbox(request: SignedIn) -> Outbox | None:
    found = access.read_many(Outbox.objects.all(), by=request.actor)
    return found[0] if found else None


@login_required
@require_POST
def hold(request: SignedIn) -> HttpResponse:
    must_run_deliveries(request)
    form = HoldForm(request.POST)
    because = form.cleaned_data["because"] if form.is_valid() else _("held by hand")
    outbox.hold(Outbox.the(), by=request.user, because=because)
    messages.success(request, _("Nothing is sent until you let it go on."))
    return redirect("portal:deliveries")


@login_required
@require_POST
def release(request: SignedIn) -> HttpResponse:
    must_run_deliveries(request)
    outbox.release(Outbox.the(), by=request.user)
    messages.success(request, _("It is sent again, from the next sweep on."))
    return redirect("portal:deliveries")


def decide(verb: Callable[..., Any], words: Any) -> Callable[[SignedIn, UUID], HttpResponse]:
    """The address that does this verb to one row."""

    @login_required
    @require_POST
    def decided(request: SignedIn, pk: UUID) -> HttpResponse:
        must_run_deliveries(request)
        row = access.read_one(Delivery.objects.all(), by=request.actor, pk=pk)
        verb(row, by=request.user)
        messages.success(request, words)
        return redirect(f"{reverse('portal:deliveries')}?show={list_of(request)}")

    return decided


send_again = decide(deliveries.send_again, gettext_lazy("It goes once more, with the next sweep."))
call_sent = decide(deliveries.call_sent, gettext_lazy("It counts as sent."))
let_go = decide(deliveries.let_go, gettext_lazy("It is not sent any more."))
