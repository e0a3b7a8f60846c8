"""Somebody a patient trusts (FHIR RelatedPerson): with what, until when. Given and taken back by the patient alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from patients.models.patients import Patient
from patients.walls import RecordRule
from portal import access
from portal.access import Actor, IllegalMove, Permission, Principal
from portal.models import User
from portal.models.invited import addressed_to
from portal.models.record import Record, RecordQuerySet, now
from portal.roles import SCOPE_LABELS, TRUST, Scope
from portal.walls import addressed

SCOPES = [(scope.value, label) for scope, label in SCOPE_LABELS.items()]
# Nobody's trust runs for ever by being forgotten.
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class TrustRule(RecordRule):
    """The patient's own, and whom it is given to: by account once accepted, until then by e-mail address."""

    def q(self, by: Actor, to: Permission | None = None) -> Q:
        if isinstance(by, Principal) or not by.is_active:
            return Q(pk__in=[])
        given_to = Q(account=by) | addressed_to(by) & Q(account=None)
        given_by = Q(patient__in=sorted(access.reach(by, to or self.reading).own))
        return {Permission.TRUST_GIVE: given_by, Permission.TRUST_ANSWER: given_to}.get(
            to or self.reading, given_by | given_to
        )

    def ways(self, table: str, *, writing: bool = False) -> list[str]:
        offered = f"({table}.account_id IS NULL AND {addressed(table)})"
        return [*super(TrustRule, self).ways(table, writing=writing), offered]


class RelatedPersonQuerySet(RecordQuerySet["RelatedPerson"]):
    rule = TrustRule(Permission.TRUST_READ, account="account")

    def given_to(self, account: User) -> Self:
        """Once accepted by account, until then by the address it was offered to."""
        return self.filter(Q(account=account) | Q(account=None, email__iexact=account.email))

    def current(self) -> Self:
        """Offered or standing: not taken back, not run out."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def offered(self) -> Self:
        return self.current().filter(account=None)

    def standing(self) -> Self:
        """Accepted, not taken back, not run out."""
        return self.current().filter(account__isnull=False)


@pghistory.track()
class RelatedPerson(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="related_people")
    # As the patient was called then: an offer is read by somebody who can't see the record yet.
    patient_name = models.CharField(max_length=120)
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=120)
    relationship = models.CharField(_("who they are to you"), max_length=60, blank=True)
    scopes = ArrayField(
        models.CharField(max_length=10, choices=[(s.value, label) for s, label in SCOPE_LABELS.items()])
    )
    account = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="trusted_by")
    accepted_at = models.DateTimeField(null=True, blank=True)
    # When what holds now was given: at first, or when the patient last changed it.
    given_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(_("until"))
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = RelatedPersonQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("patient", "email"), name="related_person_once", condition=Q(revoked_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=True, accepted_at__isnull=True)
                | Q(account__isnull=False, accepted_at__isnull=False),
                name="related_person_accepted",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("given_at") + timedelta(days=367)), name="related_person_expires"
            ),
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="related_person_may_something"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="related_person_email_is_lower"),
        )
        indexes = (models.Index(fields=("account",), name="related_person_account", condition=Q(revoked_at=None)),)

    def end(self) -> None:
        """Raises IllegalMove when it has ended already."""
        if self.revoked_at:
            raise IllegalMove("related_people.end", self, gettext("This has ended already."))
        self.revoked_at = timezone.now()
        self.save()

    @property
    def is_over(self) -> bool:
        return self.revoked_at is not None or self.expires_at <= timezone.now()

    @property
    def is_standing(self) -> bool:
        return self.account_id is not None and not self.is_over

    @property
    def permissions(self) -> frozenset[Permission]:
        return frozenset().union(*(TRUST[Scope(scope)] for scope in self.scopes))
