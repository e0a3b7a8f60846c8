"""A list somebody comes back to: a queue with its filters and order, under a name of their own."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _

from clinicians.models.queue import Queue
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule

MOST_VIEWS = 20
LONGEST_NAME = 40
LONGEST_QUERY = 400


class SavedViewQuerySet(RecordQuerySet["SavedView"]):
    rule = Rule(Permission.VIEW_KEEP, account="account")


class SavedView(Record):
    account = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(max_length=LONGEST_NAME)
    queue = models.CharField(max_length=10, choices=[(queue.value, queue.value) for queue in Queue])
    # As in the address: "?due=today&sort=due", or empty.
    query = models.CharField(max_length=LONGEST_QUERY, blank=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("account", "name"), name="saved_view_once_a_name"),
            models.CheckConstraint(condition=models.Q(queue__in=[q.value for q in Queue]), name="saved_view_queue"),
        )

    @classmethod
    def keep(cls, account: User, name: str, queue: str, query: str) -> SavedView:
        """The same name again means this list from now on."""
        theirs = cls.objects.filter(account=account)
        if theirs.exclude(name=name).count() >= MOST_VIEWS:
            reason = _("You keep %(most)d lists already: let go of one first.") % {"most": MOST_VIEWS}
            raise IllegalMove("saved_views.keep", account, reason)
        view, _made = cls.objects.update_or_create(
            account=account, name=name, defaults={"queue": queue, "query": query}
        )
        return view

    def let_go(self) -> None:
        SavedView.objects.filter(pk=self.pk).delete()
