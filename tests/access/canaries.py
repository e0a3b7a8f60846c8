"""Two patients in whose records every text and every file carries a mark, and who may see which."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver

from clinicians.models import SavedView
from patients.actions import access_questions, attachments, calendar_feeds, patients
from patients.models import Case, FollowUp, Patient, RedFlag
from patients.models.red_flags import Source
from patients.models.results import ResultKind
from patients.rules import triage
from portal import keys
from portal.access import Role
from portal.acting import acting_as
from portal.actions import contacts, drafts
from portal.models import Notification, User
from portal.roles import Scope
from tests import files, make
from tests.access.matrix import World

MARK = re.compile(
    r"zq(alice|bob)(person|case|result|medicine|followup|consent|file|draft|trust|glass|desk)qz", re.IGNORECASE
)
RECORD = {
    "name", "person", "case", "result", "medicine", "followup", "consent", "file", "trust", "glass", "asked", "kept",
    "view",
    "desk",
}  # fmt: skip

TRIAGE = ("name", "person", "case", "medicine", "file", "desk")


def mark(who: str, kind: str) -> str:
    return f"zq{who}{kind}qz"


@dataclass
class Marked:
    """The record of one patient, full of marks; ids of everything in it, by kind."""

    who: str
    patient: Patient
    case: Case
    by: User
    ids: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        user = self.patient.user
        assert user
        with acting_as(user):
            patients.amend(self.patient, by=user, phone="03 555 0101", allergies=mark(self.who, "person"))
        make.make_triaged(self.case, by=self.by, owner=self.by)
        make.make_message(self.case, body=mark(self.who, "case"))
        self._desk()
        result = self._results()
        medicine = make.make_prescription(self.case, by=self.by, note=mark(self.who, "medicine"))
        followup = make.make_followup(self.case, by=self.by, reason=mark(self.who, "followup"))
        consent = make.make_consent(self.case, by=self.by, title=mark(self.who, "draft"), body="…", answer="…")
        type(consent).objects.filter(pk=consent.pk).update(text=mark(self.who, "consent"))
        upload = SimpleUploadedFile(f"{mark(self.who, 'file')}.pdf", files.pdf(mark(self.who, "file")))
        with acting_as(user):
            file = attachments.attach(self.case, by=user, upload=upload)
        self.ids = {
            "ref": [self.case.ref],
            "case": [str(self.case.pk)],
            "patient": [str(self.patient.pk)],
            "result": [str(result)],
            "medicine": [str(medicine.pk)],
            "followup": [str(followup.pk)],
            "appointment": [str(self._appointment(followup))],
            "feed": [str(self._feed(user))],
            "consent": [str(consent.pk)],
            "file": [str(file.pk)],
            "question": [str(consent.question_id)],
            "account": [str(user.pk)],
            "flag": [str(self._flag())],
            "number": ["1"],
            "saved": [str(self._saved_reply())],
            "token": [str(make.make_token(self.by)[0].pk)],
            "role": [str(self.by.memberships.get().pk)],
            **self._besides(user),
            "notification": [str(pk) for pk in Notification.objects.filter(user=user).values_list("pk", flat=True)[:1]],
        }

    def _desk(self) -> None:
        """What staff write beside the case, for one another."""
        word = mark(self.who, "desk")
        make.make_snooze(self.case, by=self.by, reason=word)
        make.make_claim(self.case, by=self.by)
        make.make_link(self.case, make.make_case(self.patient, self.case.department), by=self.by, reason=word)

    def _appointment(self, followup: FollowUp) -> UUID:
        make.make_schedule(self.case.department, self.by)
        return make.make_booked(followup).pk

    def _feed(self, user: User) -> UUID:
        with acting_as(user):
            return calendar_feeds.make(user, by=user)[0].pk

    def _saved_reply(self) -> UUID:
        """Of the desk, not of a person: a name and a text of whoever treats them."""
        return make.make_saved_reply(self.case.department, by=self.by).pk

    def _besides(self, user: User) -> dict[str, list[str]]:
        """A question about a visit, a form kept for later, and somebody of this name whom the clinic enrolled."""
        visit = make.visit_of(self.patient)
        with acting_as(user):
            asked = access_questions.ask(self.patient, by=user, text=mark(self.who, "asked"), **visit)
            kept = drafts.keep(user, by=user, path="/ask/", fields={"story": [mark(self.who, "kept")]})
        enrolled = make.make_enrolled(self.case.department, by=self.by, name=f"Enzo {mark(self.who, 'name')}")
        pending = make.make_patient_invitation(enrolled, f"enzo.{self.who}@example.org", by=self.by)
        assert kept
        view = SavedView.keep(user, mark(self.who, "view"), "all", "")
        return {
            "asked": [str(asked.pk)], "kept": [str(kept.pk)], "event": [str(visit["first"])],
            "view": [str(view.pk)], "pending": [str(pending.pk)], "enrolled": [str(enrolled.pk)],
            **self._reached(user),
            "key": [keys.key_to("patients.patientinvitation", str(pending.pk))],
        }  # fmt: skip

    def _reached(self, user: User) -> dict[str, list[str]]:
        with acting_as(user):
            point = contacts.add_number(user, by=user, number=f"+49151123456{len(self.who):02}")
            return {"point": [str(point.pk)], "stopped": [str(contacts.stop_mail(user, by=user).pk)]}

    def _flag(self) -> UUID:
        """Raised and dealt with, and a day of the diary."""
        word = mark(self.who, "case")
        make.make_diary(self.case, note=word)
        with acting_as(self.by):
            flag = RedFlag.on(self.case, Source.DIARY, triage.ticked("twitching", ["TW-02b"]))
            flag.settle(self.by, word)
        return flag.pk

    def _results(self) -> UUID:
        """One released, and one of each other kind that is not."""
        word = mark(self.who, "result")
        make.make_result(
            self.case, by=self.by, kind=ResultKind.EEG, title=word, observations=[], eeg={**make.EEG, "sleep": word}
        )
        make.make_result(
            self.case,
            by=self.by,
            kind=ResultKind.NERVE_CONDUCTION,
            impression=word,
            observations=[],
            measurements=[{**make.ULNAR, "recording_site": word, "velocity_m_s": Decimal(55)}],
        )
        return make.make_released(make.make_result(self.case, by=self.by, title=word), by=self.by, comment=word).pk


@dataclass
class Clinic(World):
    """Alice in neurology, Bob in cardiology; Rita, whom Alice trusts with follow-ups, and whom Bob trusts no more."""

    alices: Marked = field(init=False)
    bobs: Marked = field(init=False)

    def __post_init__(self) -> None:
        self.alice = make.make_patient(f"Alice {mark('alice', 'name')}")
        self.bob = make.make_patient(f"Bob {mark('bob', 'name')}")
        super().__post_init__()
        self.cast["tom"] = make.make_user("Tom Tanner", role=Role.CLINICIAN, department=self.cardiology)
        self.alices = self._marked("alice", self.alice, self.case, self.nadia)
        bobs_case = make.make_case(self.bob, self.cardiology, **texts("bob"))
        self.bobs = self._marked("bob", self.bob, bobs_case, self.person("karl"))

    def _marked(self, who: str, patient: Patient, case: Case, by: User) -> Marked:
        Case.objects.filter(pk=case.pk).update(**{k: v for k, v in texts(who).items() if k in ("title", "story")})
        case.refresh_from_db()
        marked = Marked(who, patient, case, by)
        trusted = make.make_trust(
            patient, self.person("rita"), name=mark(who, "trust"), scopes=[Scope.FOLLOWUPS], relationship="sister"
        )
        type(trusted).objects.filter(pk=trusted.pk, patient=self.bob).update(revoked_at=trusted.created_at)
        broken = make.make_broken_glass(patient, by=by, reason=f"In an emergency: {mark(who, 'glass')}")
        marked.ids |= {"trust": [str(trusted.pk)], "glass": [str(broken.pk)]}
        return marked

    @cached_property
    def allowed(self) -> dict[str, set[str]]:
        """Which marks who may see. Written by hand: it is the promise, not what the code does."""
        every = {mark(who, kind) for who in ("alice", "bob") for kind in ("draft",)}
        whole = {who: {mark(who, kind) for kind in RECORD} for who in ("alice", "bob")}
        own = ("trust", "asked", "kept", "view")
        desk = {who: whole[who] - {mark(who, kind) for kind in own} | every for who in ("alice", "bob")}
        seen = {
            "alice": whole["alice"] - {mark("alice", "desk")} | {mark("alice", "draft")},
            "bob": whole["bob"] - {mark("bob", "desk")} | {mark("bob", "draft")},
            "nadia": desk["alice"],
            "karl": desk["bob"],
            "tom": desk["bob"] - {mark("bob", "glass")},
            "tessa": {mark(who, kind) for who in whole for kind in TRIAGE},
            "cora": {mark("alice", kind) for kind in ("name", "person", "case", "followup", "file", "desk")},
            # Whose record it is, and its follow-ups; what she was given. Of Bob's, nothing any more but that it ended.
            "rita": {mark("alice", kind) for kind in ("name", "person", "followup", "trust")}
            | {mark("bob", kind) for kind in ("name", "trust")},
            "curt": every,
            "carla": every,
            "percy": {mark(who, kind) for who in whole for kind in ("glass", "asked")},
            "ada": set(),
            "visitor": set(),
        }
        # An account's name is no secret of the record for who keeps accounts or watch over them.
        for who in ("percy", "ada"):
            seen[who] |= {mark("alice", "name"), mark("bob", "name")}
        return seen


def texts(who: str) -> dict[str, object]:
    word = mark(who, "case")
    return {"title": word, "story": word, "questions": [word]}


# Addresses.

# What the parameter of an address names, by what stands before it.
KINDS = {
    "cases/": "ref", "sent/": "ref", "results/": "result", "medicines/": "medicine", "follow-ups/": "followup",
    "consents/": "consent", "files/": "file", "notifications/": "notification", "questions/": "question",
    "clinic/views/": "view", "clinic/today/": "appointment", "my/calendar/": "feed",
    "trust/": "trust", "emergencies/": "glass", "red-flags/": "flag", "saved-replies/": "saved",
    "clinic/enrol/": "enrolled", "clinic/invitations/": "pending", "manage/people/": "account", "manage/roles/": "role",
    "manage/invitations/": "pending", "account/passkeys/": "number", "account/sessions/": "number", "invite/": "key",
    "account/tokens/": "token", "my/contact/number/": "point", "my/contact/": "point", "my/contact/stopped/": "stopped",
    "invite/record/": "key", "trusting/": "trust",
    "trust/offers/": "trust", "access-log/ask/": "event", "access-log/questions/": "asked",
    "clinic/calls/": "followup", "manage/access-questions/": "asked", "manage/audit/": "event", "kept/": "kept",
}  # fmt: skip
# Parameters that name nothing of a person: words, keys of mails, pages of the library.
IMPERSONAL = {
    "static/", "topics/", "articles/", "clinic/", "curate/all/", "recover/", "register/confirm/", "manage/mailbox/",
    "manage/webhooks/", "manage/webhooks/deliveries/", "manage/deliveries/", "clinic/on-call/", "my/diary/", "",
    "clinic/times/", "clinic/times/leave/", "calendar/",
    "departments/", "sitemap/questions-", "answer/",
    "stop/", "hooks/mail/",
}  # fmt: skip


def routes(patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "") -> list[str]:
    found: list[str] = []
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern).replace("^", "").replace("$", "").replace("\\Z", "")
        found += routes(pattern.url_patterns, route) if isinstance(pattern, URLResolver) else [route]
    return sorted(set(found))


PARAMETER = re.compile(r"<[^>]+>|\(\?P<[^>]+>(?:\[[^\]]*\][+*]|\.\+|[^()]*(?:\([^()]*\)[^()]*)*)\)")


def kind_of(route: str) -> str:
    """What the first parameter of this route names; "" for none, or nothing of a person's. Raises LookupError."""
    found = PARAMETER.search(route)
    if found is None:
        return ""
    before = route[: found.start()].removeprefix("api/v1/")
    for ending, kind in KINDS.items():
        if before.endswith(ending) and before not in IMPERSONAL and not before.startswith("curate/articles/"):
            return kind
    if before in IMPERSONAL or before.startswith("curate/articles/"):
        return ""
    raise LookupError(f"{route}: say in tests/access/canaries.py (KINDS or IMPERSONAL) what this address names")


def filled(route: str, value: str) -> str:
    return "/" + PARAMETER.sub(lambda _found: value, route).lstrip("/")
