"""Keys with which a program works as somebody: shown once, kept as a digest, ended with what they stand on."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from portal import access
from portal.access import Actor, Permission
from portal.models.accounts import User
from portal.models.record import Record, RecordQuerySet

# So that a scanner of repositories and logs knows one where it should not be.
MARK = "fsc_"
LONGEST_LIFE = timedelta(days=366)
MOST_TOKENS = 20
SHOWN = 10


class Scope(models.TextChoices):
    """What it may do of what its account may."""

    READ = "read", _("Read only")
    WRITE = "write", _("Read and write")


class ApiTokenQuerySet(RecordQuerySet["ApiToken"]):
    def visible_to(self, by: Actor, to: Permission | None = None) -> Self:
        """One's own, for who may have any."""
        if isinstance(by, access.Principal) or not access.has(by, to or Permission.TOKEN_READ):
            return self.none()
        return self.filter(account=by)

    def live(self) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def with_digest(self, secret: str) -> Self:
        return self.filter(digest=digest_of(secret)).select_related("account")

    def revoke(self) -> int:
        return self.filter(revoked_at=None).update(revoked_at=timezone.now())


class ApiToken(Record):
    account = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    scope = models.CharField(max_length=10, choices=Scope.choices)
    # The first letters, by which its owner knows it again; no help to guess the rest.
    prefix = models.CharField(max_length=SHOWN, editable=False)
    # SHA-256 without salt or stretching: what it hides has 256 bits of its own.
    digest = models.CharField(max_length=64, unique=True, editable=False)
    # How its account signed in when it was made: another password ends it, as it ends every session.
    stands_on = models.CharField(max_length=64, editable=False)
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("account", "name"), condition=Q(revoked_at=None), name="token_name_once"),
            models.CheckConstraint(condition=Q(expires_at__lte=F("created_at") + LONGEST_LIFE), name="token_ends"),
        )

    @classmethod
    def begin(cls, account: User, name: str, scope: Scope, life: timedelta) -> tuple[ApiToken, str]:
        """The row, and the secret: this is the only moment at which anybody has it."""
        secret = MARK + secrets.token_urlsafe(32)
        now = timezone.now()
        token = cls.objects.create(
            account=account,
            name=name,
            scope=scope,
            prefix=secret[:SHOWN],
            digest=digest_of(secret),
            stands_on=account.get_session_auth_hash(),
            created_at=now,
            expires_at=now + life,
        )
        return token, secret

    @property
    def stands(self) -> bool:
        """Whether it opens anything now: not over, and its account is still open, and signs in as it did."""
        over = self.revoked_at is not None or self.expires_at <= timezone.now()
        if over or not self.account.is_active:
            return False
        hashes = (self.account.get_session_auth_hash(), *self.account.get_session_auth_fallback_hash())
        return any(constant_time_compare(self.stands_on, one) for one in hashes)

    def note_use(self) -> None:
        """The day alone, and once a day: enough to see which is forgotten."""
        today = timezone.localdate()
        if self.last_used_on != today:
            ApiToken.objects.filter(pk=self.pk).update(last_used_on=today)


def digest_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
