"""From a case to the public library: told so that nobody is recognised, and only with consent."""

from __future__ import annotations

from django.utils.translation import gettext as _

from faq.models import Question
from faq.models.questions import QuestionStatus
from patients.models import Case, Consent
from patients.models.consents import ConsentStatus
from portal.access import IllegalMove, Permission
from portal.models import Notification, User
from portal.models.deliveries import Purpose
from portal.verbs import verb


@verb(Permission.CONSENT_ASK)
def suggest(case: Case, *, by: User, title: str, body: str, answer: str) -> Consent:
    """Write the public form of a case, and ask the patient to agree to that exact text.

    Age is given in bands of ten years and time as a year. Raises IllegalMove when the patient has no account, or
    is being asked about this very text: a form sent twice asks once.
    """
    if case.patient.user is None:
        raise IllegalMove("publishing.suggest", case, "the patient has no account, and so can't be asked")
    asked = case.consents.filter(status=ConsentStatus.PROPOSED)
    if asked.filter(question__title=title, question__body=body, question__answer=answer).exists():
        raise IllegalMove("publishing.suggest", case, _("The patient is asked about exactly this text already."))
    question = Question.suggest(
        case.department,
        title=title,
        body=body,
        answer=answer,
        age_band=case.patient.age_band,
        sex=case.patient.sex,
        asked_in=case.created_at.year,
        answered_by=by,
        needs_consent=True,
    )
    consent = Consent.objects.create(
        patient=case.patient, case=case, question=question, text=question.public_text, asked_by=by
    )
    _tell(consent)
    return consent


@verb(Permission.CONSENT_ASK)
def ask_again(consent: Consent, *, by: User) -> Consent:
    """The text has changed since: show the patient the new one. Raises IllegalMove when it has not."""
    if consent.text == consent.question.public_text:
        raise IllegalMove("publishing.ask_again", consent, "the text has not changed")
    if consent.question.status == QuestionStatus.WITHDRAWN:
        raise IllegalMove("publishing.ask_again", consent, "this question was taken down")
    consent.text = consent.question.public_text
    if consent.status == ConsentStatus.PROPOSED:
        consent.save()
    else:
        consent.move_to(ConsentStatus.PROPOSED)
    _tell(consent)
    return consent


def _tell(consent: Consent) -> None:
    user = consent.patient.user
    if user:
        Notification.queue(user, Purpose.CONSENT_ASKED, path=f"/my/consents/{consent.pk}/")
