"""Whose case it is: who answers it now, whose it was, until when it rests, and which other cases belong to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm
from django.utils import timezone
from rest_framework import serializers

from clinicians.api.forms.claims import ClaimForm, LetGoForm, TakeOverForm
from clinicians.api.forms.handovers import HandOverForm, ReferForm
from clinicians.api.forms.links import LinkForm, MergeForm, UnlinkForm
from clinicians.api.forms.snoozes import SnoozeForm, WakeForm
from clinicians.api.serializers import Char, When
from clinicians.models import CaseLink, Claim, Handover, Snooze
from clinicians.models.staff import clinicians_of
from patients.models import Case
from patients.models.cases import Status
from portal import access
from portal.access import Permission, Role
from portal.models import Department, User
from portal.models.accounts import UserQuerySet
from portal.models.departments import DepartmentQuerySet

OTHERS_SHOWN = 50
HANDOVERS_SHOWN = 30


@dataclass(frozen=True)
class Ownership:
    claim: Claim | None
    snooze: Snooze | None
    handovers: Sequence[Handover]
    links: Sequence[CaseLink]
    others: Sequence[Case]  # the patient's other cases, as far as this person works with them

    def other(self, pk: object) -> Case | None:
        return next((case for case in self.others if case.pk == pk), None)


def read_ownership(case: Case, *, by: User) -> Ownership:
    now, of_case = timezone.now(), {"case": case}
    claims = access.read_many(Claim.objects.filter(**of_case).running(now).with_account(), by=by)
    snoozes = access.read_many(Snooze.objects.filter(**of_case).running(now).with_by(), by=by)
    return Ownership(
        claim=next(iter(claims), None),
        snooze=next(iter(snoozes), None),
        handovers=access.read_many(
            Handover.objects.filter(**of_case).with_people(), by=by, page=lambda rows: list(rows[:HANDOVERS_SHOWN])
        ),
        links=access.read_many(CaseLink.objects.standing().of(case).with_by(), by=by),
        others=read_others(case, by=by),
    )


def read_others(case: Case, *, by: User) -> Sequence[Case]:
    """The newest of them, in the departments this person works in."""
    at_desk = access.reach(by, Permission.CASE_READ).in_departments("department", "patient")
    return access.read_many(
        Case.objects.filter(at_desk, patient=case.patient_id).exclude(pk=case.pk).select_related("department"),
        by=by,
        page=lambda rows: list(rows.order_by("-id")[:OTHERS_SHOWN]),
    )


class ClaimSerializer(serializers.Serializer[Any]):
    account = Char(source="account.name")
    account_id = serializers.UUIDField()
    since = When()
    until = When()


class SnoozeSerializer(serializers.Serializer[Any]):
    until = When()
    reason = Char()
    by = Char(source="by.name")
    created_at = When()


class HandoverSerializer(serializers.Serializer[Any]):
    kind = Char()
    kind_words = Char(source="get_kind_display")
    from_owner = Char(source="from_owner.name", default=None, allow_null=True)
    to_owner = Char(source="to_owner.name", default=None, allow_null=True)
    from_department = Char(source="from_department.name")
    to_department = Char(source="to_department.name")
    reason = Char()
    by = Char(source="by.name")
    created_at = When()


class OtherCaseSerializer(serializers.Serializer[Any]):
    ref = Char()
    title = Char()
    department = Char(source="department.name")
    status = Char()
    status_words = Char(source="get_status_display")


def data_of(own: Ownership, case: Case) -> dict[str, Any]:
    """As a program reads it; a case that this person doesn't work with is not named."""
    joined = [other for other in own.others if other.merged_into_id == case.pk]
    target = own.other(case.merged_into_id)
    return {
        "claim": ClaimSerializer(own.claim).data if own.claim else None,
        "snooze": SnoozeSerializer(own.snooze).data if own.snooze else None,
        "handovers": HandoverSerializer(own.handovers, many=True).data,
        "links": [
            {**OtherCaseSerializer(other).data, "reason": row.reason, "by": row.by.name, "created_at": row.created_at}
            for row in own.links
            if (other := own.other(row.other_than(case)))
        ],
        "merged": OtherCaseSerializer(joined, many=True).data,
        "is_merged": case.merged_into_id is not None,
        "merged_into": OtherCaseSerializer(target).data if target else None,
    }


# How a form is made, and whether it is offered.
Offered = tuple[Callable[[], BaseForm], bool]


@dataclass(frozen=True)
class Forms:
    """The card's forms, fresh."""

    case: Case
    own: Ownership
    by: User
    initial: Mapping[str, Any]

    def offered(self, may: Mapping[str, bool]) -> dict[str, Offered]:
        status, own = self.case.status, self.own
        moves = may["assign"] and status in (Status.WAITING, Status.ANSWERED)
        merges = may["assign"] and status != Status.CLOSED and bool(self.open_ones)
        return {
            **self._of_claim(may["reply"] and status == Status.WAITING),
            "hand_over": (self.hand_over, moves),
            "refer": (self.refer, moves),
            "snooze": (self.snooze, moves and own.snooze is None),
            "wake": (lambda: WakeForm(initial=self.initial), may["assign"] and own.snooze is not None),
            "link": (self.link, may["assign"] and bool(self.unlinked)),
            "unlink": (self.unlink, False),
            "merge": (self.merge, merges),
        }

    def _of_claim(self, answers: bool) -> dict[str, Offered]:
        held = self.own.claim
        is_mine = held is not None and held.account_id == self.by.pk
        return {
            "claim": (lambda: ClaimForm(initial=self.initial), answers and held is None),
            "let_go": (lambda: LetGoForm(initial=self.initial), answers and is_mine),
            "take_over": (self.take_over, answers and held is not None and not is_mine),
        }

    @property
    def open_ones(self) -> list[Case]:
        return [other for other in self.own.others if other.status != Status.CLOSED]

    @property
    def unlinked(self) -> list[Case]:
        linked = {row.other_than(self.case) for row in self.own.links}
        return [other for other in self.own.others if other.pk not in linked]

    def take_over(self) -> TakeOverForm:
        return TakeOverForm(initial={**self.initial, "holder": self.own.claim.account_id if self.own.claim else None})

    def hand_over(self) -> HandOverForm:
        return HandOverForm(initial=self.initial, people=colleagues(self.case))

    def refer(self) -> ReferForm:
        return ReferForm(initial=self.initial, departments=elsewhere(self.case, by=self.by))

    def snooze(self) -> SnoozeForm:
        return SnoozeForm(initial={**self.initial, "period": "tomorrow"}, zone=self.case.department.time_zone)

    def link(self) -> LinkForm:
        return LinkForm(initial=self.initial, others=self.unlinked)

    def unlink(self) -> UnlinkForm:
        return UnlinkForm(initial=self.initial, others=self.own.others)

    def merge(self) -> MergeForm:
        return MergeForm(initial=self.initial, others=self.open_ones)


def colleagues(case: Case) -> UserQuerySet:
    """Who may have it, but for who has it."""
    rows = clinicians_of(case.department)
    return rows.exclude(pk=case.owner_id) if case.owner_id else rows


def elsewhere(case: Case, *, by: User) -> DepartmentQuerySet:
    rows: DepartmentQuerySet = Department.objects.visible_to(by).exclude(pk=case.department_id)
    return rows


def can_take(case: Case, *, by: User) -> bool:
    """Whether it could be this person's own."""
    return any(role is Role.CLINICIAN and place in (None, case.department_id) for role, place in access.roles_of(by))
