"""Breaking the glass: a record outside one's departments, opened at once, for a reason, for an hour, and told."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from patients.models import BrokenGlass, GlassReview, Patient
from patients.models.broken_glass import OPEN_FOR
from portal.access import IllegalMove, Permission, Refused
from portal.models import Notification, User
from portal.models.deliveries import Purpose
from portal.verbs import verb

SHORTEST_REASON = 10
# The same whichever of the two is wrong: the door must not tell which record numbers exist.
NOT_FOUND = gettext_noop("No record has this number together with this date of birth. Check both.")
LOOKED_INTO = gettext_noop("Somebody has looked into this already.")


class AlreadyOpen(IllegalMove):
    """Broken before, and its hour not over: `row` is the glass, and nobody is told a second time."""

    code = "already_open"

    def __init__(self, row: BrokenGlass) -> None:
        super().__init__("emergencies.break_glass", row, _("You have opened this record already."))
        self.row = row


@verb(Permission.GLASS_BREAK)
def break_glass(account: User, /, *, by: User, record_number: str, born_on: date, reason: str) -> BrokenGlass:
    """Read one record for sixty minutes. Who it is must be known by number and date of birth: nobody is searched for.

    The patient and the privacy officers are told at once. Raises IllegalMove when no record has both, when it is
    one's own, or when the reason says nothing.
    """
    if account != by:
        raise Refused("emergencies.break_glass", account)
    if len(reason.strip()) < SHORTEST_REASON:
        raise IllegalMove("emergencies.break_glass", account, _("Say in a sentence why it can't wait."))
    person = _identify(record_number, born_on)
    if person is None:
        raise IllegalMove("emergencies.break_glass", account, _(NOT_FOUND))
    if Patient.objects.filter(user=by, pk=person).exists():
        raise IllegalMove("emergencies.break_glass", account, _("This is your own record."))
    if before := BrokenGlass.objects.filter(account=by, patient=person).open().first():
        raise AlreadyOpen(before)
    broken = BrokenGlass.objects.create(
        patient_id=person,
        account=by,
        record_number=record_number.strip(),
        reason=reason.strip(),
        expires_at=timezone.now() + OPEN_FOR,
    )
    # From here on the wall lets its record be read.
    patient = Patient.objects.get(pk=person)
    if patient.user:
        Notification.queue(patient.user, Purpose.GLASS_BROKEN, path="/my/access-log/")
    for officer in User.objects.privacy_officers():
        Notification.queue(officer, Purpose.GLASS_BROKEN_WATCH, path="/manage/emergencies/")
    return broken


@verb(Permission.GLASS_REVIEW, locking=False)
def review(glass: BrokenGlass, *, by: User, note: str) -> GlassReview:
    """Write down what was found when looking into it: once, and by somebody else than who broke it."""
    if glass.account_id == by.pk:
        raise IllegalMove(
            "emergencies.review", glass, _("You opened this record yourself: somebody else looks into it.")
        )
    if GlassReview.objects.filter(glass=glass).exists():
        raise IllegalMove("emergencies.review", glass, _(LOOKED_INTO))
    found = GlassReview(glass=glass, reviewed_by=by, note=note.strip())
    found.full_clean(validate_unique=False, validate_constraints=False)
    try:
        found.save()
    except IntegrityError as overtaken:
        # A glass can't be locked, so two may come here together: the database takes one.
        raise IllegalMove("emergencies.review", glass, _(LOOKED_INTO)) from overtaken
    return found


def _identify(record_number: str, born_on: date) -> UUID | None:
    """Asked of the wall (patients/walls.py): who may break the glass can't look for records, only name one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT fascicle_identify(%s, %s)", [record_number.strip(), born_on])
        found: UUID | None = cursor.fetchone()[0]
    return found
