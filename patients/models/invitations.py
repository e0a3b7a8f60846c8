"""Inviting somebody, whose record the clinic has opened, to read it and to ask."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.db.models import Q

from patients.models.patients import Patient, PatientQuerySet
from patients.walls import RecordRule
from portal.access import Permission, Reach
from portal.models import User
from portal.models.deliveries import Purpose
from portal.models.invited import Invited, InvitedQuerySet, InvitedRule

TRIES_ALLOWED = 5


@dataclass(frozen=True, slots=True)
class EnrolmentRule(InvitedRule):
    """Staff who reach the patient; to accept it, whoever it was sent to."""

    def reached(self, reach: Reach) -> Q:
        if not reach.as_staff:
            return Q(pk__in=[])
        rule = PatientQuerySet.rule
        assert isinstance(rule, RecordRule)
        return Q(patient__in=Patient.objects.filter(rule.as_staff(reach)))

    def ways(self, table: str, *, writing: bool = False) -> list[str]:
        rule = PatientQuerySet.rule
        assert isinstance(rule, RecordRule)
        reached = " OR ".join(rule.staff_ways("patient", self.reading))
        ours = f"EXISTS (SELECT FROM patients_patient AS patient WHERE patient.id = {table}.patient_id AND ({reached}))"
        return [*super(EnrolmentRule, self).ways(table, writing=writing), ours]


class PatientInvitationQuerySet(InvitedQuerySet["PatientInvitation"]):
    rule = EnrolmentRule(Permission.ENROLMENT_READ)


class PatientInvitation(Invited):
    """A record that waits for its person. The mail names nobody: its address may have been mistyped."""

    PURPOSE = Purpose.PATIENT_INVITED

    patient = models.ForeignKey(Patient, models.CASCADE, related_name="invitations")
    wrong_dates = models.PositiveSmallIntegerField(default=0)

    objects = PatientInvitationQuerySet.as_manager()

    class Meta(Invited.Meta):
        constraints = (
            *Invited.Meta.constraints,
            models.UniqueConstraint(
                fields=("patient",),
                condition=Q(accepted_at=None, revoked_at=None),
                name="patientinvitation_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(wrong_dates__lt=TRIES_ALLOWED) | Q(wrong_dates=TRIES_ALLOWED, revoked_at__isnull=False),
                name="patientinvitation_tries",
            ),
        )

    @classmethod
    def to(cls, patient: Patient, *, email: str, by: User) -> PatientInvitation:
        invitation = cls(patient=patient, email=email.lower(), invited_by=by)
        invitation.send()
        return invitation

    @property
    def tries_left(self) -> int:
        return TRIES_ALLOWED - self.wrong_dates

    def miss(self, by: User) -> None:
        """One more wrong date of birth. The last one closes the invitation."""
        self.wrong_dates += 1
        if self.tries_left:
            self.save(update_fields=["wrong_dates"])
        else:
            self.revoke(by)
            self.save(update_fields=["wrong_dates"])
