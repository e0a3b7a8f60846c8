"""A clinic with one of everything that a form can be posted to, made by the real verbs."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from clinicians.actions import prescriptions
from clinicians.models import OnCall, SavedReply, SavedView, Webhook, WebhookDelivery
from faq.models import Article, Question, Topic
from patients.actions import access_questions, attachments, consents
from patients.actions import prescriptions as reported
from patients.models import (
    AccessQuestion,
    Appointment,
    Attachment,
    BrokenGlass,
    CalendarFeed,
    Case,
    Consent,
    FollowUp,
    Leave,
    Patient,
    PatientInvitation,
    Prescription,
    RedFlag,
    RelatedPerson,
    Result,
)
from portal.access import Role
from portal.acting import acting_as
from portal.keys import key_to
from portal.models import (
    ApiToken,
    ContactPoint,
    Delivery,
    Invitation,
    KeptForm,
    Notification,
    Suppression,
    User,
    contact_points,
)
from portal.models.invited import Invited
from tests import files, make
from tests.access.matrix import World
from tests.faq import make as library
from tests.portal.entering import with_app

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass
class Scene:
    """Alice's case is on Nadia's work list; a second one of hers is new."""

    world: World = field(default_factory=World)
    others: dict[str, User] = field(default_factory=dict)
    sessions: dict[str, Client] = field(default_factory=dict)

    def __post_init__(self) -> None:
        world = self.world
        self.case: Case = world.triaged()
        self.answered: AccessQuestion = self._answered()
        self.question: AccessQuestion = world.access_question()
        self.new_case: Case = make.make_case(world.alice, world.neurology, title="Poor sleep")
        self._desk()
        self.flag: RedFlag = world.red_flag()
        self.duty: OnCall = world.duty()
        self.bobs: Case = make.make_case(world.bob, world.cardiology)
        self.result: Result = world.result()
        self.released: Result = make.make_released(world.result(), by=world.nadia)
        self.file: Attachment = self._file()
        self.followup: FollowUp = world.followup()
        self.missed: FollowUp = self._missed(world)
        self.medicine: Prescription = world.reported()
        self.held: Prescription = self._held()
        self.consent: Consent = world.consent()
        self.agreed: Consent = self._agreed()
        self.stale: Consent = self._stale()
        self.notification: Notification = world.notification()
        self._times()
        self._replies()
        self.draft: Question = library.make_draft(world.neurology, by=world.nadia, editor=world.eddie, body=NAMES_ONE)
        self.clean: Question = world.drafted()
        self.submitted: Question = world.submitted()
        self.published: Question = world.published()
        self.article: Article = world.article()
        self.read: Article = library.make_published_article(
            world.neurology, by=world.eddie, approver=world.person("carla"), title="About twitching"
        )
        self.topic: Topic = library.make_topic(world.neurology, "Twitching")
        self.reviewed: Article = world.reviewed_article()
        self.newcomer: User = make.make_user("Nina New", password=make.PASSWORD)
        self.second_address = EmailAddress.objects.create(user=self.newcomer, email="second@example.org")
        # Signed up with an address of a provider: has no password yet.
        self.without_password: User = make.make_user("Olga Open")
        self.others |= {"newcomer": self.newcomer, "without_password": self.without_password}
        self._ways_in()
        self._people()
        self._trust()
        self.seen, self.seen_new = self._seen("nadia", self.case), self._seen("tessa", self.new_case)

    def _desk(self) -> None:
        """One case that Nadia is answering; and one that rests, that Otto is answering, and that is linked."""
        world = self.world
        self.otto: User = world.colleague()
        self.answering: Case = make.make_triaged(world.second_case(), by=world.nadia, owner=world.nadia)
        self.resting: Case = make.make_triaged(world.second_case(), by=world.nadia, owner=world.nadia)
        make.make_claim(self.answering, by=world.nadia)
        make.make_snooze(self.resting, by=world.nadia)
        make.make_claim(self.resting, by=self.otto)
        make.make_link(self.resting, self.new_case, by=world.nadia)

    def _times(self) -> None:
        """Two follow-ups without a time, one with it, one whose hour is now; and an address for a calendar."""
        world = self.world
        self.bookable: FollowUp = world.bookable_in(2)
        self.second_bookable: FollowUp = world.bookable_in(3)
        self.free_time: str = world.free(self.bookable)[1].token
        self.other_time: str = world.free(self.second_bookable)[1].token
        self.booked: FollowUp = world.booked_in(5)
        self.today: Appointment = world.today()
        self.leave: Leave = world.leave()
        self.calendar: CalendarFeed = world.calendar()

    def _replies(self) -> None:
        """One that can be undone, one that is being written, one that is used again and again."""
        world = self.world
        case = make.make_case(world.alice, world.neurology, title="Cold hands")
        make.make_triaged(case, by=world.nadia, owner=world.nadia)
        self.just_answered: Case = make.make_held_reply(case, by=world.nadia).case
        self.saved: SavedReply = world.saved_reply()
        self.shared: SavedReply = make.make_saved_reply(
            world.neurology, by=world.nadia, name="To all of you", is_shared=True
        )

    def _answered(self) -> AccessQuestion:
        question, percy = self.world.access_question(), self.world.person("percy")
        with acting_as(percy):
            return access_questions.answer(question, by=percy, text="It was Nadia, who answered you.")

    def _ways_in(self) -> None:
        """Who has an app, who has a passkey, and where somebody else is signed in too."""
        self.with_app: User = with_app(make.make_user("Abel App"))
        self.with_passkey: User = make.make_user("Pia Passkey", password=make.PASSWORD)
        self.others |= {"with_app": self.with_app, "with_passkey": self.with_passkey}
        # Enough to be named and removed: nobody signs in with it.
        self.passkey: Authenticator = Authenticator.objects.create(
            user=self.with_passkey, type=Authenticator.Type.WEBAUTHN, data={"name": "My key", "credential": {}}
        )
        key = self.client("newcomer").session.session_key
        self.elsewhere, _made = UserSession.objects.get_or_create(
            session_key=key, defaults={"user": self.newcomer, "ip": "127.0.0.1", "user_agent": "Elsewhere"}
        )
        self.kept: KeptForm = self.world.kept()
        self.number: ContactPoint = self.world.number()
        assert self.number.code_expires_at
        self.code: str = contact_points.code_for(str(self.number.pk), self.number.code_expires_at.isoformat())
        self.stopped: Suppression = self.world.stopped()
        self.view = SavedView.keep(self.world.nadia, "Today", "all", "?due=today")
        self.webhook: Webhook = self.world.webhook()
        self.dead: Delivery = self.world.dead_delivery()
        self.told: WebhookDelivery = self.world.sent()
        self.token: ApiToken = self.world.token()

    def _people(self) -> None:
        """Who works here, is invited to, and is enrolled."""
        world = self.world
        self.closed: User = make.make_user("Dora Door", role=Role.CURATOR)
        self.closed.is_active = False
        self.closed.save()
        self.invitation: Invitation = world.invitation()
        self.to_stranger: Invitation = make.make_invitation(world.person("ada"))
        self.patient_invitation: PatientInvitation = world.patient_invitation()
        self.enrolled: Patient = make.make_enrolled(world.neurology, by=world.nadia, name="Ella Esk")
        elsewhere = make.make_enrolled(world.neurology, by=world.nadia, name="Ugo Unknown")
        self.patient_to_stranger: PatientInvitation = make.make_patient_invitation(
            elsewhere, "ugo@example.org", by=world.nadia
        )

    def _trust(self) -> None:
        """Rita is offered Alice's trust, Theo has it; Karl has broken the glass; and a visit to ask about."""
        world = self.world
        self.offered: RelatedPerson = world.offered()
        self.others |= {"theo": make.make_user("Theo Thorpe")}
        self.trusted: RelatedPerson = make.make_trust(world.alice, self.others["theo"])
        self.glass: BrokenGlass = make.make_broken_glass(world.alice, by=world.person("karl"))
        self.visit = make.visit_of(world.alice)

    def key_to(self, row: Invited) -> str:
        return key_to(row._meta.label_lower, str(row.pk))

    def _agreed(self) -> Consent:
        consent = make.make_consent(self.case, by=self.world.nadia, title="Is it harmless at night?")
        alice = self.world.person("alice")
        with acting_as(alice):
            return consents.answer(consent, by=alice, agreed=True)

    def _file(self) -> Attachment:
        alice = self.world.person("alice")
        with acting_as(alice):
            return attachments.attach(self.case, by=alice, upload=SimpleUploadedFile("letter.pdf", files.pdf()))

    def _held(self) -> Prescription:
        alice, nadia = self.world.person("alice"), self.world.nadia
        with acting_as(alice):
            row = reported.report(self.case, by=alice, medicine="Madeupine")
        with acting_as(nadia):
            return prescriptions.hold(row, by=nadia)

    def _stale(self) -> Consent:
        consent = make.make_consent(self.case, by=self.world.nadia, title="Is it harmless by day?")
        consent.question.title = "Another title"
        consent.question.save()
        return consent

    def who(self, name: str) -> User | None:
        """None for somebody who is not signed in."""
        if name == "visitor":
            return None
        return self.others.get(name) or self.world.person(name)

    def twin(self, name: str) -> Client:
        """A browser of its own with the session of the first one, which is opened before what is taken back."""
        if name not in self.sessions:
            self.sessions[name] = self.client(name)
        twin = Client()
        twin.cookies = copy(self.sessions[name].cookies)
        return twin

    def client(self, name: str, **about: Any) -> Client:
        client = Client(**about)
        user = self.who(name)
        if user is not None:
            client.force_login(user, backend=BACKEND)
            make.make_second_factor_shown(client, user)
            make.make_just_signed_in(client, user, reauthenticated=True)
        return client

    def _missed(self, world: World) -> FollowUp:
        """Its days have passed, and somebody has to call."""
        row, day = make.make_followup(world.case, by=world.nadia, kind="call"), timezone.localdate() - timedelta(days=9)
        rows, now = FollowUp.objects.filter(pk=row.pk), timezone.now()
        rows.update(earliest_on=day, due_on=day, latest_on=day, call_at=now, call_reason="silence")
        return rows.get()

    def _seen(self, who: str, case: Case) -> str:
        """What the desk's forms about a case say was read."""
        return str(self.client(who).get(f"/api/v1/cases/{case.ref}/").json()["seen"])


NAMES_ONE = "Dr. Ann Example said so."
