"""Tokens for programs of one's own: which there are, making one (its secret is shown this once), revoking one.

Who makes one has just shown again how they sign in: a browser that was left open is not enough.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from portal import access
from portal.access import IllegalMove, Permission, Refused
from portal.actions import api_tokens
from portal.asked import SignedIn
from portal.forms import PLAIN
from portal.models import ApiToken
from portal.models.api_tokens import Scope

LIVES = {30: gettext_lazy("30 days"), 90: gettext_lazy("90 days"), 365: gettext_lazy("A year")}


class TokenForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("What is it for?"),
        help_text=gettext_lazy("The program that will use it, such as “Ward screen”."),
        max_length=60,
        validators=[PLAIN],
        error_messages={"required": gettext_lazy("Say what the token is for.")},
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("What it may do"),
        help_text=gettext_lazy("Of what you may do yourself, never more."),
        choices=Scope.choices,
        initial=Scope.READ,
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("How long it is good"), coerce=int, choices=list(LIVES.items()), initial=90
    )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_scope(self) -> Scope:
        return Scope(self.cleaned_data["scope"])


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: SignedIn) -> HttpResponse:
    if not access.has(request.actor, Permission.TOKEN_MAKE):
        raise Refused("api_tokens.make", request.user)
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return show(request, form, 422 if form.errors else 200)
    said = form.cleaned_data
    try:
        made, secret = api_tokens.make(
            request.user, by=request.user, name=said["name"], scope=said["scope"], life=timedelta(days=said["days"])
        )
    except IllegalMove as move:
        form.add_error("name", move.reason)
        request.refusal = move  # type: ignore[attr-defined]
        return show(request, form, 409)
    return show(request, TokenForm(), 201, made=made, secret=secret)


def show(request: SignedIn, form: TokenForm, status: int, **more: Any) -> HttpResponse:
    tokens = access.read_many(ApiToken.objects.live(), by=request.actor)
    return render(request, "portal/api_tokens.html", {"tokens": tokens, "form": form, **more}, status=status)


@login_required
@require_POST
def revoke(request: SignedIn, pk: UUID) -> HttpResponse:
    token = access.read_one(ApiToken.objects.all(), by=request.actor, pk=pk)
    api_tokens.revoke(token, by=request.user)
    messages.success(request, _("Revoked: “%(name)s” opens nothing any more.") % {"name": token.name})
    return redirect("portal:api_tokens")
