"""The case on one page: everything that is read for it, by one person, in a constant number of questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinicians.api import readings
from clinicians.api.ownership import Ownership, read_ownership
from clinicians.models import Escalation
from patients.models import (
    Attachment,
    Case,
    CaseQuestion,
    DiaryEntry,
    FollowUp,
    Message,
    Patient,
    Prescription,
    RedFlag,
    Result,
    Screening,
    reminders,
)
from patients.models.cases import CaseQuerySet
from patients.models.diary import DAYS_SHOWN
from patients.models.prescriptions import PrescriptionStatus
from patients.models.results import StudyType
from patients.rules.reference_ranges import judgement_line
from portal import access
from portal.access import Permission
from portal.models import User

RESULTS_SHOWN = 30
MESSAGES_SHOWN = 100
FLAGS_SHOWN = 50
ESCALATIONS_SHOWN = 12
WORDS_ON_THE_FIBRE = 18
# As a report is read: an F-wave belongs to its motor nerve.
STUDIES = (StudyType.MOTOR, StudyType.F_WAVE, StudyType.SENSORY)


def read_case(ref: str, *, by: User, locked: bool = False) -> Case:
    """The case of this number, for who treats in its department, or broke the glass. Raises Unseen (404)."""
    reach = access.reach(by, Permission.CASE_READ)
    at_hand = reach.in_departments("department", "patient") | Q(patient__in=sorted(reach.emergency))
    return access.read_one(_cases(locked).filter(at_hand), by=by, number=Case.number_of(ref))


def read_row(rows: Any, *, by: User, pk: Any) -> Any:
    """A result, medicine or follow-up with its case, for who treats in that case's department."""
    reach = access.reach(by, Permission.CASE_READ).in_departments("case__department")
    return access.read_one(rows.filter(reach).select_related("case__patient", "case__department"), by=by, pk=pk)


def _cases(locked: bool) -> CaseQuerySet:
    rows = Case.objects.with_people().prefetch_related("department__opening_hours", "department__holidays")
    return rows.select_for_update(of=("self",)) if locked else rows


@dataclass(frozen=True)
class Workspace:
    """One case with all that hangs on it, as far as this person may see it."""

    case: Case
    questions: Sequence[CaseQuestion]
    messages: Sequence[Message]
    results: Sequence[Result]
    medicines: Sequence[Prescription]
    followups: Sequence[FollowUp]
    attachments: Sequence[Attachment]
    ownership: Ownership
    screening: Screening | None
    red_flags: Sequence[RedFlag]
    diary: Sequence[DiaryEntry]
    escalations: Sequence[Escalation]

    @property
    def patient(self) -> Patient:
        return self.case.patient

    @property
    def stops(self) -> list[Prescription]:
        return [row for row in self.medicines if row.has_hard_stop and row.status == PrescriptionStatus.ACTIVE]

    @property
    def open_questions(self) -> list[CaseQuestion]:
        return [row for row in self.questions if row.outcome == CaseQuestion.Outcome.OPEN]

    @property
    def seen(self) -> str:
        return seen(self.case, self.messages)


def open_workspace(case: Case, *, by: User) -> Workspace:
    of_case = {"case": case}
    of_patient = {"patient": case.patient_id}
    people = ("recorded_by", "ended_by")
    return Workspace(
        case=case,
        questions=access.read_many(CaseQuestion.objects.filter(**of_case), by=by),
        messages=access.read_many(Message.objects.filter(**of_case).standing().with_author(), by=by, page=newest_last),
        results=access.read_many(
            Result.objects.filter(**of_patient).with_values(), by=by, page=lambda rows: list(rows[:RESULTS_SHOWN])
        ),
        medicines=access.read_many(Prescription.objects.filter(**of_patient).select_related(*people), by=by),
        followups=access.read_many(
            FollowUp.objects.filter(**of_case).standing().with_people().prefetch_related(reminders.in_order()),
            by=by,
        ),
        attachments=access.read_many(Attachment.objects.filter(**of_case), by=by),
        ownership=read_ownership(case, by=by),
        screening=next(iter(access.read_many(Screening.objects.filter(**of_case), by=by)), None),
        red_flags=access.read_many(
            RedFlag.objects.filter(**of_case).with_reviewer(), by=by, page=lambda rows: list(rows[:FLAGS_SHOWN])
        ),
        diary=access.read_many(DiaryEntry.objects.filter(**of_case), by=by, page=lambda rows: list(rows[:DAYS_SHOWN])),
        # Of the clinic's own work: the look at the case is on record, and this is no other.
        escalations=latest(Escalation.objects.visible_to(by).filter(**of_case).of_what_is_seen(by)),
    )


def latest(rows: Any) -> list[Escalation]:
    """The last of them, in order of time."""
    return list(reversed(rows.order_by("-at", "-id")[:ESCALATIONS_SHOWN]))


def newest_last(rows: Any) -> list[Message]:
    """The last of them, in the order in which they were said."""
    return list(reversed(rows.order_by("-id")[:MESSAGES_SHOWN]))


def seen(case: Case, messages: Sequence[Message]) -> str:
    """What a form was filled in against: a later message, move or owner makes it another."""
    last = messages[-1].pk if messages else ""
    state = f"{case.pk} {case.status} {case.urgency} {case.department_id} {case.owner_id} {last}"
    return sha256(state.encode()).hexdigest()[:16]


