"""The audit trail, for who keeps watch over it: who did, looked at or was refused what. Never what it said.

Whose record it was is shown as an id, and may be asked for by record number: a number on a letter or a complaint is how
a privacy officer knows a person. The number leads to the id and to no name: watching over the trail gives no sight of
the record. For the same reason staff are named, and whoever has no post here (a patient) is not. Each look at the trail
is an event of it, with the people whose ids were shown or asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal import access, audit
from portal.access import SYSTEM, VISITOR, Permission, Refused
from portal.asked import SignedIn
from portal.forms import PLAIN
from portal.models import AuditEvent, AuditSeal, User
from portal.models.accounts import UserQuerySet
from portal.models.audit import Kind
from portal.paging import Pager
from portal.verbs import VERBS

TRAIL = "portal.auditevent"
# As many people of one event as a line of the list shows.
NAMED = 3
MOST_ACCOUNTS = 100


class DayField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"})


class AuditFilter(forms.Form):
    actor = forms.CharField(label=_("Who (name, e-mail or id)"), required=False, max_length=120, validators=[PLAIN])
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Any")), *Kind.choices])
    name = forms.CharField(
        label=_("What"),
        required=False,
        max_length=80,
        validators=[PLAIN],
        widget=forms.TextInput(attrs={"list": "known"}),
    )
    request = forms.UUIDField(label=_("Request"), required=False)
    since = DayField(label=_("From (day)"), required=False)
    until = DayField(label=_("Until (day)"), required=False)
    record = forms.CharField(label=_("Record number"), required=False, max_length=30, validators=[PLAIN])
    person = forms.UUIDField(label=_("Person (their id)"), required=False)

    def clean_record(self) -> UUID | None:
        """The person it means: an id, without a name."""
        number = str(self.cleaned_data["record"]).strip()
        person: UUID | None = import_string(settings.PERSON_OF_NUMBER)(number) if number else None
        if number and person is None:
            raise ValidationError(_("No record has this number. Check it on the letter it comes from."))
        return person

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        since, until = said.get("since"), said.get("until")
        if since and until and since > until:
            self.add_error("until", _("This day is before the first one."))
        return said

    @property
    def people(self) -> set[UUID]:
        """Who was asked for."""
        return {person for person in (self.cleaned_data["record"], self.cleaned_data["person"]) if person}


@login_required
@require_safe
def events(request: SignedIn) -> HttpResponse:
    watch(request)
    form, pager = AuditFilter(request.GET), Pager(request.GET)
    wanted = asked(form, accounts(request)) if form.is_valid() else Q(pk__in=[])
    rows = access.read_many(AuditEvent.objects.filter(wanted), by=request.actor, page=pager)
    shown = {person for row in rows for person in row.people[:NAMED]}
    audit.note_look(access.acting(request.actor), TRAIL, shown | (form.people if form.is_valid() else set()))
    context = {
        "nav": "audit",
        "form": form,
        "known": sorted(known_names()),
        "rows": with_names(rows, request),
        "pager": pager,
        "query": request.GET.urlencode(),
        "seal": newest_seal(request),
    }
    return render(request, "portal/audit.html", context, status=200 if form.is_valid() else 422)


@login_required
@require_safe
def event(request: SignedIn, pk: UUID) -> HttpResponse:
    watch(request)
    found = access.read_one(AuditEvent.objects.all(), by=request.actor, pk=pk)
    audit.note_look(access.acting(request.actor), TRAIL, found.people)
    seals = access.read_many(
        AuditSeal.objects.filter(through__gte=found.serial),
        by=request.actor,
        page=lambda rows: list(rows.order_by("through")[:1]),
    )
    [row] = with_names([found], request)
    context = {"nav": "audit", **row, "seal": seals[0] if seals else None}
    return render(request, "portal/audit_event.html", context)


def watch(request: SignedIn) -> None:
    if not access.has(request.actor, Permission.AUDIT_READ):
        raise Refused("read the audit trail")


def newest_seal(request: SignedIn) -> AuditSeal | None:
    seals = access.read_many(AuditSeal.objects.order_by("-number"), by=request.actor, page=lambda rows: list(rows[:1]))
    return seals[0] if seals else None


def with_names(rows: Iterable[AuditEvent], request: SignedIn) -> list[dict[str, Any]]:
    rows = list(rows)
    names = dict(accounts(request).filter(pk__in={row.actor_id for row in rows}).values_list("pk", "name"))
    return [{"event": row, "actor": who(row, names)} for row in rows]


def who(event: AuditEvent, names: dict[UUID, str]) -> str:
    if event.actor_id is None:
        return event.actor_name
    name = names.get(event.actor_id) or str(_("An account without a post"))
    return str(_("%(name)s, by a token") % {"name": name}) if event.actor_name == "token" else name


def accounts(request: SignedIn) -> UserQuerySet:
    """Whose names may stand beside what they did: who works here, or did."""
    rows: UserQuerySet = User.objects.visible_to(request.actor, Permission.AUDIT_READ).with_post()
    return rows


def known_names() -> set[str]:
    """What an event may be called."""
    looks = {f"read {model._meta.label_lower}" for model in apps.get_models()}
    return set(VERBS) | looks | {f"export {TRAIL}"}


def asked(form: AuditFilter, people: UserQuerySet) -> Q:
    """Each condition is one that an index of the trail answers."""
    said: dict[str, Any] = form.cleaned_data
    found = Q()
    if said["actor"]:
        found &= by_actor(said["actor"].strip(), people)
    if said["kind"]:
        found &= Q(kind=said["kind"])
    if said["name"]:
        typed = said["name"].strip()
        found &= Q(name__in=[typed, *(name for name in known_names() if typed.lower() in name)])
    if said["request"]:
        found &= Q(request_id=str(said["request"]))
    if said["since"]:
        found &= Q(created_at__gte=moment(said["since"], time.min))
    if said["until"]:
        found &= Q(created_at__lte=moment(said["until"], time.max))
    for person in form.people:
        found &= Q(people__contains=[person])
    return found


def by_actor(typed: str, people: UserQuerySet) -> Q:
    """A name, an address or the id of an account; `system` and `visitor` where nobody's account acts."""
    if typed.lower() in (SYSTEM.name, VISITOR.name):
        return Q(actor_id=None, actor_name=typed.lower())
    if (account := as_id(typed)) is not None:
        return Q(actor_id=account)
    named = people.filter(Q(name__icontains=typed) | Q(email__iexact=typed))
    return Q(actor_id__in=list(named.values_list("pk", flat=True)[:MOST_ACCOUNTS]))


def as_id(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))
