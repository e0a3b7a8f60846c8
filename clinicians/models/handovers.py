"""Whose a case was: each change of owner or department, by whom and why. Added to, never changed."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinicians.models.beside import BesideACase
from patients.models import Case, Patient
from patients.walls import of_case
from portal.access import Permission
from portal.models import Department, User
from portal.models.record import RecordQuerySet

LONGEST_REASON = 300


class Kind(models.TextChoices):
    ASSIGNED = "assigned", _("Given")
    HANDED_OVER = "handed_over", _("Handed over")
    REFERRED = "referred", _("Referred")
    TAKEN = "taken", _("Taken")
    GIVEN_BACK = "given_back", _("Given back to the pool")


class HandoverQuerySet(RecordQuerySet["Handover"]):
    rule = of_case(Permission.DESK_READ)

    def with_people(self) -> Self:
        return self.select_related("from_owner", "to_owner", "from_department", "to_department", "by")


class Handover(BesideACase):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    # Nobody: the department's pool.
    from_owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    to_owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    from_department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    to_department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("case", "-id"), name="handover_of_case"),)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in Kind]), name="handover_kind"),
            models.CheckConstraint(condition=~Q(kind="handed_over", reason=""), name="handover_has_reason"),
        )

    @staticmethod
    def write(
        case: Case, *, by: User, kind: Kind, to: User | None, department: Department | None = None, reason: str = ""
    ) -> None:
        """Before the case changes: from then on its giver may not reach it any more, nor what hangs on it."""
        Handover.objects.create(
            patient_id=case.patient_id,
            case=case,
            from_owner_id=case.owner_id,
            to_owner=to,
            from_department_id=case.department_id,
            to_department_id=department.pk if department else case.department_id,
            kind=kind,
            reason=reason,
            by=by,
        )
