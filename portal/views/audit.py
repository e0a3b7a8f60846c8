"""The audit trail, for who keeps watch over it: who did, looked at or was refused what. Never what it said."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal import access
from portal.access import Permission, Refused
from portal.asked import SignedIn
from portal.forms import PLAIN
from portal.models import AuditEvent, User
from portal.models.accounts import UserQuerySet
from portal.models.audit import Kind
from portal.paging import Pager


class AuditFilter(forms.Form):
    actor = forms.CharField(label=_("Who"), required=False, max_length=120, validators=[PLAIN])
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Any")), *Kind.choices])
    name = forms.CharField(label=_("What"), required=False, max_length=80, validators=[PLAIN])
    day = forms.DateField(label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    person = forms.UUIDField(label=_("Person (their id)"), required=False)


@login_required
@require_safe
def events(request: SignedIn) -> HttpResponse:
    if not access.has(request.actor, Permission.AUDIT_READ):
        raise Refused("read the audit trail")
    form = AuditFilter(request.GET)
    pager = Pager(request.GET)
    wanted = asked(form, accounts(request)) if form.is_valid() else Q(pk__in=[])
    rows = access.read_many(AuditEvent.objects.filter(wanted), by=request.actor, page=pager)
    names = dict(accounts(request).filter(pk__in={row.actor_id for row in rows}).values_list("pk", "name"))
    context = {
        "nav": "audit",
        "form": form,
        "rows": [{"event": row, "actor": (row.actor_id and names.get(row.actor_id)) or row.actor_name} for row in rows],
        "pager": pager,
    }
    return render(request, "portal/audit.html", context, status=200 if form.is_valid() else 422)


def accounts(request: SignedIn) -> UserQuerySet:
    """Whose names may stand beside what they did."""
    rows: UserQuerySet = User.objects.visible_to(request.actor, Permission.AUDIT_READ)
    return rows


def asked(form: AuditFilter, people: UserQuerySet) -> Q:
    said: dict[str, Any] = form.cleaned_data
    found = Q()
    if said["actor"]:
        named = people.filter(Q(name__icontains=said["actor"]) | Q(email__iexact=said["actor"]))
        found &= Q(actor_id__in=named.values("pk")) | Q(actor_id=None, actor_name=said["actor"].lower())
    if said["kind"]:
        found &= Q(kind=said["kind"])
    if said["name"]:
        found &= Q(name__icontains=said["name"])
    if said["day"]:
        ends = (timezone.make_aware(datetime.combine(said["day"], at)) for at in (time.min, time.max))
        found &= Q(created_at__range=tuple(ends))
    if said["person"]:
        found &= Q(people__contains=[said["person"]])
    return found
