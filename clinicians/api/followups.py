"""Promising a follow-up, and closing one with evidence; and, for programs, all that were promised."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.actions import followups
from clinicians.api import versions, workspace
from clinicians.api.acts import Act, CaseAct, errors_of, problem
from clinicians.api.answers import CURSORS, PageOf, query
from clinicians.api.desk import Desk
from clinicians.api.forms.followup_filter import YES_OR_NO, FollowUpFilter
from clinicians.api.forms.followups import CloseFollowUpForm, MissFollowUpForm, MoveFollowUpForm, PlanForm
from clinicians.api.serializers import FollowUpSerializer, ListedFollowUpSerializer, OneFollowUpSerializer
from clinicians.api.workspace import read_row
from patients.models import Case, FollowUp, reminders
from patients.models.followups import FollowUpKind, FollowUpQuerySet, FollowUpStatus
from portal import access
from portal.access import Permission, Refused
from portal.models import User
from portal.paging import EarliestFirst

ASKS = (
    query("status", "In one of these states.", many=True, enum=tuple(FollowUpStatus)),
    query("open", "Whether it is still to be kept: not closed.", enum=tuple(YES_OR_NO)),
    query("kind", "Of this kind.", enum=tuple(FollowUpKind)),
    query("owner", "Whose they are: me, or the id of an account."),
    query("due_from", "Due on this day (2027-01-31) or later."),
    query("due_to", "Due on this day or earlier."),
    query("late", "Whether it is open and its last day (latest_on) has passed.", enum=tuple(YES_OR_NO)),
    query("must_not_be_missed", "Whether a person calls the same day when it is missed.", enum=tuple(YES_OR_NO)),
    query("case", "Of the case of this number."),
)
OPEN = ~Q(status=FollowUpStatus.CLOSED)
# What each filter means, on this day. Nobody is late before they are due: said, so that an index by that day serves.
MEANS: Mapping[str, Callable[[Any, date], Q]] = {
    "status": lambda chosen, _today: Q(status__in=chosen),
    "open": lambda yes, _today: OPEN if yes else ~OPEN,
    "kind": lambda kind, _today: Q(kind=kind),
    "owner": lambda owner, _today: Q(owner=owner),
    "due_from": lambda day, _today: Q(due_on__gte=day),
    "due_to": lambda day, _today: Q(due_on__lte=day),
    "late": lambda yes, today: (
        OPEN & Q(latest_on__lt=today, due_on__lt=today) if yes else ~OPEN | Q(latest_on__gte=today)
    ),
    "must_not_be_missed": lambda yes, _today: Q(is_high_risk=yes),
    "case": lambda number, _today: Q(case__number=number),
}


class FollowUpsAnswer(PageOf):
    followups = ListedFollowUpSerializer(many=True)


class FollowUpAnswer(serializers.Serializer[Any]):
    followup = OneFollowUpSerializer()


class FollowUps(Desk):
    """Those one sees as staff, by the day on which they are due."""

    answers: ClassVar[Mapping[str, Any]] = {"get": FollowUpsAnswer}
    asks: ClassVar[Sequence[Any]] = (*ASKS, *CURSORS)
    refuses = (422,)

    def get(self, request: Request) -> Response:
        form, pager = FollowUpFilter(self.asked.GET), EarliestFirst(self.asked.GET, day="due_on")
        if not form.is_valid():
            return problem(422, errors=errors_of(form))
        rows = at_hand(by=self.actor).filter(wanted(form.cleaned_data, by=self.actor))
        found = access.read_many(rows, by=self.actor, page=pager)
        said = ListedFollowUpSerializer(found, many=True).data
        return self.answer({"followups": said, "newer": pager.newer, "older": pager.older})


class OneFollowUp(Desk):
    """With its reminders and how they fared."""

    answers: ClassVar[Mapping[str, Any]] = {"get": FollowUpAnswer}
    has_tag = True

    def get(self, request: Request, pk: UUID) -> Response:
        rows = at_hand(by=self.actor).prefetch_related(reminders.in_order())
        found = access.read_one(rows, by=self.actor, pk=pk)
        seen = workspace.seen_now(found.case, by=self.actor)
        answer = self.answer({"followup": OneFollowUpSerializer(found).data})
        answer.add_post_render_callback(lambda drawn: versions.tagged(self.asked, drawn, seen))
        return answer


def at_hand(*, by: User) -> FollowUpQuerySet:
    """Of the departments one works in, and of records opened in an emergency; never one's own, as a patient."""
    reach = access.reach(by, Permission.FOLLOWUP_READ)
    if not (reach.as_staff or reach.emergency):
        raise Refused("read follow-ups")
    theirs = reach.in_departments("place", "patient") | Q(patient__in=sorted(reach.emergency))
    return FollowUp.objects.standing().with_place().filter(theirs).with_people()


