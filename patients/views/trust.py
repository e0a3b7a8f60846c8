"""Whom I trust: with what, until when, what they looked at last; give it, change it, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from patients.actions import related_people
from patients.forms.trust import MayForm, TrustForm
from patients.models import Patient, RelatedPerson
from patients.models.related_people import RelatedPersonQuerySet
from patients.views import looking, visit_words
from patients.views.own import own_record, page
from portal import access
from portal.access import IllegalMove
from portal.asked import SignedIn
from portal.models import AuditEvent
from portal.models.audit import AuditEventQuerySet, Kind

MOST = 100
LOOKS_SHOWN = 10
UNTOLD = ("patients.relatedperson", "patients.patient")


def words_of(event: AuditEvent) -> str:
    return visit_words.what([(event.kind, event.name)])


@dataclass(frozen=True, slots=True)
class Given:
    """One person on the list."""

    row: RelatedPerson
    last: AuditEvent | None = None

    @property
    def may(self) -> list[str]:
        return looking.words(self.row.scopes)

    @property
    def last_words(self) -> str:
        return words_of(self.last) if self.last else ""


@own_record
@require_safe
def trust(request: SignedIn, patient: Patient) -> HttpResponse:
    rows = access.read_many(of(patient), by=request.actor, page=lambda found: list(found[:MOST]))
    last = last_looks(request, patient, rows)
    people = [Given(row, last.get(row.account_id)) for row in rows]
    context = {
        "people": [given for given in people if not given.row.is_over],
        "past": [given for given in people if given.row.is_over],
    }
    return page(request, patient, "trust", "", context)


@own_record
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: SignedIn, patient: Patient) -> HttpResponse:
    form = TrustForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            given = related_people.trust(patient, by=request.user, **form.person)
        except IllegalMove as refusal:
            return came_back(request, patient, "trust_give", form, refusal, {})
        said = _("%(name)s can see it once they sign in with %(email)s and accept. Tell them so.")
        messages.success(request, said % {"name": given.name, "email": given.email})
        return redirect("patients:trust")
    return page(request, patient, "trust_give", "", {"form": form}, status=422 if form.errors else 200)


@own_record
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    """One person: what they looked at last, and the form to change what they may."""
    given = own(request, patient, pk)
    form = MayForm(request.POST or None, initial=MayForm.of(given))
    context = {"given": given, "may": looking.words(given.scopes)}
    if request.method == "POST" and form.is_valid():
        try:
            related_people.change(given, by=request.user, **form.may)
        except IllegalMove as refusal:
            return came_back(request, patient, "trust_change", form, refusal, context)
        messages.success(request, _("Saved. It holds from now on, also for pages they have open."))
        return redirect("patients:trust")
    looks = looks_of(request, patient, given)
    context |= {"form": form, "looks": [{"at": look.created_at, "what": words_of(look)} for look in looks]}
    return page(request, patient, "trust_change", "", context, status=422 if form.errors else 200)


@own_record
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    """Asked once more on a page of its own; done at once."""
    given = own(request, patient, pk)
    if request.method == "POST":
        related_people.revoke(given, by=request.user)
        messages.success(request, _("Done. %(name)s sees nothing of your record any more.") % {"name": given.name})
        return redirect("patients:trust")
    return page(request, patient, "trust_end", "", {"given": given, "may": looking.words(given.scopes)})


def came_back(
    request: SignedIn, patient: Patient, template: str, form: MayForm, refusal: IllegalMove, context: dict[str, Any]
) -> HttpResponse:
    """The words stay; the middleware takes back the rest and records the refusal."""
    request.refusal = refusal  # type: ignore[attr-defined]
    form.add_error(None, refusal.reason)
    return page(request, patient, template, "", {**context, "form": form}, status=422)


def of(patient: Patient) -> RelatedPersonQuerySet:
    return RelatedPerson.objects.filter(patient=patient)


def own(request: SignedIn, patient: Patient, pk: UUID) -> RelatedPerson:
    return access.read_one(of(patient), by=request.actor, pk=pk)


def looks_at(patient: Patient) -> AuditEventQuerySet:
    """What was looked at in the record: not the trust itself, nor whose it is, which every page of it shows."""
    names = [f"read {label}" for label in visit_words.SEEN if label not in UNTOLD]
    return AuditEvent.objects.about(patient.pk).filter(kind=Kind.READ, name__in=names)


def last_looks(request: SignedIn, patient: Patient, rows: Sequence[RelatedPerson]) -> dict[UUID | None, AuditEvent]:
    """The last look of each account, in one question."""
    accounts = {row.account_id for row in rows if row.account_id}
    if not accounts:
        return {}
    events = access.read_many(
        looks_at(patient).filter(actor_id__in=accounts),
        by=request.actor,
        page=lambda found: list(found.order_by("actor_id", "-id").distinct("actor_id")),
    )
    return {event.actor_id: event for event in events}


def looks_of(request: SignedIn, patient: Patient, given: RelatedPerson) -> Sequence[AuditEvent]:
    if given.account_id is None:
        return []
    return access.read_many(
        looks_at(patient).filter(actor_id=given.account_id),
        by=request.actor,
        page=lambda found: list(found.order_by("-id")[:LOOKS_SHOWN]),
    )
