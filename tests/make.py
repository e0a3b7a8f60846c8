"""Builders that use the real verbs, so that only legal states exist. One call makes one thing."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest
from django.test import Client, override_settings
from django.utils import timezone

from clinicians.actions import cases as desk_cases
from clinicians.actions import (
    claims,
    emergencies,
    escalations,
    links,
    on_call,
    patient_invitations,
    publishing,
    reply_drafts,
    results,
    saved_replies,
    schedules,
    snoozes,
    webhooks,
)
from clinicians.actions import followups as desk_followups
from clinicians.actions import patients as desk_patients
from clinicians.actions import prescriptions as desk_prescriptions
from clinicians.models import CaseLink, Claim, Escalation, OnCall, ReplyDraft, SavedReply, Snooze, Webhook
from clinicians.models.escalations import due
from clinicians.models.webhooks import KIND_WORDS
from patients.actions import access_questions, appointments, cases, diary, patients, related_people
from patients.models import (
    AccessQuestion,
    Appointment,
    BrokenGlass,
    Case,
    CaseQuestion,
    Consent,
    DiaryEntry,
    FollowUp,
    Leave,
    Message,
    Patient,
    PatientInvitation,
    Prescription,
    RedFlag,
    RelatedPerson,
    Result,
    Schedule,
    free_times,
)
from patients.models.cases import Urgency
from patients.models.followups import FollowUpKind
from patients.models.patients import Sex
from patients.models.results import ResultKind
from patients.models.screenings import Answered
from patients.rules.followup_dates import Period, Unit
from patients.rules.free_slots import FreeSlot
from portal.access import SYSTEM, Role
from portal.acting import acting_as
from portal.actions import accounts, api_tokens, departments, invitations
from portal.models import ApiToken, AuditEvent, Clinic, Department, Invitation, User
from portal.models.api_tokens import Scope as Scoped
from portal.roles import Scope
from portal.second_factor import STAFF
from portal.timeouts import BEGAN, SEEN

NUMBER = count(1)
# On the open internet as far as its number says; nothing is sent there.
HOOK = "https://93.184.215.14/hook"
PASSWORD = "a-long-enough-password"
WORKING_WEEK = {day: [(time(9), time(17))] for day in range(5)}


def make_department(name: str = "", **about: Any) -> Department:
    name = name or f"Department {next(NUMBER)}"
    about.setdefault("time_zone", "UTC")
    with acting_as(SYSTEM):
        department = departments.establish(
            Clinic.the(), by=SYSTEM, name=name, slug=name.lower().replace(" ", "-"), **about
        )
        return departments.set_hours(department, by=SYSTEM, week=WORKING_WEEK)


def make_user(name: str = "", *, role: Role | None = None, department: Department | None = None, **about: Any) -> User:
    number = next(NUMBER)
    name = name or f"Person {number}"
    about.setdefault("email", f"{name.split()[0].lower()}{number}@example.org")
    with acting_as(SYSTEM):
        user = accounts.open_account(Clinic.the(), by=SYSTEM, name=name, **about)
        if role:
            departments.appoint(user, by=SYSTEM, role=role, department=department)
    return user


def make_second_factor_shown(client: Client, user: User) -> None:
    """The session of staff as if its second factor had just been shown, as allauth records it."""
    session, now = client.session, int(timezone.now().timestamp())
    is_staff = bool(user.current_memberships())
    if is_staff:
        record_authentication(cast("HttpRequest", SimpleNamespace(session=session)), user, "mfa", type="totp")
    # As after its first request: so that none of a test is dearer than the next.
    session.update({STAFF: is_staff, BEGAN: now, SEEN: now})
    session.save()


def make_just_signed_in(client: Client, user: User, **about: Any) -> None:
    """As allauth records it: whoever changes how they sign in has shown a password, or a mailed code, just now."""
    session, way = client.session, "password" if user.has_usable_password() else "code"
    record_authentication(cast("HttpRequest", SimpleNamespace(session=session)), user, way, **about)
    session.save()


def make_webhook(by: User, **about: Any) -> Webhook:
    about = {"name": f"System {next(NUMBER)}", "url": HOOK, "kinds": list(KIND_WORDS), **about}
    with acting_as(by):
        return webhooks.add(Clinic.the(), by=by, **about)


def make_token(user: User, scope: Scoped = Scoped.WRITE, **about: Any) -> tuple[ApiToken, str]:
    """The token and its secret."""
    about = {"name": f"Program {next(NUMBER)}", "life": timedelta(days=30), **about}
    with acting_as(user):
        return api_tokens.make(user, by=user, scope=scope, **about)


def make_patient(name: str = "", *, user: User | None = None, **about: Any) -> Patient:
    user = user or make_user(name)
    about = {"born_on": date(1996, 3, 14), "sex": "female", "time_zone": "UTC", **about}
    with acting_as(user):
        return patients.register(user, by=user, **about)


def make_trust(patient: Patient, to: User, *, accepted: bool = True, **about: Any) -> RelatedPerson:
    about = {
        "name": to.name,
        "scopes": [Scope.CASES],
        "expires_at": timezone.now() + timedelta(days=30),
        "email": to.email,
        **about,
    }
    user = patient.user
    assert user is not None
    with acting_as(user):
        given = related_people.trust(patient, by=user, **about)
    if accepted:
        with acting_as(to):
            given = related_people.accept(given, by=to)
    return given


def make_written_for(case: Case, *, by: User, body: str = "She asked me to write that it is worse.") -> Message:
    """By somebody whom the patient trusts with writing."""
    with acting_as(by):
        return cases.send_message(case, by=by, body=body)


def make_broken_glass(patient: Patient, *, by: User, reason: str = "Unconscious in the emergency room") -> BrokenGlass:
    with acting_as(by):
        return emergencies.break_glass(
            by, by=by, record_number=patient.record_number, born_on=patient.born_on, reason=reason
        )


def make_invitation(by: User, email: str = "", **about: Any) -> Invitation:
    about = {"name": "Ines Inman", "role": Role.CLINICIAN, **about}
    with acting_as(by):
        return invitations.invite(Clinic.the(), by=by, email=email or f"ines{next(NUMBER)}@example.org", **about)


def make_enrolled(department: Department, *, by: User, **about: Any) -> Patient:
    """Somebody whose record the clinic opened: without an account, born on 3 February 1971."""
    about = {"name": "Enzo Elm", "born_on": date(1971, 2, 3), "sex": Sex.MALE, "time_zone": "UTC", **about}
    with acting_as(by):
        return desk_patients.enrol(department, by=by, **about)


def make_patient_invitation(patient: Patient, email: str = "enzo@example.org", *, by: User) -> PatientInvitation:
    with acting_as(by):
        return patient_invitations.invite(patient, by=by, email=email)


def make_case(patient: Patient, department: Department, **about: Any) -> Case:
    about = {
        "title": "Twitching muscles",
        "story": "My calves have been twitching for two months.",
        "questions": ["Could a nerve be inflamed?", "Have you seen this before?"],
        **about,
    }
    user = patient.user
    assert user is not None
    with acting_as(user):
        return cases.open_case(patient, by=user, department=department, **about)


# Answers to the safety questions: one that can't wait, and one that asks for today.
EMERGENCY = ("headache", {"HA-01": "yes"})
TODAY = ("headache", {**{f"HA-{number:02}": "no" for number in range(1, 11)}, "HA-04": "yes"})


def make_screened(patient: Patient, department: Department, said: tuple[str, Any] = TODAY, **about: Any) -> Case:
    return make_case(patient, department, screening=Answered(*said, timezone.now()), **about)


def make_red_flag(patient: Patient, department: Department) -> RedFlag:
    """Of a case that was asked with a sign that can't wait."""
    return make_screened(patient, department, title="A headache").red_flags.get()


