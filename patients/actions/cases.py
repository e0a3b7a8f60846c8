"""Opening a case, and what the patient says on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from patients.actions.prescriptions import write_reported
from patients.models import Case, CaseQuestion, Message, Patient
from patients.models.cases import Status
from portal.access import Permission
from portal.models import Department, Notification, User
from portal.models.deliveries import Purpose
from portal.verbs import verb


@verb(Permission.CASE_OPEN)
def open_case(
    patient: Patient,
    *,
    by: User,
    department: Department,
    title: str,
    story: str,
    since: str = "",
    questions: Iterable[str] = (),
    medicines: Iterable[Mapping[str, Any]] = (),
) -> Case:
    """Ask the clinic: the story, the patient's own questions one by one, and the medicines they take.

    Every medicine is checked as it is written down; what cannot be right is kept, and stopped.
    """
    case = Case(patient=patient, department=department, title=title, story=story, since=since)
    case.promise_answer()
    case.save()
    CaseQuestion.objects.bulk_create(
        CaseQuestion(patient=patient, case=case, position=position, text=text)
        for position, text in enumerate(questions, start=1)
    )
    for medicine in medicines:
        write_reported(case, by=by, **medicine)
    return case


@verb(Permission.MESSAGE_SEND)
def send_message(case: Case, *, by: User, body: str) -> Message:
    """Write to the clinic. A late message reopens the case: nothing is too old."""
    message = case.say(author=by, body=body)
    if case.status in (Status.ANSWERED, Status.CLOSED):
        case.move_to(Status.WAITING)
    if case.owner:
        Notification.queue(case.owner, Purpose.NEW_MESSAGE, path=f"/cases/{case.ref}/")
    return message