def wanted(said: Mapping[str, Any], *, by: User) -> Q:
    """All that was asked for; what was left empty asks for nothing."""
    asked = {**said, "owner": by.pk if said["owner"] == "me" else said["owner"]}
    today = timezone.localdate()
    return Q(*(means(asked[name], today) for name, means in MEANS.items() if asked[name] or asked[name] is False))


class Plan(CaseAct):
    name = "plan"
    answers = {"post": FollowUpSerializer}
    anchor = "follow-up"
    made = 201
    done = gettext_lazy("Promised: the patient sees the day, and the reminders are set.")

    def form(self, subject: Case, data: Mapping[str, Any]) -> PlanForm:
        return PlanForm(data)

    def act(self, subject: Case, form: PlanForm) -> FollowUp:
        said = form.cleaned_data
        about = {name: said[name] for name in ("kind", "reason", "period", "is_high_risk")}
        return followups.plan(subject, by=self.actor, **about)

    def data(self, made: FollowUp) -> Mapping[str, Any]:
        return FollowUpSerializer(made).data


class OfFollowUp(Act):
    answers = {"post": FollowUpSerializer}
    anchor = "follow-up"

    def find(self, **where: Any) -> Any:
        return read_row(FollowUp.objects.all(), by=self.actor, pk=where["pk"])

    def data(self, made: FollowUp) -> Mapping[str, Any]:
        return FollowUpSerializer(made).data


class MoveFollowUp(OfFollowUp):
    name = "move-followup"
    done = gettext_lazy("Another day is promised: the patient is told, and asked anew.")
    overtaken = gettext_lazy("This follow-up has been closed meanwhile.")

    def form(self, subject: FollowUp, data: Mapping[str, Any]) -> MoveFollowUpForm:
        return MoveFollowUpForm(data, auto_id=f"move-followup-{subject.pk}_%s")

    def act(self, subject: FollowUp, form: MoveFollowUpForm) -> FollowUp:
        return followups.move(subject, by=self.actor, period=form.cleaned_data["period"])


class MissFollowUp(OfFollowUp):
    name = "miss-followup"
    done = gettext_lazy("Written down: the patient hears of it today, and it climbs until somebody acts.")
    overtaken = gettext_lazy("It is closed or written down already, or its first day has not come.")

    def form(self, subject: FollowUp, data: Mapping[str, Any]) -> MissFollowUpForm:
        return MissFollowUpForm(data, auto_id=f"miss-followup-{subject.pk}_%s")

    def act(self, subject: FollowUp, form: MissFollowUpForm) -> FollowUp:
        return followups.miss(subject, by=self.actor)


class CloseFollowUp(OfFollowUp):
    name = "close-followup"
    done = gettext_lazy("Closed with its evidence; no more reminders go out.")
    overtaken = gettext_lazy("This follow-up has been closed already.")

    def form(self, subject: FollowUp, data: Mapping[str, Any]) -> CloseFollowUpForm:
        return CloseFollowUpForm(data, auto_id=f"close-followup-{subject.pk}_%s")

    def act(self, subject: FollowUp, form: CloseFollowUpForm) -> FollowUp:
        said = form.cleaned_data
        return followups.close(subject, by=self.actor, evidence=said["evidence"], note=said["note"])
