"""The patient's answer to "may we publish this?", and its withdrawal."""

from __future__ import annotations

from faq.models import Question
from patients.models import Consent
from patients.models.consents import ConsentStatus
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.verbs import verb


@verb(Permission.CONSENT_ANSWER)
def answer(consent: Consent, *, by: User, agreed: bool, shown: str = "") -> Consent:
    """Agree to the exact text shown, or say no. Raises IllegalMove when the text has changed meanwhile.

    `shown` is the digest of the text that was on the page.
    """
    question = _locked(consent)
    if agreed and (consent.digest != question.digest or (shown or consent.digest) != consent.digest):
        raise IllegalMove("consents.answer", consent, "the text has changed since it was shown")
    consent.move_to(ConsentStatus.ACTIVE if agreed else ConsentStatus.REJECTED)
    question.agree(consent.digest if agreed else "")
    return consent


@verb(Permission.CONSENT_ANSWER)
def withdraw(consent: Consent, *, by: User) -> Consent:
    """Take the consent back: the published question comes down in the same transaction."""
    question = _locked(consent)
    consent.move_to(ConsentStatus.INACTIVE)
    question.agree("")
    return consent


def _locked(consent: Consent) -> Question:
    """As it is now, and until we are done: a curator may be saving or publishing it at this moment."""
    return Question.objects.select_for_update().get(pk=consent.question_id)
