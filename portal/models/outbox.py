"""The one outbox, of which the deliveries are the rows."""

from __future__ import annotations

from django.db import connection, models
from django.db.models import Q

from portal.access import Permission
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule


class OutboxQuerySet(RecordQuerySet["Outbox"]):
    rule = Rule(Permission.DELIVERY_READ, is_watched=True, for_system=True)


class Outbox(Record):
    """The one outbox: whether it may send at all, and when it was last seen alive.

    A database that was put back from a copy is `held`: what was sent since the copy is not known to it.
    """

    only = models.BooleanField(default=True, unique=True, editable=False)
    held_at = models.DateTimeField(null=True)
    held_because = models.CharField(max_length=200, blank=True)
    # The server and its history that this outbox has sent from: "identifier/timeline/oid".
    home = models.CharField(max_length=80, blank=True)
    swept_at = models.DateTimeField(null=True)
    # When it was last said outside that all is well, and to administrators that it is not.
    called_at = models.DateTimeField(null=True)
    alarmed_at = models.DateTimeField(null=True)
    # The seal that stood in the outside copy when a person last let it send.
    tip_known = models.PositiveBigIntegerField(default=0)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(only=True), name="outbox_is_one"),
            models.CheckConstraint(
                condition=Q(held_at__isnull=True, held_because="") | Q(held_at__isnull=False) & ~Q(held_because=""),
                name="outbox_held_because",
            ),
        )

    @classmethod
    def the(cls) -> Outbox:
        outbox, _made = cls.objects.get_or_create(only=True)
        return outbox

    @staticmethod
    def here() -> str:
        """This server, its history, and this database of it: another after a restore."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT system_identifier FROM pg_control_system()),"
                " (SELECT timeline_id FROM pg_control_checkpoint()),"
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            return "/".join(str(part) for part in cursor.fetchone())
