"""From a suggestion to a public question, past consent, identifiers and a second pair of eyes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from faq.models import Question, Topic, Word
from faq.models.checks import checks
from faq.models.questions import QuestionStatus
from faq.rules.review_dates import review_again
from portal.access import IllegalMove, Permission
from portal.models import Department, User
from portal.verbs import verb

OPEN_TO_EDITS = (QuestionStatus.SUGGESTED, QuestionStatus.DRAFT)


class Stale(IllegalMove):
    """Somebody saved a newer version since this one was opened."""

    code = "stale"


@verb(Permission.LIBRARY_SUGGEST)
def suggest(
    department: Department,
    /,
    *,
    by: User,
    title: str,
    body: str,
    answer: str,
    needs_consent: bool = True,
    **about: Any,
) -> Question:
    """Propose a public question. `about`: other fields of Question, like age_band, sex, asked_in, answered_by."""
    return Question.suggest(
        department, title=title, body=body, answer=answer, needs_consent=needs_consent, edited_by=by, **about
    )


@verb(Permission.LIBRARY_EDIT)
def edit(
    question: Question, /, *, by: User, version: int | None = None, topics: Iterable[Topic] | None = None, **texts: Any
) -> Question:
    """Save the next version. With `version`, raises Stale unless that is the newest.

    A change of what readers see makes the patient's consent stale until they agree to the new text.
    """
    if question.status not in OPEN_TO_EDITS:
        raise IllegalMove("questions.edit", question, _("Only a suggestion or a draft can be edited."))
    if version is not None and version != question.version:
        raise Stale("questions.edit", question, _("Somebody saved a newer version meanwhile."))
    question.rewrite(by=by, **texts)
    if topics is not None:
        question.topics.set(topics)
    if question.status == QuestionStatus.SUGGESTED:
        question.move_to(QuestionStatus.DRAFT)
    return question


@verb(Permission.LIBRARY_EDIT)
def acknowledge(question: Question, *, by: User, key: str) -> Question:
    """A person has read this finding and lets it stand; the same words found again stand too."""
    if key not in {finding.key for finding in question.findings}:
        raise IllegalMove("questions.acknowledge", question, _("That is no longer in the text."))
    question.acknowledged = sorted({*question.acknowledged, key})
    question.save(update_fields=["acknowledged", "changed_at"])
    return question


@verb(Permission.LIBRARY_EDIT)
def submit(question: Question, *, by: User) -> Question:
    """Send to review. Refused with the first thing that is missing."""
    for check in checks(question):
        if check.stops_review and not check.is_met:
            raise IllegalMove("questions.submit", question, check.label)
    question.move_to(QuestionStatus.IN_REVIEW)
    return question


@verb(Permission.LIBRARY_EDIT)
def send_back(question: Question, *, by: User) -> Question:
    """From review, or after it was taken down, back to a draft that can be edited."""
    question.move_to(QuestionStatus.DRAFT)
    return question


@verb(Permission.LIBRARY_PUBLISH)
def publish(question: Question, *, by: User, review_on: date | None = None, version: int | None = None) -> Question:
    """Show it to all. Refused without consent to this very text, with identifiers in it, or by its last editor.

    With `version`, the number of the version that was read, raises Stale unless it is the newest.
    """
    if version is not None and version != question.version:
        raise Stale("questions.publish", question, _("A newer version was saved meanwhile. Read it, then decide."))
    if not question.has_consent:
        raise IllegalMove("questions.publish", question, _("The patient has not agreed to exactly this text."))
    if question.open_findings:
        raise IllegalMove("questions.publish", question, _("Something in it may name a person."))
    if question.edited_by_id == by.pk:
        raise IllegalMove("questions.publish", question, _("Somebody else than its last editor has to publish it."))
    question.approved_by = by
    question.review_on = review_on or review_again(timezone.localdate())
    question.move_to(QuestionStatus.PUBLISHED)
    Word.learn([question.pk])
    return question


@verb(Permission.LIBRARY_PUBLISH)
def withdraw(question: Question, *, by: User) -> Question:
    """Take it down, or put a suggestion aside."""
    question.move_to(QuestionStatus.WITHDRAWN)
    return question
