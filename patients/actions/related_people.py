"""Trusting somebody with one's record, and taking it back: the patient's alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from patients.models import Patient, RelatedPerson
from patients.models.related_people import LONGEST
from portal.access import IllegalMove, Permission
from portal.models import Notification, User
from portal.models.deliveries import Purpose
from portal.roles import Scope
from portal.verbs import verb


@verb(Permission.TRUST_GIVE)
def trust(
    patient: Patient,
    /,
    *,
    by: User,
    email: str,
    name: str,
    scopes: Iterable[Scope],
    expires_at: datetime,
    relationship: str = "",
) -> RelatedPerson:
    """Let somebody see or do these things, until then. It stands once they sign in with that address and accept."""
    now, email = timezone.now(), email.lower()
    if email == by.email.lower():
        raise IllegalMove("related_people.trust", patient, "this is your own address")
    if not now < expires_at <= now + LONGEST:
        raise IllegalMove("related_people.trust", patient, "choose a day from tomorrow to a year from now")
    if patient.related_people.filter(email=email, revoked_at=None).exists():
        raise IllegalMove("related_people.trust", patient, "you trust this person already: take that back first")
    given = RelatedPerson(
        patient=patient,
        email=email,
        name=name,
        relationship=relationship,
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    given.full_clean(validate_constraints=False)
    given.save()
    return given


@verb(Permission.TRUST_GIVE)
def revoke(given: RelatedPerson, *, by: User) -> RelatedPerson:
    """Take it back, at once: what they have open shows nothing more."""
    given.end()
    return given


@verb(Permission.TRUST_ANSWER)
def accept(given: RelatedPerson, *, by: User) -> RelatedPerson:
    """Take it on, signed in with the address it was given to."""
    if given.account_id or given.revoked_at or given.expires_at <= timezone.now():
        raise IllegalMove("related_people.accept", given, "this was accepted, taken back or has run out")
    given.account, given.accepted_at = by, timezone.now()
    given.save()
    if given.patient.user:
        Notification.queue(given.patient.user, Purpose.TRUST_ACCEPTED, path="/my/trust/")
    return given


@verb(Permission.TRUST_ANSWER)
def step_back(given: RelatedPerson, *, by: User) -> RelatedPerson:
    """Say no, or give it up."""
    given.end()
    return given
