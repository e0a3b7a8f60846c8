"""Remove stored files that belong to no row, now rather than at the clock's next round."""

from __future__ import annotations

from patients.actions import attachments
from portal.access import SYSTEM
from portal.acting import ActingCommand
from portal.models import Clinic


class Command(ActingCommand):
    help = "Remove stored files older than a day that belong to no row."

    def work(self, **options: object) -> str:
        return f"Removed: {attachments.sweep(Clinic.the(), by=SYSTEM)}"
