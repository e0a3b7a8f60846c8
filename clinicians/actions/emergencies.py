"""Breaking the glass: a record outside one's departments, opened at once, for a reason, for an hour, and told."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import connection
from django.utils import timezone

from patients.models import BrokenGlass, Patient
from patients.models.broken_glass import OPEN_FOR
from portal.access import IllegalMove, Permission, Refused
from portal.models import Notification, User
from portal.models.deliveries import Purpose
from portal.verbs import verb

SHORTEST_REASON = 10


@verb(Permission.GLASS_BREAK)
def break_glass(account: User, /, *, by: User, record_number: str, born_on: date, reason: str) -> BrokenGlass:
    """Read one record for sixty minutes. Who it is must be known by number and date of birth: nobody is searched for.

    The patient and the privacy officers are told at once. Raises IllegalMove when no record has both, when it is
    one's own, or when the reason says nothing.
    """
    if account != by:
        raise Refused("emergencies.break_glass", account)
    if len(reason.strip()) < SHORTEST_REASON:
        raise IllegalMove("emergencies.break_glass", account, "say in a sentence why it can't wait")
    person = _identify(record_number, born_on)
    if person is None:
        raise IllegalMove("emergencies.break_glass", account, "no record has this number and this date of birth")
    if Patient.objects.filter(user=by, pk=person).exists():
        raise IllegalMove("emergencies.break_glass", account, "this is your own record")
    broken = BrokenGlass.objects.create(
        patient_id=person, account=by, reason=reason.strip(), expires_at=timezone.now() + OPEN_FOR
    )
    # From here on the wall lets its record be read.
    patient = Patient.objects.get(pk=person)
    if patient.user:
        Notification.queue(patient.user, Purpose.GLASS_BROKEN, path="/my/access-log/")
    for officer in User.objects.privacy_officers():
        Notification.queue(officer, Purpose.GLASS_BROKEN_WATCH, path="/manage/emergencies/")
    return broken


def _identify(record_number: str, born_on: date) -> UUID | None:
    """Asked of the wall (patients/walls.py): who may break the glass can't look for records, only name one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT fascicle_identify(%s, %s)", [record_number.strip(), born_on])
        found: UUID | None = cursor.fetchone()[0]
    return found