def seen_now(case: Case, *, by: User) -> str:
    said = access.read_many(Message.objects.filter(case=case).standing(), by=by, page=newest_last)
    return seen(case, said)


def may(by: User, permission: Permission, case: Case) -> bool:
    """Whether the page offers it; the verb asks again."""
    return treats(by, case, permission) or case.patient_id in access.reach(by, permission).emergency


def treats(by: User, case: Case, permission: Permission = Permission.CASE_READ) -> bool:
    """Whether it is by a department that they reach it; with the glass broken one reads, and does nothing more."""
    reach = access.reach(by, permission)
    return reach.everything or reach.whole_clinic or case.department_id in reach.departments


def with_readings(results: Iterable[Result], patient: Patient) -> list[Result]:
    """Each result with its values beside their limits, as the serializer and the page take them."""
    return [_with_readings(result, patient) for result in results]


def _with_readings(result: Any, patient: Patient) -> Result:
    person = readings.person_of(patient)
    rows = sorted(result.measurements.all(), key=lambda row: STUDIES.index(row.study_type))
    observations = list(result.observations.all())
    for row in rows:
        row.cells = readings.nerve_cells(row, rows, person)
    read = [row.judged(result, patient) for row in observations]
    for row, reading in zip(observations, read, strict=True):
        row.cell = readings.laboratory_cell(row, reading)
        row.verdict = _(judgement_line(reading).english())
    result.nerve_rows, result.laboratory_rows = rows, observations
    result.reference_set = readings.REFERENCE_SET_NAME if rows else ""
    result.patterns = readings.thyroid_patterns(observations, read)
    result.report = getattr(result, "eeg", None)
    done: Result = result
    return done


@dataclass(frozen=True)
class Event:
    """One node of the fibre."""

    on: date
    title: str
    text: str = ""
    url: str = ""
    link: str = ""
    kind: str = ""


# What of it a timeline may be narrowed to.
KINDS = {
    "messages": gettext_lazy("Messages"),
    "results": gettext_lazy("Results"),
    "medicines": gettext_lazy("Medicines"),
    "follow-ups": gettext_lazy("Follow-ups"),
}


def timeline(space: Workspace, kind: str = "") -> list[Event]:
    """What happened and what is promised, newest first; of one kind, where one is named."""
    found = events_of(space)
    shown = found[kind] if kind in found else [event for events in found.values() for event in events]
    return sorted(shown, key=lambda event: event.on)[::-1]


def events_of(space: Workspace) -> dict[str, list[Event]]:
    today = timezone.localdate()
    received = Event(day(space.case.created_at), _("Question received"), kind="patient")
    return {
        "messages": [received, *(_said(message) for message in space.messages), *_merged(space)],
        "results": [_tested(row) for row in space.results],
        "medicines": [_stopped(row) for row in space.medicines if row.has_hard_stop],
        "follow-ups": [_promised(row, today) for row in space.followups],
    }


def _merged(space: Workspace) -> list[Event]:
    """Cases that go on in this one, and where this one goes on."""
    joined = [_joined(row) for row in space.ownership.others if row.merged_into_id == space.case.pk]
    return [*joined, _goes_on(space)] if space.case.merged_into_id else joined


def day(at: datetime) -> date:
    return timezone.localtime(at).date()


def _said(message: Message) -> Event:
    if message.is_from_patient:
        title = _("Message from %(name)s, for the patient") if message.is_for_patient else _("Message from the patient")
        title = title % {"name": message.author.name}
        return Event(day(message.created_at), title, url="#messages", link=_("Read"), kind="patient")
    return Event(day(message.created_at), _("Reply by %(name)s") % {"name": message.author.name})


def _tested(row: Result) -> Event:
    return Event(
        row.performed_on,
        row.title,
        Truncator(row.impression).words(WORDS_ON_THE_FIBRE),
        f"#result-{row.pk}",
        _("See it"),
    )


def _stopped(row: Prescription) -> Event:
    return Event(day(row.created_at), _("Medicine stop raised"), str(row), kind="alert")


def _promised(row: FollowUp, today: date) -> Event:
    if row.closed_at:
        return Event(day(row.closed_at), _("Follow-up closed"), str(row.get_evidence_display()))
    return Event(row.due_on, _("Follow-up: %(kind)s") % {"kind": row.get_kind_display()}, row.reason,
                 kind="next" if row.due_on >= today else "alert")  # fmt: skip


def _joined(other: Case) -> Event:
    assert other.closed_at
    title = _("%(ref)s was merged into this case") % {"ref": other.ref}
    return Event(day(other.closed_at), title, other.title, case_url(other), _("Open it"))


def _goes_on(space: Workspace) -> Event:
    """Into which case, where this person works with it."""
    assert space.case.closed_at
    title, target = _("Merged into another case"), space.ownership.other(space.case.merged_into_id)
    if target is None:
        return Event(day(space.case.closed_at), title)
    return Event(day(space.case.closed_at), title, target.title, case_url(target), _("Open %(ref)s") % {"ref": target})


def case_url(case: Case, anchor: str = "") -> str:
    return reverse("clinicians:case", args=[case.ref]) + (f"#{anchor}" if anchor else "")
