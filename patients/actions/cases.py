"""Opening a case, and what the patient says on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from patients.actions.prescriptions import write_reported
from patients.actions.red_flags import raise_flag
from patients.models import Case, CaseQuestion, Message, Patient, Screening
from patients.models.cases import Status
from patients.models.messages import Voice
from patients.models.red_flags import Source
from patients.models.screenings import Answered
from patients.rules.triage import ticked
from portal.access import IllegalMove, Permission
from portal.models import Department, Notification, User
from portal.models.deliveries import Purpose
from portal.verbs import verb


class AlreadySent(IllegalMove):
    """The same form again: what it made the first time is `row`, and nothing more was written."""

    code = "already_sent"

    def __init__(self, row: Case | Message) -> None:
        super().__init__("cases.sent_again", reason="this form was sent before")
        self.row = row


class GoesOnElsewhere(IllegalMove):
    """This case was merged into another, `row`: write there."""

    code = "merged"

    def __init__(self, case: Case) -> None:
        super().__init__("cases.send_message", case, _("This case goes on in another one: write there."))
        self.row = case.merged_into


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
    screening: Answered | None = None,
    form_key: UUID | None = None,
) -> Case:
    """Ask the clinic: the story, the patient's own questions one by one, and the medicines they take.

    Every medicine is checked as it is written down; what cannot be right is kept, and stopped. What was answered to
    the safety questions before is kept with it; where it can't wait, the case is urgent from the start.
    Raises AlreadySent when this form has opened a case already.
    """
    _refuse_a_second(patient.cases.all(), form_key)
    case = Case(patient=patient, department=department, title=title, story=story, since=since, form_key=form_key)
    case.promise_answer()
    case.save()
    CaseQuestion.objects.bulk_create(
        CaseQuestion(patient=patient, case=case, position=position, text=text)
        for position, text in enumerate(questions, start=1)
    )
    for medicine in medicines:
        write_reported(case, by=by, **medicine)
    if screening:
        finding = screening.finding(patient)
        Screening.of(case, screening, finding)
        raise_flag(case, source=Source.SCREENING, finding=finding)
    return case


@verb(Permission.MESSAGE_SEND)
def send_message(
    case: Case, *, by: User, body: str, signs: Collection[str] = (), form_key: UUID | None = None
) -> Message:
    """Write to the clinic, as the patient or for them. A late message reopens the case: nothing is too old.

    What somebody writes for the patient, the patient is told of. `signs` are what was ticked as new: never read out of
    the text, and a red flag.

    Raises AlreadySent when this form has sent its message already, and GoesOnElsewhere on a case that was merged.
    """
    _refuse_a_second(case.messages.all(), form_key)
    if case.merged_into_id:
        raise GoesOnElsewhere(case)
    patient = case.patient.user
    voice = Voice.PATIENT if by == patient else Voice.TRUSTED
    message = case.say(author=by, voice=voice, body=body, form_key=form_key)
    if case.status in (Status.ANSWERED, Status.CLOSED):
        case.move_to(Status.WAITING)
    if signs and (screening := Screening.objects.filter(case=case).first()):
        raise_flag(case, source=Source.MESSAGE, finding=ticked(screening.complaint, signs))
    if case.owner:
        Notification.queue(case.owner, Purpose.NEW_MESSAGE, path=f"/cases/{case.ref}/")
    if patient and voice is Voice.TRUSTED:
        Notification.queue(patient, Purpose.NEW_MESSAGE, path=f"/my/cases/{case.ref}/")
    return message


def _refuse_a_second(rows: QuerySet[Case] | QuerySet[Message], form_key: UUID | None) -> None:
    """The verb holds the lock on the parent, so of thirty equal posts the first is seen by the others."""
    if form_key and (row := rows.filter(form_key=form_key).first()):
        raise AlreadySent(row)
