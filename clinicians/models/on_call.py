"""Who is on call for a department: told at once of what can't wait."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from clinicians.models.staff import clinicians_of
from patients.models import Case
from portal import access
from portal.access import Actor, IllegalMove, Permission, Role
from portal.models import Department, User
from portal.models.record import Record, RecordQuerySet


class OnCallQuerySet(RecordQuerySet["OnCall"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        """Of the departments one works in. Its table is open: it is asked while a patient acts (portal/masonry.py)."""
        return self.filter(access.reach(by, to or Permission.ONCALL_READ).in_departments("department"))

    def standing(self) -> Self:
        return self.filter(ended_at=None)

    def at(self, moment: datetime) -> Self:
        return self.standing().filter(starts_at__lte=moment, ends_at__gt=moment)

    def from_now(self, moment: datetime) -> Self:
        """Those that run and those to come, the next first."""
        return self.standing().filter(ends_at__gt=moment).order_by("starts_at", "id")

    def with_people(self) -> Self:
        return self.select_related("department", "clinician", "set_by")


class OnCall(Record):
    department = models.ForeignKey(Department, models.PROTECT, related_name="on_call")
    clinician = models.ForeignKey(User, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    # Taken off before its end.
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = OnCallQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("department", "ends_at"), name="on_call_standing", condition=Q(ended_at=None)),)
        constraints = (
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="on_call_begins_before_it_ends"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="on_call_ended_at_by",
            ),
            models.UniqueConstraint(
                fields=("department", "clinician", "starts_at"), name="on_call_once", condition=Q(ended_at=None)
            ),
        )

    def end(self, by: User) -> None:
        if self.ended_at is not None:
            raise IllegalMove("on_call.end", self, "this has been ended already")
        self.ended_at, self.ended_by = timezone.now(), by
        self.save(update_fields=["ended_at", "ended_by"])


def whom_to_tell(case: Case) -> list[User]:
    """Who is on call now; else whose case it is; else everybody who treats there, or who reads its new cases.

    Somebody is told as long as anybody works there; nobody of their own case.
    """
    clinicians = [one for one in clinicians_of(case.department) if one.pk != case.patient.user_id]
    on_call = set(
        OnCall.objects.at(timezone.now()).filter(department=case.department).values_list("clinician", flat=True)
    )
    return (
        [one for one in clinicians if one.pk in on_call]
        or [one for one in clinicians if one.pk == case.owner_id]
        or clinicians
        or list(User.objects.with_role(Role.TRIAGE, case.department).filter(is_active=True))
    )
