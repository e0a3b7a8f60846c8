"""Consent, identifiers, two pairs of eyes: nothing becomes public past them."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from faq.actions import feedback, questions
from faq.actions.questions import Stale
from faq.models import Feedback, Question
from faq.models.checks import checks
from faq.models.questions import QuestionStatus
from portal.access import VISITOR, IllegalMove, Refused
from portal.acting import acting_as
from portal.models import AuditEvent, Department, User
from tests.faq import make


@pytest.fixture
def submitted(neurology: Department, nadia: User, curt: User) -> Question:
    return make.make_submitted(neurology, by=nadia, editor=curt)


@pytest.fixture
def published(neurology: Department, nadia: User, curt: User, carla: User) -> Question:
    return make.make_published(neurology, by=nadia, editor=curt, publisher=carla)


def test_a_question_goes_from_suggestion_to_page(published: Question) -> None:
    assert published.status == QuestionStatus.PUBLISHED
    assert published.published_at
    assert published.review_on
    assert published.review_on.year == timezone.localdate().year + 2
    assert published.version == 2


def test_each_verb_leaves_one_audit_row(published: Question) -> None:
    told = AuditEvent.objects.filter(subject_id=published.pk).values_list("name", flat=True)
    assert sorted(told) == ["questions.edit", "questions.publish", "questions.submit"]


def test_its_last_editor_does_not_publish_it(submitted: Question, curt: User) -> None:
    with acting_as(curt), pytest.raises(IllegalMove, match="Somebody else"):
        questions.publish(submitted, by=curt)
    assert Question.objects.get().status == QuestionStatus.IN_REVIEW


def test_without_consent_it_stays_inside(neurology: Department, nadia: User, curt: User, carla: User) -> None:
    question = make.make_submitted(neurology, by=nadia, editor=curt, needs_consent=True)
    with acting_as(carla), pytest.raises(IllegalMove, match="has not agreed"):
        questions.publish(question, by=carla)


def test_consent_is_to_one_text_and_goes_stale_with_it(neurology: Department, nadia: User, curt: User) -> None:
    question = make.make_draft(neurology, by=nadia, editor=curt, needs_consent=True)
    question.agree(question.digest)
    assert question.has_consent
    with acting_as(curt):
        question = questions.edit(question, by=curt, get_help="it gets worse")
        assert question.has_consent
        for name in ("title", "body", "answer", "in_short", "editor_note", "age_band", "sex"):
            before: dict[str, Any] = {name: getattr(question, name)}
            other: dict[str, Any] = {name: "other"}
            assert not questions.edit(question, by=curt, **other).has_consent
            question = questions.edit(question, by=curt, **before)


def test_taking_consent_back_takes_it_down(neurology: Department, nadia: User, curt: User, carla: User) -> None:
    question = make.make_submitted(neurology, by=nadia, editor=curt, needs_consent=True)
    question.agree(sha256(question.public_text.encode()).hexdigest())
    with acting_as(carla):
        question = questions.publish(question, by=carla)
    question.agree("")
    assert Question.objects.published().count() == 0


def test_the_database_refuses_what_a_verb_would(published: Question, curt: User) -> None:
    wrong: list[dict[str, object]] = [
        {"needs_consent": True},
        {"needs_consent": True, "consent_digest": "0" * 64},
        {"published_at": None},
        {"approved_by": None},
        {"approved_by": curt},
    ]
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Question.objects.filter(pk=published.pk).update(**fields)


def test_identifiers_hold_it_back_until_somebody_lets_each_stand(
    neurology: Department, nadia: User, curt: User
) -> None:
    body = "On 4 June 2026 Dr. Ann Example saw me."
    question = make.make_draft(neurology, by=nadia, editor=curt, body=body)
    assert [finding.text for finding in question.open_findings] == ["4 June 2026", "Dr. Ann Example"]
    with acting_as(curt):
        with pytest.raises(IllegalMove, match="2 things may name"):
            questions.submit(question, by=curt)
        for finding in question.findings:
            question = questions.acknowledge(question, by=curt, key=finding.key)
        assert questions.submit(question, by=curt).status == QuestionStatus.IN_REVIEW


def test_what_is_not_in_the_text_cannot_be_let_stand(neurology: Department, nadia: User, curt: User) -> None:
    question = make.make_draft(neurology, by=nadia, editor=curt)
    with acting_as(curt), pytest.raises(IllegalMove):
        questions.acknowledge(question, by=curt, key="name:dr. nobody")


def test_a_new_identifier_after_review_stops_publishing(submitted: Question, carla: User) -> None:
    Question.objects.filter(pk=submitted.pk).update(body="Mrs. Example called 0912 345 678.")
    with acting_as(carla), pytest.raises(IllegalMove, match="may name a person"):
        questions.publish(submitted, by=carla)


def test_a_stale_edit_is_refused_and_nothing_lost(neurology: Department, nadia: User, curt: User, carla: User) -> None:
    question = make.make_draft(neurology, by=nadia, editor=curt)
    with acting_as(carla):
        questions.edit(question, by=carla, version=question.version, title="Carla was first")
    with acting_as(curt), pytest.raises(Stale):
        questions.edit(question, by=curt, version=question.version, title="Curt was second")
    assert Question.objects.get().title == "Carla was first"


def test_only_suggestions_and_drafts_can_be_edited(submitted: Question, published: Question, curt: User) -> None:
    for question in (submitted, published):
        with acting_as(curt), pytest.raises(IllegalMove):
            questions.edit(question, by=curt, title="Another")


def test_every_version_can_be_read_again(published: Question) -> None:
    assert [row.version for row in published.versions()] == [2, 1]


def test_a_clinician_sees_the_work_of_their_department_only(submitted: Question, nadia: User, karl: User) -> None:
    for person, sees in ((nadia, 1), (karl, 0), (VISITOR, 0)):
        assert Question.objects.visible_to(person).count() == sees


def test_a_number_is_drawn_once_a_question(neurology: Department, nadia: User) -> None:
    first, second = (make.make_suggested(neurology, by=nadia) for _ in range(2))
    first.refresh_from_db()
    second.refresh_from_db()
    assert second.number == first.number + 1


def test_checks_ask_nothing_more_of_the_database(submitted: Question, django_assert_num_queries: object) -> None:
    row = Question.objects.prefetch_related("topics").get()
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert [check.mark for check in checks(row)][:4] == ["yes", "yes", "yes", "yes"]


def test_a_visitor_says_whether_it_helped(published: Question) -> None:
    with acting_as(VISITOR):
        feedback.give(published, by=VISITOR, has_helped=True, reason="wrong")
        feedback.give(published, by=VISITOR, has_helped=False, reason="wrong")
    assert set(Feedback.objects.values_list("has_helped", "reason")) == {(True, ""), (False, "wrong")}


def test_nobody_rates_what_is_not_public(submitted: Question) -> None:
    with acting_as(VISITOR), pytest.raises(Refused):
        feedback.give(submitted, by=VISITOR, has_helped=True)
