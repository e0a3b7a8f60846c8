"""A clinic with one of everything that a form can be posted to, made by the real verbs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clinicians.actions import prescriptions
from faq.models import Article, Question, Topic
from patients.actions import attachments, consents
from patients.actions import prescriptions as reported
from patients.models import Attachment, Case, Consent, FollowUp, Prescription, Result
from portal.acting import acting_as
from portal.models import Notification, User
from tests import files, make
from tests.access.matrix import World
from tests.faq import make as library

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass
class Scene:
    """Alice's case is on Nadia's work list; a second one of hers is new."""

    world: World = field(default_factory=World)
    others: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        world = self.world
        self.case: Case = world.triaged()
        self.new_case: Case = make.make_case(world.alice, world.neurology, title="Poor sleep")
        self.bobs: Case = make.make_case(world.bob, world.cardiology)
        self.result: Result = world.result()
        self.released: Result = make.make_released(world.result(), by=world.nadia)
        self.file: Attachment = self._file()
        self.followup: FollowUp = world.followup()
        self.medicine: Prescription = world.reported()
        self.held: Prescription = self._held()
        self.consent: Consent = world.consent()
        self.agreed: Consent = self._agreed()
        self.stale: Consent = self._stale()
        self.notification: Notification = world.notification()
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
        self.seen, self.seen_new = self._seen("nadia", self.case), self._seen("tessa", self.new_case)

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

    def client(self, name: str, **about: Any) -> Client:
        client = Client(**about)
        user = self.who(name)
        if user is not None:
            client.force_login(user, backend=BACKEND)
        return client

    def _seen(self, who: str, case: Case) -> str:
        """What the desk's forms about a case say was read."""
        return str(self.client(who).get(f"/api/v1/cases/{case.ref}/").json()["seen"])


NAMES_ONE = "Dr. Ann Example said so."
