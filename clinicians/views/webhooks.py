"""Webhooks, for who runs the clinic: which there are, what was told to each, and what came of it. No word of a case."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinicians.actions import webhooks
from clinicians.models import Webhook, WebhookDelivery
from clinicians.models.webhooks import KIND_WORDS
from portal import access, outbound
from portal.access import IllegalMove, Permission, Refused
from portal.asked import SignedIn
from portal.forms import PLAIN
from portal.models import Clinic, Department
from portal.paging import Pager

WEBHOOKS_SHOWN = 100


class WebhookForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        validators=[PLAIN],
        error_messages={"required": gettext_lazy("Give it a name, such as that of the other system.")},
    )
    url = forms.CharField(
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("It begins with https:// and is on the open internet, not inside a network."),
        max_length=500,
        validators=[PLAIN],
        widget=forms.URLInput,
        error_messages={"required": gettext_lazy("Give the address that is told.")},
    )
    department: forms.ModelChoiceField[Department] = forms.ModelChoiceField(
        label=gettext_lazy("Cases of"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Every department"),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("It is told when"),
        choices=list(KIND_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Department.objects.visible_to(by).order_by("name")
        cast("forms.ModelChoiceField[Department]", self.fields["department"]).queryset = places

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        try:
            parts = outbound.checked(url)
            outbound.address_of(str(parts.hostname), parts.port or 443)
        except outbound.NotSent as why:
            raise ValidationError(_("This address can't be told anything: %(why)s.") % {"why": why}) from why
        return url


def must_run_webhooks(request: SignedIn) -> None:
    if not access.reach(request.actor, Permission.WEBHOOK_MANAGE).whole_clinic:
        raise Refused("open webhooks")


@require_safe
@login_required
def listed(request: SignedIn) -> HttpResponse:
    must_run_webhooks(request)
    rows = access.read_many(
        Webhook.objects.select_related("department", "made_by"),
        by=request.actor,
        page=lambda found: list(found[:WEBHOOKS_SHOWN]),
    )
    return render(request, "clinicians/webhooks.html", {"nav": "webhooks", "rows": rows})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: SignedIn) -> HttpResponse:
    must_run_webhooks(request)
    form = WebhookForm(request.POST if request.method == "POST" else None, by=request.user)
    if request.method != "POST" or not form.is_valid():
        return form_page(request, form, 422 if form.errors else 200)
    try:
        row = webhooks.add(Clinic.the(), by=request.user, **form.cleaned_data)
    except IllegalMove as move:
        form.add_error("name", move.reason)
        request.refusal = move  # type: ignore[attr-defined]
        return form_page(request, form, 409)
    return show(request, row.pk, 201, secret=row.secret)


def form_page(request: SignedIn, form: WebhookForm, status: int) -> HttpResponse:
    return render(request, "clinicians/add_webhook.html", {"nav": "webhooks", "form": form}, status=status)


@require_safe
@login_required
def webhook(request: SignedIn, pk: UUID) -> HttpResponse:
    must_run_webhooks(request)
    return show(request, pk)


def show(request: SignedIn, pk: UUID, status: int = 200, **more: Any) -> HttpResponse:
    """`secret` right after it was drawn, and never again."""
    row = access.read_one(Webhook.objects.select_related("department", "made_by"), by=request.actor, pk=pk)
    pager = Pager(request.GET)
    deliveries = access.read_many(WebhookDelivery.objects.filter(webhook=row), by=request.actor, page=pager)
    kinds = [KIND_WORDS.get(kind, kind) for kind in row.kinds]
    context = {"nav": "webhooks", "webhook": row, "deliveries": deliveries, "pager": pager, "kinds": kinds, **more}
    return render(request, "clinicians/webhook.html", context, status=status)


@login_required
@require_POST
def pause(request: SignedIn, pk: UUID) -> HttpResponse:
    webhooks.pause(found(request, pk), by=request.user)
    messages.success(request, _("Paused: nothing is sent, and what happens now is not collected."))
    return redirect("clinicians:webhook", pk)


@login_required
@require_POST
def resume(request: SignedIn, pk: UUID) -> HttpResponse:
    webhooks.resume(found(request, pk), by=request.user)
    messages.success(request, _("On again: what happens from now on is told."))
    return redirect("clinicians:webhook", pk)


@login_required
@require_POST
def renew_secret(request: SignedIn, pk: UUID) -> HttpResponse:
    row = webhooks.renew_secret(found(request, pk), by=request.user)
    return show(request, pk, secret=row.secret)


def found(request: SignedIn, pk: UUID) -> Webhook:
    must_run_webhooks(request)
    return access.read_one(Webhook.objects.all(), by=request.actor, pk=pk)


@login_required
@require_POST
def redeliver(request: SignedIn, pk: UUID) -> HttpResponse:
    """`pk` is the delivery's."""
    must_run_webhooks(request)
    row = access.read_one(WebhookDelivery.objects.all(), by=request.actor, pk=pk)
    webhooks.redeliver(row, by=request.user)
    messages.success(request, _("It is sent once more within seconds."))
    return redirect("clinicians:webhook", row.webhook_id)