def make_diary(case: Case, on: date | None = None, **about: Any) -> DiaryEntry:
    about = {"symptom": 2, "worry": 3, "sleep": 1, "note": "Worse in the evening", **about}
    user = case.patient.user
    assert user is not None
    with acting_as(user):
        return diary.write(case, by=user, on=on or timezone.localdate(), **about)


def make_on_call(department: Department, clinician: User, *, by: User, hours: int = 8) -> OnCall:
    now = timezone.now()
    with acting_as(by):
        return on_call.appoint(
            department, by=by, clinician=clinician, starts_at=now, ends_at=now + timedelta(hours=hours)
        )


def make_triaged(case: Case, *, by: User, urgency: Urgency = Urgency.ROUTINE, owner: User | None = None) -> Case:
    with acting_as(by):
        return desk_cases.triage(case, by=by, department=case.department, urgency=urgency, owner=owner)


def make_assigned(case: Case, owner: User | None, *, by: User) -> Case:
    with acting_as(by):
        return desk_cases.assign(case, by=by, owner=owner)


def make_message(case: Case, body: str = "It is a little better.") -> Message:
    user = case.patient.user
    assert user is not None
    with acting_as(user):
        return cases.send_message(case, by=user, body=body)


def make_reply(case: Case, *, by: User, **about: Any) -> Message:
    about = {
        "body": "Thank you for telling us. This is what we think.",
        "safety_net": "Call us the same day if your hand becomes weak.",
        "outcomes": {question.pk: CaseQuestion.Outcome.ANSWERED for question in case.questions.open()},
        **about,
    }
    with acting_as(by):
        return desk_cases.reply(case, by=by, **about)


