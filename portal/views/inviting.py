"""Inviting somebody to work here, for who runs the clinic."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from portal import access
from portal.access import IllegalMove
from portal.actions import invitations
from portal.asked import SignedIn
from portal.forms import PLAIN
from portal.models import Clinic, Invitation
from portal.views.people import AppointForm, must_run_the_clinic


class InviteForm(AppointForm):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        validators=[PLAIN],
        error_messages={"required": gettext_lazy("Write the name of the person.")},
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Whoever reads this address takes the role: check it letter by letter."),
        error_messages={"required": gettext_lazy("Write the address to which the invitation goes.")},
    )
    field_order = ("name", "email", "role", "department")

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        return email.lower()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: SignedIn) -> HttpResponse:
    must_run_the_clinic(request)
    form = InviteForm(request.POST if request.method == "POST" else None, by=request.user)
    if request.method != "POST" or not form.is_valid():
        return page(request, form, 422 if form.errors else 200)
    try:
        row = invitations.invite(Clinic.the(), by=request.user, **form.cleaned_data)
    except IllegalMove as move:
        form.add_error("email", move.reason)
        return page(request, form, 409, refusal=move)
    messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": row.email})
    return redirect("portal:people")


def page(request: Any, form: InviteForm, status: int, refusal: IllegalMove | None = None) -> HttpResponse:
    if refusal:
        request.refusal = refusal
    return render(request, "portal/invite.html", {"nav": "people", "form": form}, status=status)


@login_required
@require_POST
def resend(request: SignedIn, pk: UUID) -> HttpResponse:
    must_run_the_clinic(request)
    row = access.read_one(Invitation.objects.all(), by=request.actor, pk=pk)
    invitations.resend(row, by=request.user)
    messages.success(request, _("Sent again to %(email)s, and open for another seven days.") % {"email": row.email})
    return redirect("portal:people")


@login_required
@require_POST
def revoke(request: SignedIn, pk: UUID) -> HttpResponse:
    must_run_the_clinic(request)
    row = access.read_one(Invitation.objects.all(), by=request.actor, pk=pk)
    invitations.revoke(row, by=request.user)
    messages.success(request, _("Taken back: the link sent to %(email)s opens nothing now.") % {"email": row.email})
    return redirect("portal:people")
