"""The patient's answer to "may we publish this?", and its withdrawal."""

from __future__ import annotations

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
    if agreed and (consent.digest != consent.question.digest or (shown or consent.digest) != consent.digest):
        raise IllegalMove("consents.answer", consent, "the text has changed since it was shown")
    consent.move_to(ConsentStatus.ACTIVE if agreed else ConsentStatus.REJECTED)
    consent.question.agree(consent.digest if agreed else "")
    return consent


@verb(Permission.CONSENT_ANSWER)
def withdraw(consent: Consent, *, by: User) -> Consent:
    """Take the consent back: the published question comes down in the same transaction."""
    consent.move_to(ConsentStatus.INACTIVE)
    consent.question.agree("")
    return consent