def make_claim(case: Case, *, by: User) -> Claim:
    with acting_as(by):
        return claims.claim(case, by=by)


def make_snooze(case: Case, *, by: User, days: int = 3, reason: str = "Waits for the MRI of Friday") -> Snooze:
    with acting_as(by):
        return snoozes.snooze(case, by=by, until=timezone.now() + timedelta(days=days), reason=reason)


def make_link(case: Case, other: Case, *, by: User, reason: str = "Both are about the calves") -> CaseLink:
    with acting_as(by):
        return links.link(case, by=by, other=other, reason=reason)


def make_merged(case: Case, into: Case, *, by: User) -> Case:
    with acting_as(by):
        return links.merge(case, by=by, into=into)


WORDS: dict[str, Any] = {
    "body": "Thank you for", "safety_net": "", "outcomes": {}, "articles": [], "followup": {}, "suggest": False,
}  # fmt: skip


def make_reply_draft(case: Case, *, by: User, version: int = 0, **words: Any) -> ReplyDraft:
    with acting_as(by):
        return reply_drafts.keep(case, by=by, version=version, words={**WORDS, **words})


def make_held_reply(case: Case, *, by: User, seconds: int = 3600, **about: Any) -> Message:
    """One that its patient does not see yet."""
    with override_settings(REPLY_UNDO_SECONDS=seconds):
        return make_reply(case, by=by, **about)


def make_saved_reply(department: Department, *, by: User, **about: Any) -> SavedReply:
    about = {"name": "Good news", "body": "Dear {patient_name}, all is well.", **about}
    with acting_as(by):
        return saved_replies.write(department, by=by, **about)


def make_escalation(case: Case, *, days: int = 30) -> Escalation:
    """As the clock finds this case, so many days from now."""
    at = timezone.now() + timedelta(days=days)
    with acting_as(SYSTEM):
        found = next(one for one in due(at) if one.case == case.pk)
        return escalations.climb(Clinic.the(), by=SYSTEM, due=found, at=at)


def make_result(case: Case, *, by: User, kind: ResultKind = ResultKind.LABORATORY, **about: Any) -> Result:
    about = {"title": f"Panel {next(NUMBER)}", "performed_on": date(2026, 1, 12), **about}
    if kind is ResultKind.LABORATORY:
        about.setdefault("observations", [TSH])
    with acting_as(by):
        return results.record(case, by=by, kind=kind, **about)


