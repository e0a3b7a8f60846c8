"""The nightly comparison of reminders with promises: written down, and told where they differ."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.utils import timezone

from patients.models import ReminderCheck
from patients.models.reminder_checks import KEPT
from patients.models.reminder_rows import all_standing
from patients.rules.reminder_differences import Difference, differences, owed
from portal.access import Actor, Permission
from portal.models import Clinic, Delivery, User
from portal.models.deliveries import Purpose
from portal.verbs import verb


@verb(Permission.REMINDER_CHECK, locking=False)
def check(clinic: Clinic, *, by: Actor, at: datetime) -> ReminderCheck:
    """Reckon what should be told, by code that shares nothing with what plans it; who runs the clinic hears of each
    day on which it differs."""
    began, expected, found, differing = timezone.now(), 0, 0, 0
    kept: list[Difference] = []
    for one in all_standing():
        expected += owed(one, at)
        found += sum(row.is_waiting for row in one.rows)
        for difference in differences(one, at):
            differing += 1
            if len(kept) < KEPT:
                kept.append(difference)
    made = ReminderCheck.objects.create(
        created_at=began,
        ended_at=timezone.now(),
        expected=expected,
        found=found,
        differing=differing,
        differences=[asdict(difference) for difference in kept],
    )
    if differing:
        _tell(made, at)
    return made


def _tell(made: ReminderCheck, at: datetime) -> None:
    """Once a day, however often it is asked."""
    purpose, day = Purpose.DELIVERIES_ALARM, at.date().isoformat()
    for administrator in User.objects.administrators().only("pk"):
        Delivery.queue(
            administrator,
            purpose,
            key=f"{purpose}:reminders:{day}:{administrator.pk}",
            words={"day": day, "path": "/manage/deliveries/", "differing": made.differing},
        )
