"""Who may do what: one row a verb. A lawyer can read it; a verb without a row fails the build.

`may` names the members of the cast who may do it to Alice's things, in neurology. Everyone else is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from clinicians.actions import prescriptions
from clinicians.models import Claim, Occurrence, OnCall, SavedReply, SavedView, Webhook, WebhookDelivery
from clinicians.models.escalations import Due, Rung
from clinicians.models.webhooks import State as HookState
from faq.exchange.library import read_line
from faq.models import Article, Question, SearchMiss
from patients.actions import appointments, attachments, calendar_feeds
from patients.actions import prescriptions as record_prescriptions
from patients.models import (
    AccessQuestion,
    Appointment,
    Attachment,
    CalendarFeed,
    Case,
    CaseQuestion,
    Consent,
    FollowUp,
    Leave,
    Message,
    Patient,
    PatientInvitation,
    Prescription,
    RedFlag,
    RelatedPerson,
    Reminder,
    Result,
    Schedule,
    Telling,
    WaitingListEntry,
)
from patients.models.calls import CallOutcome
from patients.models.cases import Urgency
from patients.models.consents import ConsentStatus
from patients.models.followups import Evidence, FollowUpKind
from patients.models.patients import Sex
from patients.models.results import ResultKind
from patients.rules.followup_dates import Period, Unit
from patients.rules.free_slots import FreeSlot
from portal.access import SYSTEM, VISITOR, Actor, Role
from portal.acting import acting_as
from portal.actions import accounts, contacts
from portal.models import (
    ApiToken,
    Clinic,
    ContactPoint,
    Delivery,
    Department,
    Invitation,
    KeptAnswer,
    KeptForm,
    Membership,
    Notification,
    Outbox,
    Suppression,
    User,
)
from portal.models.api_tokens import Scope as Scoped
from portal.models.deliveries import Purpose, State
from portal.roles import Scope
from portal.scanner import Scan, Verdict
from tests import files, make
from tests.faq import make as library

# No two follow-ups of a case are promised for the same day.
# Each may move to the end of its window, four weeks later.
WEEKS = cycle(range(9, 150, 5))


@dataclass
class World:
    """Alice's case in neurology with one of everything, and the whole cast."""

    neurology: Department = field(default_factory=lambda: make.make_department("Neurology"))
    cardiology: Department = field(default_factory=lambda: make.make_department("Cardiology"))
    alice: Patient = field(default_factory=lambda: make.make_patient("Alice Ash"))
    bob: Patient = field(default_factory=lambda: make.make_patient("Bob Birch"))
    cast: dict[str, Actor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        staff = {
            "nadia": (Role.CLINICIAN, self.neurology),
            "karl": (Role.CLINICIAN, self.cardiology),
            "tessa": (Role.TRIAGE, None),
            "cora": (Role.COORDINATOR, self.neurology),
            "curt": (Role.CURATOR, None),
            "carla": (Role.CURATOR, None),
            "percy": (Role.PRIVACY_OFFICER, None),
            "ada": (Role.ADMINISTRATOR, None),
        }
        assert self.alice.user
        assert self.bob.user
        self.cast = {"alice": self.alice.user, "bob": self.bob.user, "visitor": VISITOR, "system": SYSTEM}
        for name, (role, department) in staff.items():
            self.cast[name] = make.make_user(name.title(), role=role, department=department)
        # Whom Alice may trust.
        self.cast["rita"] = make.make_user("Rita Rowan", email="rita@example.org")
        # Wrote what the others of the cast approve; does nothing else.
        self.eddie = make.make_user("Eddie Elm", role=Role.CURATOR)
        self.case = make.make_case(self.alice, self.neurology)

    def person(self, name: str) -> User:
        who = self.cast[name]
        assert isinstance(who, User)
        return who

    @property
    def nadia(self) -> User:
        return self.person("nadia")

    def triaged(self) -> Case:
        return make.make_triaged(self.case, by=self.nadia, owner=self.nadia)

    def colleague(self) -> User:
        return make.make_user("Otto Oak", role=Role.CLINICIAN, department=self.neurology)

    def claimed(self, by: User | None = None) -> Case:
        case = self.triaged()
        make.make_claim(case, by=by or self.nadia)
        return case

    def snoozed(self) -> Case:
        case = self.triaged()
        make.make_snooze(case, by=self.nadia)
        return case

    def second_case(self) -> Case:
        return make.make_case(self.alice, self.neurology, title="Twitching again")

    def linked(self) -> Case:
        make.make_link(self.case, self.second_case(), by=self.nadia)
        return self.case

    def held_reply(self) -> Message:
        return make.make_held_reply(self.triaged(), by=self.nadia)

    def drafted_reply(self) -> Case:
        case = self.triaged()
        make.make_reply_draft(case, by=self.nadia)
        return case

    def saved_reply(self) -> SavedReply:
        return make.make_saved_reply(self.neurology, by=self.nadia)

    def with_authenticator(self) -> User:
        with acting_as(SYSTEM):
            accounts.give_authenticator(self.person("karl"), by=SYSTEM, secret="JBSWY3DPEHPK3PXP")
        return self.person("karl")

    def offered(self) -> RelatedPerson:
        return make.make_trust(self.alice, self.person("rita"), accepted=False)

    def trusted(self) -> RelatedPerson:
        return make.make_trust(self.alice, self.person("rita"))

    def due(self) -> Due:
        """Her case, as far as the clock is told of it."""
        return Due(
            case=self.case.pk,
            patient=self.alice.pk,
            department=self.neurology.pk,
            owner=None,
            lane="triage",
            promised_at=self.case.answer_due_at,
            rung=Rung.OVERDUE,
        )

    def result(self) -> Result:
        return make.make_result(self.case, by=self.nadia)

    def followup(self) -> FollowUp:
        return make.make_followup(self.case, by=self.nadia)

    def due_followup(self) -> FollowUp:
        """Its days have passed."""
        row, day = self.followup(), timezone.localdate() - timedelta(days=9)
        FollowUp.objects.filter(pk=row.pk).update(earliest_on=day, due_on=day, latest_on=day)
        return row

    def to_call(self) -> FollowUp:
        row = self.followup()
        FollowUp.objects.filter(pk=row.pk).update(call_at=timezone.now(), call_reason="silence")
        return row

    def unreached(self) -> FollowUp:
        """Of whom the only mail so far could not be sent."""
        row = FollowUp.objects.filter(case=self.case).first() or self.followup()
        at = timezone.now() - timedelta(hours=1)
        told = Telling.objects.filter(followup=row, reminder__slot="booked")
        Reminder.objects.filter(tellings__in=told).update(due_at=at)
        Delivery.objects.filter(telling__in=told).update(due_at=at, state=State.DEAD)
        return row

    def hours(self) -> Schedule:
        """Of Nadia's, on every working day; made once."""
        found = Schedule.objects.first()
        return found or make.make_schedule(self.neurology, self.nadia)[0]

    def leave(self) -> Leave:
        """Of Nadia's; made once."""
        return Leave.objects.standing().first() or make.make_leave(self.neurology, self.nadia)

    def bookable(self) -> FollowUp:
        return self.bookable_in(6)

    def bookable_in(self, weeks: int) -> FollowUp:
        """There are times to choose from."""
        self.hours()
        return make.make_followup(self.case, by=self.nadia, period=Period(weeks, Unit.WEEKS))

    def booked(self) -> FollowUp:
        return self.booked_in(8)

    def booked_in(self, weeks: int) -> FollowUp:
        followup = self.bookable_in(weeks)
        make.make_booked(followup, self.free(followup)[-1])
        return followup

    def free(self, followup: FollowUp) -> list[FreeSlot]:
        with acting_as(self.person("alice")):
            return make.make_free(followup)

    def choice(self) -> dict[str, Any]:
        """A time for the newest follow-up."""
        return {"clinician": self.nadia, "start": self.free(FollowUp.objects.latest("id"))[0].starts}

    def in_line(self) -> WaitingListEntry:
        followup, user = self.booked_in(next(WEEKS)), self.person("alice")
        with acting_as(user):
            return appointments.wait(followup, by=user)

    def calendar(self) -> CalendarFeed:
        user = self.person("alice")
        with acting_as(user):
            return calendar_feeds.make(user, by=user)[0]

    def today(self) -> Appointment:
        """Booked, and its hour is now."""
        row = Appointment.objects.booked().get(followup=self.booked())
        now, day = timezone.now(), timezone.localdate()
        Appointment.objects.filter(pk=row.pk).update(span=(now, now + timedelta(minutes=30)))
        FollowUp.objects.filter(pk=row.followup_id).update(earliest_on=day, due_on=day)
        return Appointment.objects.get(pk=row.pk)

    def number(self) -> ContactPoint:
        """Alice's, not confirmed yet."""
        alice = self.person("alice")
        with acting_as(alice):
            return contacts.add_number(alice, by=alice, number="+4915112345678")

    def stopped(self) -> Suppression:
        alice = self.person("alice")
        with acting_as(alice):
            return contacts.stop_mail(alice, by=alice)

    def consent(self) -> Consent:
        return make.make_consent(self.case, by=self.nadia)

    def agreed(self) -> Consent:
        consent = self.consent()
        consent.move_to(ConsentStatus.ACTIVE)
        return consent

    def stale(self) -> Consent:
        consent = self.consent()
        consent.question.title = "Another title"
        consent.question.save()
        return consent

    def reported(self) -> Prescription:
        user = self.person("alice")
        with acting_as(user):
            return record_prescriptions.report(self.case, by=user, medicine="ropinirole", dose=Decimal("0.25"))

    def held(self) -> Prescription:
        row = self.reported()
        with acting_as(self.nadia):
            return prescriptions.hold(row, by=self.nadia)

    def invitation(self) -> Invitation:
        """Alice may work in neurology."""
        return make.make_invitation(self.person("ada"), self.person("alice").email, department=self.neurology)

    def enrolled(self) -> Patient:
        """Somebody without an account, enrolled by neurology."""
        return make.make_enrolled(self.neurology, by=self.nadia)

    def patient_invitation(self) -> PatientInvitation:
        """To that record, sent to Nadia's address: staff are patients too, and she has no record yet."""
        return make.make_patient_invitation(self.enrolled(), self.person("nadia").email, by=self.person("cora"))

    def membership(self) -> Membership:
        return self.nadia.memberships.get()

    def suggested(self) -> Question:
        return library.make_suggested(self.neurology, by=self.nadia, body="Dr. Ann Example said so.")

    def drafted(self) -> Question:
        return library.make_draft(self.neurology, by=self.nadia, editor=self.eddie)

    def submitted(self) -> Question:
        return library.make_submitted(self.neurology, by=self.nadia, editor=self.eddie)

    def published(self) -> Question:
        return library.make_published(self.neurology, by=self.nadia, editor=self.eddie, publisher=self.person("curt"))

    def article(self) -> Article:
        return library.make_article(self.neurology, by=self.eddie, body="As you mentioned, it shakes.")

    def reviewed_article(self) -> Article:
        return library.make_reviewed_article(self.neurology, by=self.eddie)

    def red_flag(self) -> RedFlag:
        """Of another case of Alice's, in neurology."""
        return make.make_red_flag(self.alice, self.neurology)

    def duty(self) -> OnCall:
        return make.make_on_call(self.neurology, self.nadia, by=self.nadia)

    def access_question(self) -> AccessQuestion:
        return make.make_access_question(self.alice)

    def attachment(self) -> Attachment:
        user = self.person("alice")
        with acting_as(user):
            upload = SimpleUploadedFile("letter.pdf", files.pdf())
            return attachments.attach(self.case, by=user, upload=upload)

    def notification(self) -> Notification:
        return Notification.queue(self.person("alice"), Purpose.NEW_REPLY, path="/my/")

    def kept(self) -> KeptForm:
        kept = KeptForm.keep(self.person("alice"), "/my/", {"body": ["It hurts."]})
        assert kept
        return kept

    def webhook(self) -> Webhook:
        return make.make_webhook(self.person("ada"))

    def told(self) -> WebhookDelivery:
        """Of what happened, for a webhook that asks for it: not sent yet."""
        webhook = self.webhook()
        occurrence = Occurrence.objects.latest("id")
        delivery = WebhookDelivery.of(webhook, occurrence)
        delivery.save()
        return delivery

    def sent(self) -> WebhookDelivery:
        delivery = self.told()
        delivery.move_to(HookState.SENT)
        return delivery

    def token(self) -> ApiToken:
        return make.make_token(self.nadia)[0]

    def kept_answer(self) -> KeptAnswer:
        return KeptAnswer.keep(self.nadia, "one", asked="0" * 64, status=200, body="{}", people=[])

    def delivery(self) -> Delivery:
        return Delivery.queue(self.person("alice"), Purpose.NEW_REPLY, key="matrix")

    def dead_delivery(self) -> Delivery:
        row = self.delivery()
        with acting_as(SYSTEM):
            row.move_to(State.DEAD)
        return row


@dataclass(frozen=True)
class Row:
    may: set[str]
    subject: Callable[[World], Any]
    call: Callable[[World], dict[str, Any]] = lambda _world: {}


def the_case(world: World) -> Case:
    return world.case


EVERYBODY = {"alice", "bob", "rita", "nadia", "karl", "tessa", "cora", "curt", "carla", "percy", "ada", "visitor"}

ROWS: dict[str, Row] = {
    # The clinic: accounts, departments, memberships.
    # Only for the sample accounts of a demonstration: nobody may give another person's account a known secret.
    "accounts.give_authenticator": Row({"system"}, lambda w: w.person("karl"), lambda w: {"secret": "A" * 32}),
    "accounts.open_account": Row(
        {"ada", "system"}, lambda w: Clinic.the(), lambda w: {"email": "new@example.org", "name": "New Person"}
    ),
    "departments.establish": Row(
        {"ada", "system"}, lambda w: Clinic.the(), lambda w: {"name": "Eyes", "slug": "eyes", "time_zone": "UTC"}
    ),
    "departments.set_hours": Row(
        {"ada", "system"}, lambda w: w.neurology, lambda w: {"week": {0: [(time(9), time(12))]}}
    ),
    "departments.set_holidays": Row(
        {"ada", "system"}, lambda w: w.neurology, lambda w: {"days": {date(2027, 1, 1): "New Year"}}
    ),
    "departments.dismiss": Row({"ada"}, World.membership),
    "accounts.disable": Row({"ada"}, lambda w: w.nadia),
    "accounts.reset_second_factor": Row({"ada"}, World.with_authenticator),
    "accounts.enable": Row({"ada"}, lambda w: w.nadia),
    "invitations.invite": Row(
        {"ada"}, lambda w: Clinic.the(), lambda w: {"email": "new@example.org", "name": "New", "role": Role.CURATOR}
    ),
    "invitations.resend": Row({"ada"}, World.invitation),
    "invitations.revoke": Row({"ada"}, World.invitation),
    "invitations.accept": Row({"alice"}, World.invitation),
    "departments.appoint": Row({"ada", "system"}, lambda w: w.person("bob"), lambda w: {"role": Role.TRIAGE}),
    "deliveries.recover": Row({"system"}, World.delivery),
    "deliveries.send_again": Row({"ada"}, World.dead_delivery),
    "deliveries.call_sent": Row({"ada"}, World.dead_delivery),
    "deliveries.let_go": Row({"ada"}, World.dead_delivery),
    "outbox.hold": Row({"ada", "system"}, lambda w: Outbox.the(), lambda w: {"because": "a look at it"}),
    "outbox.release": Row({"ada", "system"}, lambda w: Outbox.the()),
    "outbox.reconcile": Row({"ada", "system"}, World.delivery, lambda w: {"was_sent": True}),
    "notifications.open_notification": Row({"alice"}, World.notification),
    # The record: what a patient does.
    "patients.register": Row(
        {"visitor_to_be"},
        lambda w: w.cast.setdefault("visitor_to_be", make.make_user("Newcomer")),
        lambda w: {"born_on": date(1990, 1, 1), "time_zone": "UTC"},
    ),
    "patients.amend": Row({"alice"}, lambda w: w.alice, lambda w: {"phone": "03 555 0101"}),
    "cases.open_case": Row(
        {"alice"},
        lambda w: w.alice,
        lambda w: {"department": w.neurology, "title": "Sleep", "story": "I wake at three."},
    ),
    "related_people.trust": Row(
        {"alice"},
        lambda w: w.alice,
        lambda w: {
            "email": "rita@example.org",
            "name": "Rita Rowan",
            "scopes": [Scope.CASES],
            "expires_at": timezone.now() + timedelta(days=30),
        },
    ),
    "related_people.change": Row(
        {"alice"},
        World.trusted,
        lambda w: {"scopes": [Scope.RESULTS], "expires_at": timezone.now() + timedelta(days=60)},
    ),
    "related_people.revoke": Row({"alice"}, World.trusted),
    "related_people.accept": Row({"rita"}, World.offered),
    "related_people.step_back": Row({"rita"}, World.trusted),
    "cases.send_message": Row({"alice"}, the_case, lambda w: {"body": "It is better."}),
    "attachments.attach": Row(
        {"alice", "nadia"}, the_case, lambda w: {"upload": SimpleUploadedFile("letter.pdf", files.pdf())}
    ),
    "attachments.judge": Row(
        {"system"},
        World.attachment,
        lambda w: {"verdict": Verdict(Scan.CLEAN, "ClamAV", timezone.now())},
    ),
    "attachments.sweep": Row({"system"}, lambda w: Clinic.the()),
    "prescriptions.report": Row({"alice"}, the_case, lambda w: {"medicine": "ibuprofen"}),
    "followups.confirm": Row({"alice"}, World.followup),
    "followups.ask_for_change": Row({"alice"}, World.followup, lambda w: {"note": "I am away that week."}),
    "contacts.prefer": Row(
        {"alice"},
        lambda w: w.person("alice"),
        lambda w: {
            "first": "email",
            "second": "",
            "wants_same_day": True,
            "quiet_from": time(20),
            "quiet_until": time(9),
        },
    ),
    "contacts.add_number": Row({"alice"}, lambda w: w.person("alice"), lambda w: {"number": "+4915112345678"}),
    "contacts.send_code": Row({"alice"}, World.number),
    "contacts.confirm_number": Row({"alice"}, World.number, lambda w: {"code": "000000"}),
    "contacts.add_browser": Row(
        {"alice"},
        lambda w: w.person("alice"),
        lambda w: {"address": "https://push.example.org/a", "keys": {"p256dh": "a", "auth": "b"}, "label": "Firefox"},
    ),
    "contacts.remove": Row({"alice"}, World.number),
    "contacts.stop_mail": Row({"alice"}, lambda w: w.person("alice")),
    "contacts.lift": Row({"alice"}, World.stopped),
    "contacts.suppress": Row(
        {"system"},
        lambda w: Clinic.the(),
        lambda w: {"channel": "sms", "address": "+4915112345678", "reason": "stop"},
    ),
    "contacts.hear_start": Row({"system"}, lambda w: Clinic.the(), lambda w: {"address": "+4915112345678"}),
    "contacts.note_bounce": Row({"system"}, World.dead_delivery, lambda w: {"why": "550 no such user"}),
    "followups.follow_contact": Row({"alice"}, lambda w: w.person("alice")),
    "followups.decline": Row({"alice"}, World.followup),
    "followups.lapse": Row(
        {"system"}, lambda w: Clinic.the(), lambda w: {"followup": w.due_followup().pk, "at": timezone.now()}
    ),
    "followups.call_for": Row(
        {"system"}, lambda w: Clinic.the(), lambda w: {"followup": w.unreached().pk, "at": timezone.now()}
    ),
    # A time for it: the patient, whom they trust with follow-ups, and who plans them.
    "appointments.book": Row({"alice", "nadia", "cora"}, World.bookable, World.choice),
    "appointments.move": Row({"alice", "nadia", "cora"}, World.booked, World.choice),
    "appointments.cancel": Row({"alice", "nadia", "cora"}, World.booked),
    "appointments.wait": Row({"alice", "nadia", "cora"}, World.bookable),
    "appointments.stop_waiting": Row({"alice", "nadia", "cora"}, lambda w: w.in_line().followup),
    "appointments.offer": Row(
        {"system"}, lambda w: Clinic.the(), lambda w: {"entry": w.in_line().pk, "at": timezone.now()}
    ),
    "calendar_feeds.make": Row({"alice"}, lambda w: w.person("alice")),
    "calendar_feeds.revoke": Row({"alice"}, World.calendar),
    # Nadia her own hours, Cora those of the department.
    "schedules.add": Row(
        {"nadia", "cora"},
        lambda w: w.neurology,
        lambda w: {
            "clinician": w.nadia,
            "weekday": 0,
            "opens": time(18),
            "closes": time(20),
            "slot_minutes": 30,
            "capacity": 1,
            "starts_on": timezone.localdate(),
        },
    ),
    "schedules.end": Row({"nadia", "cora"}, World.hours),
    "schedules.take_leave": Row(
        {"nadia", "cora"},
        lambda w: w.neurology,
        lambda w: {"clinician": w.nadia, "starts_on": timezone.localdate(), "ends_on": timezone.localdate()},
    ),
    "schedules.withdraw_leave": Row({"nadia", "cora"}, World.leave),
    "reminder_checks.check": Row({"system"}, lambda w: Clinic.the(), lambda w: {"at": timezone.now()}),
    "followups.follow_zone": Row({"system"}, lambda w: Clinic.the(), lambda w: {"at": timezone.now()}),
    "consents.answer": Row({"alice"}, World.consent, lambda w: {"agreed": True}),
    "consents.withdraw": Row({"alice"}, World.agreed),
    "patient_invitations.accept": Row({"nadia"}, World.patient_invitation, lambda w: {"born_on": date(1971, 2, 3)}),
    "diary.write": Row(
        {"alice"}, the_case, lambda w: {"on": timezone.localdate(), "symptom": 2, "worry": 3, "sleep": 1}
    ),
    "access_questions.ask": Row(
        {"alice"}, lambda w: w.alice, lambda w: {**make.visit_of(w.alice), "text": "Who was that?"}
    ),
    "access_questions.answer": Row({"percy"}, World.access_question, lambda w: {"text": "The clinic's own system."}),
    # The desk: what staff do.
    "emergencies.break_glass": Row(
        {"nadia"},
        lambda w: w.person("nadia"),
        lambda w: {
            "record_number": w.bob.record_number,
            "born_on": w.bob.born_on,
            "reason": "Unconscious in the emergency room",
        },
    ),
    "patients.enrol": Row(
        {"nadia", "tessa", "cora"},
        lambda w: w.neurology,
        lambda w: {"name": "Enzo Elm", "born_on": date(1971, 2, 3), "sex": Sex.MALE, "time_zone": "UTC"},
    ),
    "patient_invitations.invite": Row(
        {"nadia", "tessa", "cora"}, World.enrolled, lambda w: {"email": "enzo@example.org"}
    ),
    "patient_invitations.resend": Row({"nadia", "tessa", "cora"}, World.patient_invitation),
    "patient_invitations.revoke": Row({"nadia", "tessa", "cora"}, World.patient_invitation),
    "emergencies.review": Row(
        {"percy"},
        lambda w: make.make_broken_glass(w.bob, by=w.nadia),
        lambda w: {"note": "Asked Nadia; it was needed."},
    ),
    "cases.triage": Row(
        {"nadia", "tessa"}, the_case, lambda w: {"department": w.neurology, "urgency": Urgency.SOON, "owner": w.nadia}
    ),
    "cases.assign": Row({"nadia", "tessa"}, the_case, lambda w: {"owner": w.nadia}),
    "cases.reply": Row(
        {"nadia"},
        World.triaged,
        lambda w: {
            "body": "This is what we think.",
            "safety_net": "Call us if it gets worse.",
            "outcomes": {q.pk: CaseQuestion.Outcome.ANSWERED for q in w.case.questions.open()},
        },
    ),
    "cases.undo_reply": Row({"nadia"}, World.held_reply),
    "reply_drafts.keep": Row({"nadia"}, World.triaged, lambda w: {"version": 0, "words": make.WORDS}),
    "reply_drafts.discard": Row({"nadia"}, World.drafted_reply),
    "saved_replies.write": Row({"nadia"}, lambda w: w.neurology, lambda w: {"name": "Hello", "body": "Dear you,"}),
    "saved_replies.revise": Row(
        {"nadia"}, World.saved_reply, lambda w: {"version": 1, "name": "Hello", "body": "Dear {patient_name},"}
    ),
    "saved_replies.share": Row({"nadia"}, World.saved_reply),
    "saved_replies.unshare": Row({"nadia"}, World.saved_reply),
    "saved_replies.retire": Row({"nadia"}, World.saved_reply),
    "cases.close": Row({"nadia"}, the_case),
    "claims.claim": Row({"nadia"}, World.triaged),
    "claims.let_go": Row({"nadia"}, World.claimed),
    "claims.take_over": Row(
        {"nadia"}, lambda w: w.claimed(w.colleague()), lambda w: {"holder": Claim.objects.get().account_id}
    ),
    "handovers.hand_over": Row(
        {"nadia", "tessa"}, World.triaged, lambda w: {"to": w.colleague(), "reason": "On leave from Friday"}
    ),
    "handovers.refer": Row(
        {"nadia", "tessa"}, World.triaged, lambda w: {"department": w.cardiology, "reason": "It is the heart"}
    ),
    "snoozes.snooze": Row(
        {"nadia", "tessa"},
        World.triaged,
        lambda w: {"until": timezone.now() + timedelta(days=3), "reason": "Waits for the MRI of Friday"},
    ),
    "snoozes.wake": Row({"nadia", "tessa"}, World.snoozed),
    "links.link": Row(
        {"nadia", "tessa"}, the_case, lambda w: {"other": w.second_case(), "reason": "Both are about the calves"}
    ),
    "links.unlink": Row(
        {"nadia", "tessa"}, World.linked, lambda w: {"other": w.alice.cases.exclude(pk=w.case.pk).get()}
    ),
    "links.merge": Row({"nadia", "tessa"}, the_case, lambda w: {"into": w.second_case()}),
    "escalations.climb": Row(
        {"system"}, lambda w: Clinic.the(), lambda w: {"due": w.due(), "at": timezone.now() + timedelta(days=30)}
    ),
    "results.record": Row(
        {"nadia"},
        the_case,
        lambda w: {
            "kind": ResultKind.LABORATORY,
            "title": "Thyroid panel",
            "performed_on": date(2026, 1, 12),
            "observations": [make.TSH],
        },
    ),
    "results.release": Row({"nadia"}, World.result, lambda w: {"comment": "In the usual range."}),
    "prescriptions.prescribe": Row(
        {"nadia"},
        the_case,
        lambda w: {
            "medicine": "ropinirole",
            "dose": Decimal("0.25"),
            "dose_unit": "mg",
            "form": "tablet",
            "route": "oral",
            "times_a_day": Decimal(1),
            "days": 28,
            "indication": "restless legs",
            "override_reason": "agreed with the patient",
        },
    ),
    "prescriptions.stop": Row({"nadia"}, World.reported, lambda w: {"reason": "no longer needed"}),
    "prescriptions.hold": Row({"nadia"}, World.reported),
    "prescriptions.resume": Row({"nadia"}, World.held),
    "followups.plan": Row(
        {"nadia", "cora"},
        the_case,
        lambda w: {"kind": FollowUpKind.VISIT, "reason": "See how it goes", "period": Period(1, Unit.MONTHS)},
    ),
    "calls.record": Row({"nadia", "cora"}, World.to_call, lambda w: {"outcome": CallOutcome.NO_ANSWER}),
    "followups.move": Row({"nadia", "cora"}, World.followup, lambda w: {"period": Period(2, Unit.MONTHS)}),
    "followups.miss": Row({"nadia", "cora"}, World.due_followup),
    "followups.close": Row({"nadia", "cora"}, World.followup, lambda w: {"evidence": Evidence.ATTENDED}),
    "red_flags.review": Row({"nadia"}, World.red_flag, lambda w: {"note": "Called her; she comes at three."}),
    "on_call.appoint": Row(
        {"nadia", "cora"},
        lambda w: w.neurology,
        lambda w: {
            "clinician": w.nadia,
            "starts_at": timezone.now(),
            "ends_at": timezone.now() + timedelta(hours=8),
        },
    ),
    "on_call.end": Row({"nadia", "cora"}, World.duty),
    "publishing.suggest": Row(
        {"nadia"},
        the_case,
        lambda w: {"title": "Can it be harmless?", "body": "Somebody noticed it.", "answer": "Often it is."},
    ),
    "publishing.ask_again": Row({"nadia"}, World.stale),
    # One's own account: signing in, sessions, and what was sent too late.
    "sign_ins.begin": Row(
        {"alice"}, lambda w: w.person("alice"), lambda w: {"browser": "Firefox on Linux", "is_new_device": True}
    ),
    "sign_ins.report_change": Row(
        {"alice"}, lambda w: w.person("alice"), lambda w: {"change": "totp_activated", "browser": "Firefox on Linux"}
    ),
    "sessions.end_one": Row({"alice"}, lambda w: w.person("alice"), lambda w: {"session": 1}),
    "sessions.end_others": Row({"alice"}, lambda w: w.person("alice"), lambda w: {"current": "none"}),
    # Other systems that are told of events.
    "webhooks.add": Row(
        {"ada"},
        lambda w: Clinic.the(),
        lambda w: {"name": "Ward", "url": make.HOOK, "kinds": ["case.opened"]},
    ),
    "webhooks.pause": Row({"ada"}, World.webhook),
    "webhooks.resume": Row({"ada"}, World.webhook),
    "webhooks.renew_secret": Row({"ada"}, World.webhook),
    "webhooks.redeliver": Row({"ada"}, World.sent),
    "webhooks.let_go": Row({"system"}, lambda w: Clinic.the()),
    "webhooks.settle": Row({"system"}, World.told, lambda w: {"is_taken": True, "outcome": "HTTP 204"}),
    "api_tokens.make": Row(
        {"nadia"},
        lambda w: w.nadia,
        lambda w: {"name": "Ward screen", "scope": Scoped.READ, "life": timedelta(days=30)},
    ),
    "api_tokens.revoke": Row({"nadia"}, World.token),
    "kept_answers.keep": Row(
        {"nadia"},
        lambda w: w.nadia,
        lambda w: {"key": "one", "asked": "0" * 64, "status": 200, "body": "{}", "people": []},
    ),
    "kept_answers.let_go": Row({"system"}, lambda w: Clinic.the()),
    "drafts.keep": Row(
        {"alice"}, lambda w: w.person("alice"), lambda w: {"path": "/my/", "fields": {"body": ["It hurts."]}}
    ),
    "saved_views.keep": Row(
        {"alice"}, lambda w: w.person("alice"), lambda w: {"name": "Today", "queue": "all", "query": ""}
    ),
    "saved_views.let_go": Row({"alice"}, lambda w: SavedView.keep(w.person("alice"), "Today", "all", "")),
    "drafts.discard": Row({"alice"}, World.kept),
    "drafts.let_go": Row({"system"}, lambda w: Clinic.the()),
    # The library: what curators, clinicians and readers do.
    "topics.add": Row({"curt", "carla"}, lambda w: w.neurology, lambda w: {"name": "Tremor"}),
    "topics.rename": Row(
        {"curt", "carla"}, lambda w: library.make_topic(w.neurology), lambda w: {"name": "Shaking", "synonyms": []}
    ),
    "questions.suggest": Row(
        {"nadia"}, lambda w: w.neurology, lambda w: {"title": "Is it harmless?", "body": "It is.", "answer": "Often."}
    ),
    "questions.edit": Row({"curt", "carla"}, World.suggested, lambda w: {"title": "Is it quite harmless?"}),
    "questions.acknowledge": Row({"curt", "carla"}, World.suggested, lambda w: {"key": "name:dr. ann example"}),
    "questions.submit": Row({"curt", "carla"}, World.drafted),
    "questions.send_back": Row({"curt", "carla"}, World.submitted),
    "questions.publish": Row({"curt", "carla"}, World.submitted),
    "questions.withdraw": Row({"curt", "carla"}, World.submitted),
    "articles.draft": Row({"curt", "carla"}, lambda w: w.neurology, lambda w: {"title": "Tremor", "body": "Shaking."}),
    "articles.revise": Row({"curt", "carla"}, World.article, lambda w: {"title": "Tremor", "body": "More of it."}),
    "articles.acknowledge": Row({"curt", "carla"}, World.article, lambda w: {"key": "case_talk:as you mentioned"}),
    "articles.submit": Row({"curt", "carla"}, World.article),
    "articles.approve": Row({"nadia", "curt", "carla"}, World.reviewed_article),
    "articles.send_back": Row({"nadia", "curt", "carla"}, World.reviewed_article),
    "articles.withdraw": Row({"curt", "carla"}, World.reviewed_article),
    "feedback.give": Row(EVERYBODY, World.published, lambda w: {"has_helped": True}),
    "feedback.miss": Row(EVERYBODY, lambda w: SearchMiss.of("zebra stripes")),
    "imports.load": Row(
        {"curt", "carla", "system"},
        lambda w: Clinic.the(),
        lambda w: {"entries": [read_line(library.LINE)], "department": "neurology"},
    ),
}