ULNAR = {
    "study_type": "motor",
    "nerve": "ulnar",
    "side": "left",
    "stimulation_site": "wrist",
    "recording_site": "adm",
    "latency_ms": Decimal("2.9"),
    "amplitude": Decimal("9.1"),
    "distance_mm": Decimal(70),
}
EEG = {
    "duration_min": 30,
    "channels": 19,
    "background": "Posterior rhythm of 10 Hz.",
    "significance": "normal",
}
TSH = {
    "loinc": "3016-3",
    "name": "TSH",
    "value": Decimal("2.4"),
    "unit": "m[IU]/L",
    "low": Decimal("0.4"),
    "high": Decimal("4.0"),
}


def make_released(result: Result, *, by: User, comment: str = "All values are in the usual range.") -> Result:
    with acting_as(by):
        return results.release(result, by=by, comment=comment)


def make_prescription(case: Case, *, by: User, **order: Any) -> Prescription:
    order = {
        "medicine": "ropinirole",
        "dose": Decimal("0.25"),
        "dose_unit": "mg",
        "form": "tablet",
        "route": "oral",
        "times_a_day": Decimal(1),
        "days": 28,
        "indication": "restless legs",
        "override_reason": "agreed with the patient",
        **order,
    }
    with acting_as(by):
        return desk_prescriptions.prescribe(case, by=by, **order)


def make_followup(case: Case, *, by: User, period: Period | None = None, **about: Any) -> FollowUp:
    about = {"kind": FollowUpKind.VISIT, "reason": "See how the twitching is", **about}
    with acting_as(by):
        return desk_followups.plan(case, by=by, period=period or Period(1, Unit.MONTHS), **about)


def make_schedule(department: Department, clinician: User, *, by: User | None = None, **about: Any) -> list[Schedule]:
    """Every day of the working week, from nine to five, half an hour each."""
    about = {
        "opens": time(9), "closes": time(17), "slot_minutes": 30, "capacity": 1, "starts_on": date(2020, 1, 1), **about
    }  # fmt: skip
    who = by or clinician
    with acting_as(who):
        return [
            schedules.add(department, by=who, clinician=clinician, weekday=day, **about)
            for day in about.pop("weekdays", range(5))
        ]


def make_leave(department: Department, clinician: User, **about: Any) -> Leave:
    soon = timezone.localdate() + timedelta(days=60)
    about = {"starts_on": soon, "ends_on": soon + timedelta(days=4), **about}
    with acting_as(clinician):
        return schedules.take_leave(department, by=clinician, clinician=clinician, **about)


def make_free(followup: FollowUp) -> list[FreeSlot]:
    """The times that its patient may choose."""
    return free_times.of_followup(followup, timezone.now())


def make_booked(followup: FollowUp, slot: FreeSlot | None = None, *, by: User | None = None) -> Appointment:
    """By the patient, unless somebody else is named."""
    user = by or followup.patient.user
    assert user is not None
    with acting_as(user):
        slot = slot or make_free(followup)[0]
        who = User.objects.get(pk=slot.who)
        return appointments.book(followup, by=user, clinician=who, start=slot.starts)


def make_consent(case: Case, *, by: User, **about: Any) -> Consent:
    about = {
        "title": "Can twitching calves be harmless?",
        "body": "A person in their twenties noticed twitching in both calves.",
        "answer": "Often they are. Weakness is the sign to watch for.",
        **about,
    }
    with acting_as(by):
        return publishing.suggest(case, by=by, **about)


def visit_of(patient: Patient) -> dict[str, UUID]:
    """The newest event of the trail that speaks of this person, as a visit of one event."""
    event = AuditEvent.objects.about(patient.pk).order_by("id").last()
    assert event is not None
    return {"first": event.pk, "last": event.pk}


def make_access_question(patient: Patient, text: str = "Why did this person need my record?") -> AccessQuestion:
    user = patient.user
    assert user is not None
    with acting_as(user):
        return access_questions.ask(patient, by=user, text=text, **visit_of(patient))
