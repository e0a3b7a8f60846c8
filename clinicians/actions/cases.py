"""What staff do with a case: triage, assign, reply, close."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from clinicians.models import Claim, Handover, Snooze
from clinicians.models.handovers import Kind
from clinicians.models.staff import must_treat
from patients.models import Case, CaseQuestion, Message
from patients.models.cases import Status, Urgency
from patients.models.messages import Voice
from portal.access import IllegalMove, Permission
from portal.acting import handing_over
from portal.models import Department, Notification, User
from portal.models.deliveries import Purpose
from portal.verbs import verb


@verb(Permission.CASE_TRIAGE)
def triage(case: Case, *, by: User, department: Department, urgency: Urgency, owner: User | None = None) -> Case:
    """Set how soon, and whose: from here the case is on the department's worklist. Once: IllegalMove after that."""
    if case.status != Status.NEW:
        raise IllegalMove("cases.triage", case)
    if owner:
        must_treat("cases.triage", case, owner, department)
    if department != case.department:
        Handover.write(case, by=by, kind=Kind.REFERRED, to=owner, department=department)
    elif owner:
        Handover.write(case, by=by, kind=Kind.TAKEN if owner == by else Kind.ASSIGNED, to=owner)
    case.department, case.urgency, case.owner = department, urgency, owner
    with handing_over(case.pk):
        case.move_to(Status.WAITING)
    _tell(case, by)
    return case


@verb(Permission.CASE_ASSIGN)
def assign(case: Case, *, by: User, owner: User | None) -> Case:
    """Make it somebody's, or give it back to the team."""
    if case.status == Status.CLOSED:
        raise IllegalMove("cases.assign", case, "the case is closed: a message from the patient opens it again")
    if owner:
        must_treat("cases.assign", case, owner, case.department)
    if owner != case.owner:
        kind = (Kind.TAKEN if owner == by else Kind.ASSIGNED) if owner else Kind.GIVEN_BACK
        Handover.write(case, by=by, kind=kind, to=owner)
        case.owner = owner
        _tell(case, by)
    case.save()
    return case


@verb(Permission.CASE_REPLY)
def reply(
    case: Case,
    *,
    by: User,
    body: str,
    safety_net: str,
    outcomes: Mapping[UUID, CaseQuestion.Outcome],
) -> Message:
    """Answer the patient: each of their open questions gets an outcome, and the reply a safety-net.

    Raises IllegalMove when a question is left open, when the case does not wait for a reply, and while somebody else
    is answering it.
    """
    Claim.refuse_others("cases.reply", case, by)
    open_questions = list(case.questions.open())
    if {question.pk for question in open_questions} - set(outcomes):
        raise IllegalMove("cases.reply", case, "each of the patient's questions needs an outcome")
    message = case.say(author=by, voice=Voice.CLINIC, body=body, safety_net=safety_net)
    for question in open_questions:
        question.outcome, question.settled_by = outcomes[question.pk], message
        question.save(update_fields=["outcome", "settled_by"])
    if case.owner is None:
        Handover.write(case, by=by, kind=Kind.TAKEN, to=by)
        case.owner = by
    case.move_to(Status.ANSWERED)
    Claim.end(case)
    Snooze.end(case, by=by)
    if case.patient.user:
        Notification.queue(case.patient.user, Purpose.NEW_REPLY, path=f"/my/cases/{case.ref}/")
    return message


@verb(Permission.CASE_CLOSE)
def close(case: Case, *, by: User) -> Case:
    """Nothing more is owed. Raises IllegalMove while a follow-up is open or somebody else is answering, and when it is
    closed already.
    """
    Claim.refuse_others("cases.close", case, by)
    if case.followups.open().exists():
        raise IllegalMove("cases.close", case, "a follow-up is still open: close it with evidence first")
    case.move_to(Status.CLOSED, by=by)
    Claim.end(case)
    Snooze.end(case, by=by)
    return case


def _tell(case: Case, by: User) -> None:
    """Whose it is now, unless they took it themselves."""
    if case.owner and case.owner != by:
        Notification.queue(case.owner, Purpose.CASE_HANDED, path=f"/cases/{case.ref}/")
