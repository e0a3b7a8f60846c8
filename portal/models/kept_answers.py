"""What a program was answered to a post that carried a key: said again, word for word, when it asks again.

For one account and one day (draft-ietf-httpapi-idempotency-key). Who asks again may have lost the line, not the
answer's right: it is theirs alone, and the clock lets go of it unread.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.utils import timezone

from portal.access import Permission
from portal.models.accounts import User
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255


class KeptAnswerQuerySet(RecordQuerySet["KeptAnswer"]):
    """Its own account, and nobody else; the clock lets go of it, unread."""

    rule = Rule(Permission.ANSWER_KEEP, account="account", for_system=True)

    def fresh(self) -> Self:
        return self.filter(created_at__gt=timezone.now() - KEPT_FOR)

    def outdated(self) -> Self:
        return self.filter(created_at__lte=timezone.now() - KEPT_FOR)


class KeptAnswer(Record):
    account = models.ForeignKey(User, models.CASCADE, related_name="kept_answers")
    key = models.CharField(max_length=LONGEST_KEY)
    # SHA-256 of what was asked: method, address and body. The same key for anything else is refused.
    asked = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    # Whose rows the answer shows: saying it again is another look at them.
    people = ArrayField(models.UUIDField(), default=list)

    objects = KeptAnswerQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "key"), name="answer_kept_once"),)
        indexes = (models.Index(fields=("created_at",), name="answer_kept_since"),)

    @classmethod
    def keep(cls, account: User, key: str, *, asked: str, status: int, body: str, people: list[UUID]) -> KeptAnswer:
        """In place of one of this key that is older than a day."""
        cls.objects.filter(account=account, key=key).outdated().delete()
        return cls.objects.create(
            account=account, key=key, asked=asked, status=status, body=body, people=sorted(people)
        )

    @staticmethod
    def claim(account: User, key: str) -> bool:
        """Whether nobody else is at a post of this key; ours until the transaction ends."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"{account.pk} {key}"])
            return bool(cursor.fetchone()[0])
