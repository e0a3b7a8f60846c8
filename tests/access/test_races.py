"""Many equal posts at once of every form that makes something: one row, and a sensible answer for each.

And two people at one thing: one wins, the other is told and keeps what was typed. Real threads, real transactions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse

from clinicians.models import CaseLink, Claim, OnCall, ReplyDraft, SavedReply, SavedView, Snooze, Webhook
from faq.models import Article, Feedback, Question, Revision, Topic
from patients.models import (
    AccessQuestion,
    Appointment,
    BrokenGlass,
    CalendarFeed,
    CallAttempt,
    Case,
    Consent,
    DiaryEntry,
    FollowUp,
    GlassReview,
    Leave,
    Message,
    Patient,
    PatientInvitation,
    Prescription,
    RedFlag,
    RelatedPerson,
    Result,
    Schedule,
    Screening,
    WaitingListEntry,
)
from portal.access import Role
from portal.models import ApiToken, ContactPoint, Invitation, Membership, User
from tests import make
from tests.access import tables
from tests.access.posts import DESK, POSTS, Data, Post, is_json, meant, of_case, order, send
from tests.access.scene import Scene

THIRTY, SOME, AT_ONCE = 30, 8, 10
# 410: what was to be taken is gone, by whoever came first.
SENSIBLE = {200, 201, 302, 409, 410, 422}


@dataclass(frozen=True)
class Creates:
    model: type[models.Model]
    post: Post
    # The page on which its form stands, where that says which sending it is.
    page: Callable[[Scene], str] | None = None
    times: int = SOME


def of(route: str, **changed: Any) -> Post:
    return replace(POSTS[route][0], **changed)


# A medicine that no table knows: what is known is stopped as a duplicate by the checks before it comes so far.
UNKNOWN = replace(DESK["prescribe"], data=lambda s: {**order(s), "medicine": "Madeupinol"})
CREATES: dict[str, Creates] = {
    # A reply ends both, so they come before it.
    "clinicians:claim": Creates(Claim, DESK["claim"]),
    "clinicians:snooze": Creates(Snooze, DESK["snooze"]),
    "clinicians:link": Creates(CaseLink, DESK["link"]),
    # Before the reply, after which nothing waits to be written.
    "clinicians:save-draft": Creates(ReplyDraft, of("clinicians:save-draft"), times=THIRTY),
    # Undone, its words are a draft.
    "clinicians:undo-reply": Creates(ReplyDraft, DESK["undo-reply"]),
    # Early: the next message makes another case of it than this form was filled in for.
    "clinicians:reply": Creates(Message, DESK["reply"], times=THIRTY),
    "patients:ask": Creates(Case, of("patients:ask"), lambda s: "/ask/"),
    "patients:say": Creates(Message, of("patients:say"), lambda s: f"/my/cases/{s.case.ref}/", THIRTY),
    "patients:report_medicine": Creates(Prescription, of("patients:report_medicine"), times=THIRTY),
    "patients:diary_day": Creates(DiaryEntry, of("patients:diary_day"), times=THIRTY),
    "patients:details": Creates(Patient, of("patients:details")),
    "clinicians:prescribe": Creates(Prescription, UNKNOWN),
    "clinicians:views": Creates(SavedView, DESK["views"], times=THIRTY),
    "clinicians:record": Creates(Result, DESK["record"]),
    "clinicians:plan": Creates(FollowUp, DESK["plan"]),
    "clinicians:suggest": Creates(Consent, DESK["suggest"]),
    "clinicians:record-call": Creates(CallAttempt, DESK["record-call"]),
    "clinicians:clinic-times": Creates(Schedule, DESK["clinic-times"]),
    "clinicians:clinic-leave": Creates(Leave, DESK["clinic-leave"]),
    "clinicians:followup-times": Creates(Appointment, DESK["followup-times"]),
    "patients:book_time": Creates(Appointment, of("patients:book_time"), times=THIRTY),
    "patients:wait": Creates(WaitingListEntry, of("patients:wait")),
    "patients:make_calendar": Creates(CalendarFeed, of("patients:make_calendar")),
    "clinicians:on-call": Creates(OnCall, DESK["on-call"]),
    "clinicians:saved-replies": Creates(SavedReply, DESK["saved-replies"]),
    "clinicians:emergency": Creates(BrokenGlass, DESK["emergency"]),
    "clinicians:emergency-review": Creates(GlassReview, of("clinicians:emergency-review")),
    "clinicians:enrol": Creates(Patient, DESK["enrol"]),
    "clinicians:invite-patient": Creates(PatientInvitation, DESK["invite-patient"]),
    "patients:add_number": Creates(ContactPoint, of("patients:add_number")),
    "patients:add_browser": Creates(ContactPoint, of("patients:add_browser")),
    "patients:give_trust": Creates(RelatedPerson, of("patients:give_trust")),
    "patients:access_ask": Creates(AccessQuestion, of("patients:access_ask")),
    "clinicians:add-webhook": Creates(Webhook, of("clinicians:add-webhook")),
    "portal:api_tokens": Creates(ApiToken, of("portal:api_tokens")),
    "portal:invite": Creates(Invitation, of("portal:invite")),
    "portal:appoint": Creates(Membership, of("portal:appoint")),
    # Closes one of her cases, and opens the other one again.
    "clinicians:merge": Creates(Message, DESK["merge"]),
    # Makes a colleague of her, who then shows a second factor: after all that she does as a patient.
    "portal:accept-invitation": Creates(Membership, of("portal:accept-invitation")),
    "faq:new_topic": Creates(Topic, of("faq:new_topic")),
    "faq:new_article": Creates(Article, of("faq:new_article")),
    "faq:manuscript": Creates(Revision, of("faq:manuscript")),
    # Hashing a password takes its time, and one address may only sign up so often.
    "account_signup": Creates(User, of("account_signup"), times=4),
}
# A reader may press twice, and each is counted: who said so is not kept, so two cannot be told from one.
COUNTED = {"faq:helped": Feedback}
# Of what a post makes beside its own: what is told to others, and how an address of mail is kept.
MAKERS = {
    Case, Message, Prescription, Result, FollowUp, Consent, Topic, Article, Revision, User, Patient, Question,
    BrokenGlass, GlassReview, PatientInvitation, RelatedPerson, AccessQuestion, Invitation, Membership, SavedView,
    Claim, Snooze, CaseLink, CallAttempt,
    DiaryEntry, OnCall, RedFlag, Screening,
    ReplyDraft, SavedReply,
    BrokenGlass, GlassReview, PatientInvitation, RelatedPerson, AccessQuestion, Invitation, Membership,
    ApiToken, Webhook, ContactPoint,
    Schedule, Leave, Appointment, WaitingListEntry, CalendarFeed,
}  # fmt: skip


@pytest.mark.django_db
def test_every_form_that_makes_something_is_raced() -> None:
    scene, making = Scene(), set()
    names = {model._meta.db_table for model in {*MAKERS, *COUNTED.values()}}
    for route, posts in POSTS.items():
        # An endpoint of the API is the same class as its page.
        for post in posts if not is_json(route) else ():
            client = scene.twin(post.who)
            with transaction.atomic():
                before = tables.counts(names)
                send(client, route, post, scene)
                after = tables.counts(names)
                transaction.set_rollback(True)
            if any(after[name] > before[name] for name in names):
                making.add(route)
    assert making == set(CREATES) | set(COUNTED)


def sending_on(client: Client, page: str) -> Data:
    found = re.search(r'name="sending" value="([^"]+)"', client.get(page).content.decode())
    assert found
    return {"sending": found[1]}


def race(asks: Sequence[Callable[[], Any]]) -> list[Any]:
    """All at once, each on a line of its own to the database."""
    together = Barrier(min(len(asks), AT_ONCE))

    def one(number: int) -> Any:
        try:
            if number < together.parties:
                together.wait(timeout=20)
            return asks[number]()
        finally:
            connection.close()

    with ThreadPoolExecutor(together.parties) as pool:
        return list(pool.map(one, range(len(asks))))


@pytest.mark.django_db(transaction=True)
def test_equal_posts_at_once_make_one_row() -> None:
    scene, wrong = Scene(), []
    for route, creates in CREATES.items():
        client = scene.client(creates.post.who)
        key = sending_on(client, creates.page(scene)) if creates.page else {}
        data = {**creates.post.data(scene), **key}
        path = reverse(route, kwargs=creates.post.at(scene))
        before = creates.model._base_manager.count()
        answers = race([posting(client, path, data)] * creates.times)
        made = creates.model._base_manager.count() - before
        codes = Counter(answer.status_code for answer in answers)
        if made != 1 or set(codes) - SENSIBLE:
            wrong.append(f"{route}: {made} rows, {dict(codes)}")
    assert not wrong, "\n".join(wrong)


def posting(client: Client, path: str, data: Data) -> Callable[[], Any]:
    """By a browser of its own, signed in as the same person."""

    def ask() -> Any:
        twin = Client()
        twin.cookies = client.cookies.copy()  # type: ignore[assignment]
        return twin.post(path, data, HTTP_ACCEPT="text/html")

    return ask


@dataclass(frozen=True)
class Editors:
    """Two who have the same page open, and the field whose words the loser must keep."""

    two: tuple[str, str]
    at: Callable[[Scene], Data]
    data: Callable[[Scene], Data]
    field: str


def questions_of(scene: Scene) -> Data:
    return POSTS["faq:draft"][0].data(scene)


EDITORS: dict[str, Editors] = {
    "clinicians:release": Editors(("nadia", "nora"), lambda s: {"pk": s.result.pk}, meant, "comment"),
    "clinicians:stop": Editors(("nadia", "nora"), lambda s: {"pk": s.medicine.pk}, meant, "reason"),
    "clinicians:record": Editors(("nadia", "nora"), of_case, DESK["record"].data, "impression"),
    "clinicians:plan": Editors(("nadia", "cora"), of_case, DESK["plan"].data, "reason"),
    "clinicians:close-followup": Editors(
        ("nadia", "cora"), lambda s: {"pk": s.followup.pk}, lambda s: meant(s, evidence="attended"), "note"
    ),
    # Of a case of its own: it makes another one of it for the reply.
    "clinicians:hand-over": Editors(
        ("nadia", "nora"),
        lambda s: {"ref": s.resting.ref},
        lambda s: {**DESK["hand-over"].data(s), "seen": s._seen("nadia", s.resting)},
        "reason",
    ),
    "clinicians:reply": Editors(("nadia", "nora"), of_case, DESK["reply"].data, "body"),
    "clinicians:review-red-flag": Editors(("nadia", "nora"), lambda s: {"pk": s.flag.pk}, meant, "note"),
    "clinicians:saved-reply": Editors(
        ("nadia", "nora"), lambda s: {"pk": s.shared.pk}, lambda s: {"called": "To all", "base": "1"}, "body"
    ),
    "clinicians:emergency-review": Editors(("percy", "petra"), lambda s: {"pk": s.glass.pk}, lambda s: {}, "note"),
    "patients:answer_access_question": Editors(
        ("percy", "petra"), lambda s: {"pk": s.question.pk}, lambda s: {}, "text"
    ),
    "faq:draft": Editors(("curt", "carla"), lambda s: {"key": s.draft.pk}, questions_of, "answer"),
    "faq:manuscript": Editors(
        ("curt", "carla"), lambda s: {"key": s.article.pk}, lambda s: {"title": "Tremor", "version": "1"}, "body"
    ),
    "faq:new_topic": Editors(("curt", "carla"), lambda s: {}, POSTS["faq:new_topic"][0].data, "synonyms"),
    "faq:new_article": Editors(("curt", "carla"), lambda s: {}, POSTS["faq:new_article"][0].data, "body"),
}


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_one_wins_and_the_other_keeps_the_words() -> None:
    scene, wrong = Scene(), []
    scene.others["nora"] = make.make_user("Nora Noon", role=Role.CLINICIAN, department=scene.world.neurology)
    scene.others["petra"] = make.make_user("Petra Park", role=Role.PRIVACY_OFFICER)
    # The reply last: it makes another case of it than the forms were filled in for.
    for route, editors in sorted(EDITORS.items(), key=lambda item: item[0] == "clinicians:reply"):
        path, data = reverse(route, kwargs=editors.at(scene)), editors.data(scene)
        words = [f"The words of {who}, kept." for who in editors.two]
        asks = [
            posting(scene.client(who), path, {**data, editors.field: said})
            for who, said in zip(editors.two, words, strict=True)
        ]
        answers = race(asks)
        codes = sorted(answer.status_code for answer in answers)
        kept = [word in answer.content.decode() for word, answer in zip(words, answers, strict=True)
                if answer.status_code == 409]  # fmt: skip
        if codes != [302, 409] or kept != [True]:
            wrong.append(f"{route}: {codes}, kept {kept}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_who_asks_for_another_day_when_it_was_closed_keeps_the_words() -> None:
    scene = Scene()
    patient, clinic = scene.client("alice"), scene.client("cora")
    path, note = f"/my/follow-ups/{scene.followup.pk}/change/", "Friday after four suits me."
    closing = {**meant(scene), "evidence": "declined", "note": "by telephone"}
    assert clinic.post(f"/follow-ups/{scene.followup.pk}/close/", closing, HTTP_ACCEPT="text/html").status_code == 302
    answer = patient.post(path, {"note": note})
    assert answer.status_code == 409
    assert note in answer.content.decode()
    assert FollowUp.objects.get(pk=scene.followup.pk).patient_note == ""


@pytest.mark.django_db
def test_the_same_wish_for_another_day_twice_is_one_and_no_problem() -> None:
    scene = Scene()
    patient, path = scene.client("alice"), f"/my/follow-ups/{scene.followup.pk}/change/"
    answers = [patient.post(path, {"note": "Friday suits me."}) for _twice in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    other = patient.post(path, {"note": "Or rather Monday."})
    assert other.status_code == 409
    assert "Or rather Monday." in other.content.decode()
