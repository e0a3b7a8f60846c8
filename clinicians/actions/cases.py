"""What staff do with a case: triage, assign, reply, close."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from clinicians.models import Answer
from patients.models import Case, CaseQuestion, Message
from patients.models.cases import Status, Urgency
from patients.models.messages import Voice
from portal.access import IllegalMove, Permission, Role
from portal.acting import handing_over
from portal.models import Department, Notification, User
from portal.models.deliveries import Purpose
from portal.verbs import verb


@verb(Permission.CASE_TRIAGE)
def triage(case: Case, *, by: User, department: Department, urgency: Urgency, owner: User | None = None) -> Case:
    """Set how soon, and whose: from here the case is on the department's worklist. Once: IllegalMove after that.

    What was promised to the patient may come earlier by it, and never later.
    """
    if case.status != Status.NEW:
        raise IllegalMove("cases.triage", case)
    if owner:
        _must_treat(owner, department, case)
    case.department, case.urgency, case.owner = department, urgency, owner
    case.hasten_answer()
    with handing_over(case.pk):
        case.move_to(Status.WAITING)
    return case


@verb(Permission.CASE_ASSIGN)
def assign(case: Case, *, by: User, owner: User | None) -> Case:
    """Make it somebody's, or give it back to the team."""
    if case.status == Status.CLOSED:
        raise IllegalMove("cases.assign", case, "the case is closed: a message from the patient opens it again")
    if owner:
        _must_treat(owner, case.department, case)
    case.owner = owner
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

    What it leaves for later, or for a visit, is still owed: the promise stands still until the patient writes.
    Raises IllegalMove when a question is left open, or the case does not wait for a reply.
    """
    open_questions = list(case.questions.open())
    if {question.pk for question in open_questions} - set(outcomes):
        raise IllegalMove("cases.reply", case, "each of the patient's questions needs an outcome")
    message = case.say(author=by, voice=Voice.CLINIC, body=body, safety_net=safety_net)
    for question in open_questions:
        question.outcome, question.settled_by = outcomes[question.pk], message
        question.save(update_fields=["outcome", "settled_by"])
    Answer.write(case, message, by=by, questions=open_questions)
    case.owner = case.owner or by
    if any(question.outcome != CaseQuestion.Outcome.ANSWERED for question in open_questions):
        case.pause_promise()
    case.move_to(Status.ANSWERED)
    if case.patient.user:
        Notification.queue(case.patient.user, Purpose.NEW_REPLY, path=f"/my/cases/{case.ref}/")
    return message


@verb(Permission.CASE_CLOSE)
def close(case: Case, *, by: User) -> Case:
    """Nothing more is owed. Raises IllegalMove while a follow-up is open, or when it is closed already."""
    if case.followups.open().exists():
        raise IllegalMove("cases.close", case, "a follow-up is still open: close it with evidence first")
    case.move_to(Status.CLOSED, by=by)
    return case


def _must_treat(owner: User, department: Department, case: Case) -> None:
    if not User.objects.with_role(Role.CLINICIAN, department).filter(pk=owner.pk).exists():
        raise IllegalMove("cases.assign", case, "that person does not treat patients in this department")
