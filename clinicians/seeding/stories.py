"""A language for telling cases: who did what when. Telling writes nothing down; `Seed.perform` does, in order of time.

case = seed.case("mira", "neurology")
case.opened(calendar.back(6, "19:40"), title=..., story=..., questions=[...])
case.triaged(calendar.back(5, "09:10"), owner="hsu")
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

from clinicians.actions import cases as desk
from clinicians.actions import followups as promises
from clinicians.actions import prescriptions, publishing, results
from clinicians.seeding.clock import Calendar, at
from clinicians.seeding.people import BY_KEY, register
from patients.actions import appointments, cases, diary
from patients.actions import followups as own_followups
from patients.actions import prescriptions as own_prescriptions
from patients.models import Case, CaseQuestion, Consent, FollowUp, Patient, Prescription, Result, free_times
from patients.models.cases import Urgency
from patients.models.diary import Level
from patients.models.followups import Evidence, FollowUpKind
from patients.models.results import ResultKind
from patients.models.screenings import Answered
from patients.rules.followup_dates import Period
from patients.rules.triage import NO, Answer, Kind, questions
from portal import access
from portal.access import SYSTEM
from portal.acting import acting_as, in_one_trip
from portal.actions import notifications
from portal.models import Delivery, Department, Notification, User, outbox_rows
from portal.models.deliveries import State
from portal.models.record import Record
from portal.rules.local_time import local_day

R = TypeVar("R", bound=Record)
Do = Callable[[User], object]
ANSWER_QUESTIONS = timedelta(minutes=9)
OPEN_AN_ACCOUNT = timedelta(minutes=12)
# What was due before the last day counts as sent; the rest goes out by itself when the demonstration starts.
STILL_TO_BE_SENT = timedelta(days=1)


@dataclass
class Seed:
    """What is to be done, by whom and when; and what has been made so far, by its key."""

    calendar: Calendar
    places: dict[str, Department]
    users: dict[str, User]
    steps: list[tuple[datetime, str, Do]] = field(default_factory=list)
    patients: dict[str, Patient] = field(default_factory=dict)
    # Consents to publish, for the library to go on with.
    derived: dict[str, Made[Consent]] = field(default_factory=dict)

    def step(self, when: datetime, who: str, do: Do) -> None:
        self.steps.append((when, who, do))

    def case(self, patient: str, department: str) -> Telling:
        return Telling(self, patient, department)

    def perform(self) -> None:
        """Each step at its time as its actor, the earliest first: so that keys are in order of time too."""
        for when, who, do in sorted(self.steps, key=lambda step: step[0]):
            send_until(min(when, self.calendar.now - STILL_TO_BE_SENT))
            user = self.users[who]
            with at(when), acting_as(user):
                open_notifications(user)
                do(user)
        send_until(self.calendar.now - STILL_TO_BE_SENT)

    def register(self, user: User) -> None:
        """Open the record of who asks for the first time."""
        key = user.email.partition("@")[0]
        if key not in self.patients:
            self.patients[key] = register(user, BY_KEY[key], self.calendar)


def send_until(moment: datetime) -> None:
    """What was due by then was sent: lease, arm and settle as a sender does, without a mail."""
    with acting_as(SYSTEM):
        due = list(Delivery.objects.due(moment))
    for delivery in due:
        with at(delivery.due_at), acting_as(SYSTEM):
            token = delivery.lease(delivery.due_at)
            delivery.move_to(State.SENDING)
            in_one_trip(SYSTEM, *outbox_rows.settle_and_arm(token, delivery.due_at, [(delivery.pk, "")], []))


def open_notifications(user: User) -> None:
    """Whoever does something has looked at what they were told."""
    for told in Notification.objects.filter(user=user).unread():
        notifications.open_notification(told, by=user)


def answered(complaint: str, answers: dict[str, Answer], when: datetime) -> Answered:
    least: dict[Kind, Answer] = {Kind.YES_NO: NO, Kind.CHOICE: NO, Kind.SCALE: 2, Kind.MANY: []}
    parts = [part for question in questions(complaint) for part in question.parts]
    return Answered(complaint, {part.key: least[part.kind] for part in parts if part.kind in least} | answers, when)


@dataclass
class Made(Generic[R]):
    """Something that a step makes, for later steps: there when they run."""

    row: R | None = None

    def __call__(self) -> R:
        if self.row is None:
            raise LookupError("told in the wrong order: this step comes before what it speaks of")
        return self.row

    def keep(self, row: R) -> None:
        self.row = row

    def again(self) -> R:
        """As it is now: others have changed it since."""
        self().refresh_from_db()
        return self()


@dataclass
class Telling:
    """One case as it went. Each call says what was done when; by whom, where there is a choice."""

    seed: Seed
    patient: str
    department: str
    case: Made[Case] = field(default_factory=Made)

    def _step(self, when: datetime, who: str, do: Do) -> None:
        def looking_first(user: User) -> None:
            if self.case.row:
                access.read_one(Case.objects.all(), by=user, pk=self.case.row.pk)
            do(user)

        self.seed.step(when, who, looking_first)

    def _make(self, when: datetime, who: str, make: Callable[[User], R]) -> Made[R]:
        made: Made[R] = Made()

        def do(user: User) -> None:
            made.keep(make(user))

        self._step(when, who, do)
        return made

    def opened(self, when: datetime, screened: tuple[str, dict[str, Answer]] | None = None, **told: Any) -> None:
        """`screened`: the complaint, and what was answered otherwise than with the least."""
        self.seed.step(when - OPEN_AN_ACCOUNT, self.patient, self.seed.register)
        if screened:
            told["screening"] = answered(*screened, when - ANSWER_QUESTIONS)
        self.seed.step(when, self.patient, lambda user: self._open(user, told))

    def _open(self, user: User, told: dict[str, Any]) -> None:
        department = self.seed.places[self.department]
        record = self.seed.patients[self.patient]
        self.case.row = cases.open_case(record, by=user, department=department, **told)

    def triaged(
        self, when: datetime, *, owner: str = "", urgency: Urgency = Urgency.ROUTINE, by: str = "rosa", to: str = ""
    ) -> None:
        department = self.seed.places[to or self.department]
        who = self.seed.users[owner] if owner else None
        self._step(
            when, by, lambda user: desk.triage(self.case(), by=user, department=department, urgency=urgency, owner=who)
        )

    def wrote(self, when: datetime, body: str, signs: Collection[str] = ()) -> None:
        self._step(when, self.patient, lambda user: cases.send_message(self.case(), by=user, body=body, signs=signs))

    def noted(self, when: datetime, symptom: Level, worry: Level, sleep: Level, note: str = "") -> None:
        """That day's line of the diary, where the patient lives."""

        def do(user: User) -> None:
            on = local_day(when, self.case().patient.time_zone)
            diary.write(self.case(), by=user, on=on, symptom=symptom, worry=worry, sleep=sleep, note=note)

        self._step(when, self.patient, do)

    def reported(self, when: datetime, **medicine: Any) -> None:
        self._step(when, self.patient, lambda user: own_prescriptions.report(self.case(), by=user, **medicine))

    def replied(
        self, when: datetime, by: str, body: str, safety_net: str, outcomes: Sequence[str] = ("answered", "answered")
    ) -> None:
        self._step(when, by, lambda user: self._reply(user, body, safety_net, outcomes))

    def _reply(self, user: User, body: str, safety_net: str, outcomes: Sequence[str]) -> None:
        open_questions = self.case().questions.open()
        settled = {
            question.pk: CaseQuestion.Outcome(outcome)
            for question, outcome in zip(open_questions, outcomes, strict=False)
        }
        desk.reply(self.case(), by=user, body=body, safety_net=safety_net, outcomes=settled)

    def closed(self, when: datetime, by: str) -> None:
        self._step(when, by, lambda user: desk.close(self.case(), by=user))

    def recorded(self, when: datetime, by: str, kind: ResultKind, title: str, on: date, **about: Any) -> Made[Result]:
        return self._make(
            when,
            by,
            lambda user: results.record(
                self.case(), by=user, kind=kind, title=title, performed_on=on, is_sample=True, **about
            ),
        )

    def released(
        self, when: datetime, by: str, result: Callable[[], Result], comment: str, next_step: str = ""
    ) -> None:
        self._step(when, by, lambda user: results.release(result(), by=user, comment=comment, next_step=next_step))

    def prescribed(self, when: datetime, by: str, **order: Any) -> Made[Prescription]:
        return self._make(when, by, lambda user: prescriptions.prescribe(self.case(), by=user, **order))

    def stopped(self, when: datetime, by: str, prescription: Callable[[], Prescription], reason: str) -> None:
        self._step(when, by, lambda user: prescriptions.stop(prescription(), by=user, reason=reason))

    def promised(self, when: datetime, by: str, kind: FollowUpKind, reason: str, period: Period) -> Made[FollowUp]:
        return self._make(
            when, by, lambda user: promises.plan(self.case(), by=user, kind=kind, reason=reason, period=period)
        )

    def confirmed(self, when: datetime, followup: Callable[[], FollowUp]) -> None:
        self._step(when, self.patient, lambda user: own_followups.confirm(followup(), by=user))

    def booked(self, when: datetime, followup: Callable[[], FollowUp]) -> None:
        """The patient takes the first free time of its window from the day on that was agreed, or the last before."""

        def book(user: User) -> None:
            free = free_times.of_followup(followup(), when)
            day = followup().due_on
            slot = next((one for one in free if local_day(one.starts, self.seed.calendar.zone) >= day), free[-1])
            appointments.book(followup(), by=user, clinician=User.objects.get(pk=slot.who), start=slot.starts)

        self._step(when, self.patient, book)

    def booked_for_today(self, when: datetime, by: str, followup: Callable[[], FollowUp]) -> None:
        """Staff give their own first free time of today, or of the next day on which they are there."""

        def book(user: User) -> None:
            calendar = self.seed.calendar
            free = free_times.of_followup(followup(), when, any_day=True)
            slot = next(s for s in free if s.who == user.pk and local_day(s.starts, calendar.zone) >= calendar.today)
            appointments.book(followup(), by=user, clinician=user, start=slot.starts, any_day=True)

        self._step(when, by, book)

    def asked_for_change(self, when: datetime, followup: Callable[[], FollowUp], note: str) -> None:
        self._step(when, self.patient, lambda user: own_followups.ask_for_change(followup(), by=user, note=note))

    def kept(
        self, when: datetime, by: str, followup: Callable[[], FollowUp], evidence: Evidence, note: str = ""
    ) -> None:
        self._step(when, by, lambda user: promises.close(followup(), by=user, evidence=evidence, note=note))

    def suggested(self, when: datetime, by: str, **public: str) -> Made[Consent]:
        return self._make(when, by, lambda user: publishing.suggest(self.case(), by=user, **public))
