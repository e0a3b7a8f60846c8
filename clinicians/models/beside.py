"""What staff keep beside a case."""

from __future__ import annotations

from portal.models.record import Record


class BesideACase(Record):
    """A note of the desk's own: shown with its case and never without, so the trail's line about the case says it."""

    class Meta:
        abstract = True

    @property
    def person_id(self) -> None:
        return None
