"""The queues of the desk: which cases need something done, and what comes first. Questions only, no writes."""

from __future__ import annotations

from enum import StrEnum
from typing import cast

from django.db import models
from django.db.models import Count, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, JSONObject, Left
from django.utils import timezone

from patients.models import Case, FollowUp, Message, Prescription, Result
from patients.models.cases import CaseQuerySet, Status
from patients.models.followups import FollowUpStatus
from portal import access
from portal.access import Permission
from portal.models import User

EXCERPT = 240
# Nobody has read it yet, so nobody knows: it stands with what is due the same day.
UNTRIAGED_RISK = 2


class Queue(StrEnum):
    ALL = "all"
    SAFETY = "safety"
    TRIAGE = "triage"
    REPLY = "reply"
    RESULTS = "results"
    FOLLOWUPS = "follow-ups"
    POOL = "pool"
    WAITING = "waiting"


NEEDS_SOMETHING = Q(has_stop=True) | Q(to_triage=True) | Q(to_reply=True) | Q(to_release=True) | Q(to_rebook=True)


def at_desk(cases: CaseQuerySet, *, by: User) -> CaseQuerySet:
    """Cases of the departments this person works in; their own as a patient are not for the desk."""
    return cases.filter(access.reach(by, Permission.CASE_READ).in_departments("department", "patient"))


def rows_of(queue: Queue, by: User) -> Q:
    """Which annotated cases stand in a queue."""
    return {
        Queue.ALL: NEEDS_SOMETHING & (Q(owner=by) | Q(owner=None)),
        Queue.SAFETY: Q(has_stop=True),
        Queue.TRIAGE: Q(to_triage=True),
        Queue.REPLY: Q(to_reply=True),
        Queue.RESULTS: Q(to_release=True),
        Queue.FOLLOWUPS: Q(to_rebook=True),
        Queue.POOL: Q(owner=None, status__in=(Status.NEW, Status.WAITING)),
        Queue.WAITING: Q(status=Status.ANSWERED),
    }[queue]


def counts(*, by: User) -> dict[str, int]:
    """How many rows each queue has, by the queues' own conditions, in one question."""
    asked = {queue.value: Count("pk", filter=rows_of(queue, by)) for queue in Queue}
    cases = at_desk(Case.objects.visible_to(by), by=by)
    return cast("dict[str, int]", with_needs(cases, by=by).aggregate(**asked))


def with_needs(cases: CaseQuerySet, *, by: User) -> CaseQuerySet:
    """What each case needs of this person: nothing is asked of who may not do it."""
    stops = Prescription.objects.with_hard_stop()
    is_stopped = Q(patient__in=stops.values("patient")) & ~Q(status=Status.CLOSED) | Q(pk__in=stops.values("case"))
    return cases.annotate(
        has_stop=_asked(by, Permission.PRESCRIPTION_READ, is_stopped),
        to_triage=_asked(by, Permission.CASE_TRIAGE, Q(status=Status.NEW)),
        to_reply=_asked(by, Permission.CASE_REPLY, Q(status=Status.WAITING)),
        to_release=_asked(by, Permission.RESULT_RELEASE, Q(pk__in=Result.objects.unreleased().values("case"))),
        to_rebook=_asked(by, Permission.FOLLOWUP_PLAN, Q(pk__in=_slipping().values("case"))),
    )


def _asked(by: User, permission: Permission, condition: Q) -> models.Expression:
    """True where the condition holds and the permission reaches the case's department."""
    reach = access.reach(by, permission)
    if not reach.as_staff:
        return Value(False, output_field=models.BooleanField())
    return ExpressionWrapper(reach.in_departments("department") & condition, models.BooleanField())


def _slipping() -> models.QuerySet[FollowUp]:
    """Promises whose window has passed, or whose day the patient can't keep."""
    today = timezone.localdate()
    return FollowUp.objects.open().filter(Q(latest_on__lt=today) | Q(status=FollowUpStatus.CHANGE_ASKED))


def with_reasons(cases: CaseQuerySet) -> CaseQuerySet:
    """Why, in a few words: the finding, the result, the promise, or what the patient said last."""
    stops = Prescription.objects.with_hard_stop().filter(patient=OuterRef("patient"))
    finding = KeyTextTransform("title", KeyTransform("0", "findings"))
    said = Message.objects.filter(case=OuterRef("pk")).from_patient().order_by("-id")
    followup = JSONObject(kind="kind", reason="reason", on="latest_on", status="status", note="patient_note")
    return cases.annotate(
        stop=Subquery(stops.values(json=JSONObject(medicine="medicine", finding=finding))[:1]),
        result_title=Subquery(_oldest_unreleased().values("title")[:1]),
        result_at=Subquery(_oldest_unreleased().values("created_at")[:1]),
        followup=Subquery(_first_slipping().values(json=followup)[:1]),
        followup_on=Subquery(_first_slipping().values("latest_on")[:1]),
        message=Subquery(said.values(text=Left("body", EXCERPT))[:1]),
        excerpt=Left("story", EXCERPT),
    )


def _oldest_unreleased() -> models.QuerySet[Result]:
    return Result.objects.unreleased().filter(case=OuterRef("pk")).order_by("created_at")


def _first_slipping() -> models.QuerySet[FollowUp]:
    return _slipping().filter(case=OuterRef("pk")).order_by("latest_on")


def in_order(cases: CaseQuerySet, queue: Queue) -> CaseQuerySet:
    """With `risk` (0 is worst) and `due` (the time by which, or since which), as they sort.

    A recorded result has no promised time: it counts from when it was recorded.
    """
    return cases.annotate(
        risk=models.Case(
            models.When(has_stop=True, then=Value(0)),
            models.When(status=Status.NEW, urgency__gt=UNTRIAGED_RISK, then=Value(UNTRIAGED_RISK)),
            default=F("urgency"),
            output_field=models.IntegerField(),
        ),
        due=_due(queue),
    )


def _due(queue: Queue) -> models.Expression:
    followup = Cast("followup_on", models.DateTimeField())
    if queue is Queue.RESULTS:
        return Coalesce(F("result_at"), F("answer_due_at"))
    if queue is Queue.FOLLOWUPS:
        return Coalesce(followup, F("answer_due_at"))
    return models.Case(
        models.When(status__in=(Status.NEW, Status.WAITING), then=F("answer_due_at")),
        default=Coalesce(F("result_at"), followup, F("waiting_since")),
        output_field=models.DateTimeField(),
    )
