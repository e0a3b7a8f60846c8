"""What somebody sent when their session had ended: kept for that account alone, until sent, or a week old."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from portal.access import Permission
from portal.models.accounts import User
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule

KEPT_FOR = timedelta(days=7)
MOST_FORMS = 20
MOST_CHARACTERS = 200_000
LONGEST_PATH = 300


class KeptFormQuerySet(RecordQuerySet["KeptForm"]):
    """Its own account, and nobody else; the clock lets go of it, unread."""

    rule = Rule(Permission.DRAFT_KEEP, account="account", for_system=True)

    def fresh(self) -> Self:
        return self.filter(created_at__gt=timezone.now() - KEPT_FOR)

    def outdated(self) -> Self:
        return self.filter(created_at__lte=timezone.now() - KEPT_FOR)


class KeptForm(Record):
    account = models.ForeignKey(User, models.CASCADE, related_name="kept_forms")
    path = models.CharField(max_length=LONGEST_PATH)
    # Name to values, as the browser sent them: never files, passwords, codes or tokens.
    fields = models.JSONField()

    objects = KeptFormQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    @classmethod
    def keep(cls, account: User, path: str, fields: Mapping[str, list[str]]) -> KeptForm | None:
        """None when it is too large to keep. The oldest beyond MOST_FORMS go."""
        if len(path) > LONGEST_PATH or len(json.dumps(fields)) > MOST_CHARACTERS:
            return None
        kept = cls.objects.create(account=account, path=path, fields=fields)
        newest = cls.objects.filter(account=account).order_by("-id").values("pk")[:MOST_FORMS]
        cls.objects.filter(account=account).exclude(pk__in=list(newest.values_list("pk", flat=True))).delete()
        return kept

    def let_go(self) -> None:
        KeptForm.objects.filter(pk=self.pk).delete()
