"""Who has opened my record: the audit trail, as far as it speaks of this person, by visits and in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from patients.actions import access_questions
from patients.forms.access_questions import AskForm
from patients.models import AccessQuestion, Patient, RelatedPerson
from patients.views import visit_words
from patients.views.own import own_record, page
from portal import access
from portal.access import Unseen
from portal.asked import SignedIn
from portal.models import AuditEvent
from portal.models.audit import AuditEventQuerySet
from portal.visits import Visit, VisitPager

MOST_QUESTIONS = 25


@dataclass(frozen=True)
class Line:
    """One visit, as it is said."""

    began: datetime
    ended: datetime
    who: str
    what: str
    refused: str
    is_emergency: bool
    first: UUID
    last: UUID


@own_record
@require_safe
def access_log(request: SignedIn, patient: Patient) -> HttpResponse:
    """Other people first; one's own visits only when asked for."""
    pager, with_own = VisitPager(request.GET), request.GET.get("mine") == "1"
    access.read_many(about(patient, with_own), by=request.actor, page=pager)
    trusts = trusted(request, patient)
    context = {
        "days": by_day(said(visit, patient, trusts) for visit in pager.visits),
        "shown": len(pager.visits),
        "pager": pager,
        "with_own": with_own,
        "questions": questions(request, patient),
    }
    return page(request, patient, "access_log", "", context)


@own_record
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: SignedIn, patient: Patient, first: UUID, last: UUID) -> HttpResponse:
    """A question about one visit, to the privacy officer."""
    line = visit_of(request, patient, first, last)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = access_questions.ask(patient, by=request.user, first=first, last=last, text=form.cleaned_data["text"])
        messages.success(request, _("Your question is sent. The privacy officer answers it here."))
        return redirect("patients:access_question", asked.pk)
    return page(request, patient, "access_ask", "", {"form": form, "line": line}, status=422 if form.errors else 200)


@own_record
@require_safe
def question(request: SignedIn, patient: Patient, pk: UUID) -> HttpResponse:
    asked = access.read_one(AccessQuestion.objects.filter(patient=patient).with_answerer(), by=request.actor, pk=pk)
    line = visit_of(request, patient, asked.first_event, asked.last_event)
    return page(request, patient, "access_question", "", {"question": asked, "line": line})


def about(patient: Patient, with_own: bool = True) -> AuditEventQuerySet:
    found = AuditEvent.objects.about(patient.pk)
    return found if with_own else found.exclude(actor_id=patient.user_id)


def visit_of(request: SignedIn, patient: Patient, first: UUID, last: UUID) -> Line:
    """The visit between these two events, when both are one's own to see and one actor's."""
    ends = access.read_many(about(patient).filter(pk__in=[first, last]), by=request.actor)
    found = {event.pk: event for event in ends}
    if {first, last} - set(found) or len({(event.actor_id, event.actor_name) for event in ends}) > 1:
        raise Unseen("read portal.auditevent")
    start, end = found[first], found[last]
    pager = VisitPager(QueryDict(""), size=1)
    within = about(patient).filter(
        actor_id=start.actor_id, actor_name=start.actor_name, created_at__range=(start.created_at, end.created_at)
    )
    access.read_many(within, by=request.actor, page=pager)
    if not pager.visits:
        raise Unseen("read portal.auditevent")
    return said(pager.visits[0], patient, trusted(request, patient))


def questions(request: SignedIn, patient: Patient) -> list[AccessQuestion]:
    return list(
        access.read_many(
            AccessQuestion.objects.filter(patient=patient),
            by=request.actor,
            page=lambda rows: list(rows.order_by("-id")[:MOST_QUESTIONS]),
        )
    )


def trusted(request: SignedIn, patient: Patient) -> set[UUID]:
    """Accounts this patient trusts, or did: what they looked at is said as theirs."""
    rows = access.read_many(
        RelatedPerson.objects.filter(patient=patient, account__isnull=False),
        by=request.actor,
        page=lambda found: list(found[:MOST_QUESTIONS]),
    )
    return {row.account_id for row in rows if row.account_id}


def said(visit: Visit, patient: Patient, trusts: set[UUID]) -> Line:
    return Line(
        began=timezone.localtime(visit.began),
        ended=timezone.localtime(visit.ended),
        who=visit_words.who(visit.event, patient.user_id, trusts),
        what=visit_words.what(visit.deeds),
        refused=visit_words.refused(visit.deeds),
        is_emergency=any(name in visit_words.EMERGENCY for _kind, name in visit.deeds),
        first=visit.first,
        last=visit.last,
    )


def by_day(lines: Iterable[Line]) -> list[tuple[date, list[Line]]]:
    return [(day, list(group)) for day, group in groupby(lines, key=lambda line: line.ended.date())]
