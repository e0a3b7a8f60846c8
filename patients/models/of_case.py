"""Who sees the rows that hang on a case or on a patient."""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar

from django.db.models import Exists, OuterRef, Q

from patients.models.patients import Patient
from portal import access
from portal.access import Actor, Permission
from portal.models.record import Record, RecordQuerySet

R = TypeVar("R", bound=Record, covariant=True)


class OfCaseQuerySet(RecordQuerySet[R]):
    """Rows of a case: seen by whoever sees the case."""

    reading: ClassVar[Permission] = Permission.CASE_READ

    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        return self.filter(access.reach(by, to or self.reading).q(own="patient__user", department="case__department"))


class OfPatientQuerySet(RecordQuerySet[R]):
    """Rows of a person, whichever case they came with: a medicine from one department matters in the next."""

    reading: ClassVar[Permission] = Permission.PATIENT_READ

    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        permission = to or self.reading
        reach = access.reach(by, permission)
        if reach.everything:
            return self
        found = self.own_q(reach.q(own="patient__user"))
        if reach.as_staff:
            treated = Patient.objects.visible_to(by, permission).filter(pk=OuterRef("patient_id"))
            found |= Q(Exists(treated.exclude(user=reach.account)))
        return self.filter(found)

    def own_q(self, own: Q) -> Q:
        """Which of one's own rows one sees; a result, for one, only when it is released."""
        return own
