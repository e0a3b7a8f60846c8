"""Trusting somebody with one's record, and taking it back: the patient's alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from patients.models import Patient, RelatedPerson
from patients.models.related_people import LONGEST
from portal.access import IllegalMove, Permission
from portal.models import Delivery, Notification, User
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
    email = email.lower()
    if email == by.email.lower():
        raise IllegalMove("related_people.trust", patient, _("This is your own address."))
    _must_end_in_time(patient, expires_at)
    _make_room(patient, email)
    given = RelatedPerson(
        patient=patient,
        patient_name=patient.name,
        email=email,
        name=name,
        relationship=relationship,
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    given.full_clean(validate_constraints=False)
    given.save()
    # To the address alone: whether it has an account here is not for who typed it to learn.
    Delivery.queue(email, Purpose.TRUST_OFFERED, key=f"trust:{given.pk}", words={"path": "/my/trusting/"})
    return given


@verb(Permission.TRUST_GIVE)
def change(given: RelatedPerson, *, by: User, scopes: Iterable[Scope], expires_at: datetime) -> RelatedPerson:
    """What they may see and do from now on, and until when. What has run out can be given again so."""
    if given.revoked_at:
        raise IllegalMove("related_people.change", given, _("This has ended. Trust them anew, if you want to."))
    _must_end_in_time(given, expires_at)
    given.scopes, given.expires_at, given.given_at = sorted(set(scopes)), expires_at, timezone.now()
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
    if given.account_id or given.is_over:
        raise IllegalMove("related_people.accept", given, _("This was accepted, taken back or has run out."))
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


def _must_end_in_time(subject: Patient | RelatedPerson, expires_at: datetime) -> None:
    now = timezone.now()
    if not now < expires_at <= now + LONGEST:
        raise IllegalMove("related_people.trust", subject, _("Choose a day from tomorrow to a year from now."))


def _make_room(patient: Patient, email: str) -> None:
    """One trust for one address at a time; one that has run out makes room for the next."""
    before = patient.related_people.filter(email__iexact=email, revoked_at=None).first()
    if before and not before.is_over:
        raise IllegalMove("related_people.trust", patient, _("You trust this person already: change it instead."))
    if before:
        before.end()
