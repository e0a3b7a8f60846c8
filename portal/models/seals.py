"""Seals over the audit trail: a chain of hashes, made apart from writing.

How no event is skipped, though transactions end in another order than they began. A trigger numbers each event
(`serial`) from one sequence; whoever has drawn a number holds a lock on the table, which PostgreSQL keeps until that
transaction ends, however it ends. So the sealer first reads the last number drawn, *then* asks who holds that lock.
Once all of those are gone, every number up to the one it read is settled: committed and visible, or never to come.
A seal covers all events after the seal before it, up to a settled number. Nothing can appear there later but by
somebody who went around the trigger, and the check finds that: each seal keeps the numbers of what it covers.

The lock is asked for, and not the oldest running transaction, because that counts every database of the server: a
long import elsewhere would hold sealing up, and transactions count anew when a dump is restored. Serials don't.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import F, Q

from portal.access import Permission
from portal.models.audit import AuditEvent
from portal.models.record import Record, RecordQuerySet
from portal.rules.seals import NOTHING, Value, seal_hash
from portal.walls import Rule

# What each version covers, in this order. A new column of the trail means a new version; the old ones stay.
COLUMNS: dict[int, tuple[str, ...]] = {
    1: (
        "serial", "id", "created_at", "kind", "name", "actor_id", "actor_name", "subject_type", "subject_id",
        "people", "fields", "outcome", "request_id",
    ),
}  # fmt: skip
VERSION = max(COLUMNS)
# The values of those columns.
Row: TypeAlias = tuple[Any, ...]
WRITERS = """
SELECT DISTINCT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND relation = 'portal_auditevent'::regclass
"""


class AuditSealQuerySet(RecordQuerySet["AuditSeal"]):
    """To who keeps watch over the trail, and to the clock that seals it."""

    rule = Rule(Permission.AUDIT_READ, is_watched=True)

    def last_made(self) -> AuditSeal | None:
        return self.order_by("-number").first()


class AuditSeal(Record):
    """One link: what it covers, and a hash over that and the link before. Append-only, as the trail itself."""

    number = models.BigIntegerField(unique=True)
    version = models.PositiveSmallIntegerField()
    # Every event with a serial above `after`, up to and with `through`.
    after = models.BigIntegerField(unique=True)
    through = models.BigIntegerField(unique=True)
    serials = ArrayField(models.BigIntegerField())
    # The first and the last moment of what it covers: to say when, should events be missing.
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    previous = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)

    objects = AuditSealQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(number__gte=1), name="seal_number"),
            models.CheckConstraint(condition=Q(after__lt=F("through")), name="seal_covers"),
        )

    @property
    def about(self) -> Value:
        """What it says of itself, under its own hash: none of it can be changed alone."""
        return (
            self.number, self.version, self.after, self.through, tuple(self.serials), self.created_at,
            self.began_at, self.ended_at,
        )  # fmt: skip

    def hash_of(self, rows: list[Row]) -> str:
        return seal_hash(self.previous, rows, self.about)

    def rows(self, limit: int | None = None) -> list[Row]:
        """The covered events as the database holds them now, in the order of their numbers."""
        found = AuditEvent.objects.filter(serial__gt=self.after, serial__lte=self.through).order_by("serial")
        return list(found.values_list(*COLUMNS[self.version])[:limit])

    @classmethod
    def following(cls, last: AuditSeal | None, through: int, *, most: int) -> AuditSeal | None:
        """The next link, over at most so many settled events; None where there is nothing to cover. Not saved."""
        seal = cls(
            number=last.number + 1 if last else 1,
            version=VERSION,
            after=last.through if last else 0,
            through=through,
            previous=last.hash if last else NOTHING,
        )
        events = seal.rows(limit=most)
        if not events:
            return None
        place = COLUMNS[VERSION].index
        seal.serials = serials = [event[place("serial")] for event in events]
        moments = [event[place("created_at")] for event in events]
        seal.through = serials[-1] if len(events) == most else through
        seal.began_at, seal.ended_at = min(moments), max(moments)
        seal.hash = seal.hash_of(events)
        return seal


class AuditMark(models.Model):
    """A number that was drawn, and whom to wait for until it is settled. One row; no part of the proof."""

    only = models.BooleanField(default=True, unique=True, editable=False)
    serial = models.BigIntegerField()
    writers = ArrayField(models.CharField(max_length=40))

    objects: ClassVar[models.Manager[AuditMark]] = models.Manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(only=True), name="mark_is_one"),)

    @classmethod
    def settled(cls) -> int:
        """The number up to which all is settled; 0 where that can't be said yet. Asked by one sealer at a time."""
        drawn = last_drawn()
        writing = writers()
        mark = cls.objects.first()
        if not writing:
            return drawn
        if mark is None or not writing & set(mark.writers):
            cls.objects.update_or_create(only=True, defaults={"serial": drawn, "writers": sorted(writing)})
            return mark.serial if mark else 0
        return 0


def last_drawn() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM portal_auditevent_serial")
        return int(cursor.fetchone()[0])


def writers() -> set[str]:
    """The transactions, not ours, that have written to the trail and are not over."""
    with connection.cursor() as cursor:
        cursor.execute(WRITERS)
        return {row[0] for row in cursor}
