"""Giving a case on: to a colleague, or to another department. With a reason, which the next one reads."""

from __future__ import annotations

from django.utils.translation import gettext as _

from clinicians.models import Claim, Handover, Snooze
from clinicians.models.handovers import Kind
from clinicians.models.staff import must_treat
from patients.models import Case
from patients.models.cases import Status
from portal.access import IllegalMove, Permission
from portal.acting import handing_over
from portal.models import Department, Notification, User
from portal.models.deliveries import Purpose
from portal.rules.working_time import NeverOpen
from portal.verbs import verb


@verb(Permission.CASE_ASSIGN)
def hand_over(case: Case, *, by: User, to: User, reason: str) -> Case:
    """To a colleague of the same department, who is told. What was set aside is on their list again."""
    if case.status == Status.CLOSED:
        raise IllegalMove("handovers.hand_over", case, _("The case is closed: a message from the patient opens it."))
    if case.owner == to:
        raise IllegalMove("handovers.hand_over", case, _("It is theirs already."))
    must_treat("handovers.hand_over", case, to, case.department)
    Handover.write(case, by=by, kind=Kind.HANDED_OVER, to=to, reason=reason)
    Claim.end(case, of=by.pk)
    Snooze.end(case, by=by)
    case.owner = to
    case.save()
    if to != by:
        Notification.queue(to, Purpose.CASE_HANDED, path=f"/cases/{case.ref}/")
    return case


@verb(Permission.CASE_ASSIGN)
def refer(case: Case, *, by: User, department: Department, reason: str) -> Case:
    """To another department's pool, which owes an answer from now on: also where one was given already.

    Raises IllegalMove before triage (which passes it on itself), and while somebody else is answering.
    """
    if case.status not in (Status.WAITING, Status.ANSWERED):
        raise IllegalMove("handovers.refer", case, _("Only a case that was triaged and is not closed can be referred."))
    if department == case.department:
        raise IllegalMove("handovers.refer", case, _("It is in this department already."))
    Claim.refuse_others("handovers.refer", case, by)
    # While it is still here: what hangs on the case moves with it.
    Handover.write(case, by=by, kind=Kind.REFERRED, to=None, department=department, reason=reason)
    Claim.end(case)
    Snooze.end(case, by=by)
    case.department, case.owner = department, None
    with handing_over(case.pk):
        _promise_anew(case)
    return case


def _promise_anew(case: Case) -> None:
    try:
        if case.status == Status.ANSWERED:
            case.move_to(Status.WAITING)
        else:
            case.promise_answer()
            case.save()
    except NeverOpen as never:
        words = _("That department has no opening hours: no answer can be promised there.")
        raise IllegalMove("handovers.refer", case, words) from never
