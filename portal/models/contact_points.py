"""Where somebody is reached besides their e-mail address, in which order, and what must not be used."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from portal.access import Permission
from portal.models.accounts import User
from portal.models.deliveries import OUTSIDE, Channel, Suppression
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule

QUIET_FROM = time(21)
QUIET_UNTIL = time(8)
# A code that confirms a number: good for so long, and for so many tries.
CODE_FOR = timedelta(minutes=10)
CODE_TRIES = 5


class ContactPointQuerySet(RecordQuerySet["ContactPoint"]):
    rule = Rule(Permission.CONTACT_READ, account="user", for_system=True)

    def usable(self) -> Self:
        return self.filter(removed_at=None, confirmed_at__isnull=False)


class ContactPoint(Record):
    """FHIR ContactPoint: a telephone for text messages, or a browser that shows notices (Web Push, RFC 8030)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="contact_points")
    system = models.CharField(
        max_length=6, choices=((Channel.SMS, Channel.SMS.label), (Channel.PUSH, Channel.PUSH.label))
    )
    # E.164, or the address of the browser's push service.
    value = models.CharField(max_length=500)
    # Of a browser: p256dh and auth, as it gave them.
    keys = models.JSONField(default=dict)
    label = models.CharField(max_length=80, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    code_digest = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("user", "system", "value"), name="contact_point_once", condition=Q(removed_at=None)
            ),
        )
        indexes = (models.Index(fields=("system", "value"), name="contact_point_value"),)

    @property
    def is_removed(self) -> bool:
        return self.removed_at is not None

    @property
    def can_be_tried(self) -> bool:
        """Whether a code that was sent still confirms it."""
        is_open = self.code_expires_at is not None and self.code_expires_at > timezone.now()
        return is_open and self.confirmed_at is None and self.code_tries < CODE_TRIES

    def expect_code(self, now: datetime) -> datetime:
        """A new code; no earlier one is good any more. Until when it is."""
        self.code_expires_at, self.code_tries = now + CODE_FOR, 0
        self.code_digest = digest_of(self, code_for(str(self.pk), self.code_expires_at.isoformat()))
        self.save(update_fields=["code_expires_at", "code_tries", "code_digest"])
        return self.code_expires_at

    def try_code(self, code: str, now: datetime) -> bool:
        """Each try counts, also the right one."""
        if not self.can_be_tried:
            return False
        self.code_tries += 1
        is_right = constant_time_compare(digest_of(self, code), self.code_digest)
        if is_right:
            self.confirmed_at, self.code_digest = now, ""
        self.save(update_fields=["code_tries", "confirmed_at", "code_digest"])
        return is_right

    def remove(self) -> None:
        if self.removed_at is None:
            self.removed_at = timezone.now()
            self.save(update_fields=["removed_at"])


def owner_of(channel: str, address: str) -> User | None:
    """Whose address or number it is, as far as we know."""
    if channel == Channel.EMAIL:
        account: User | None = User.objects.filter(email__iexact=address).first()
        return account
    points = ContactPoint.objects.filter(system=channel, value=address, removed_at=None)
    # Who confirmed it goes before who only typed it in.
    point = points.select_related("user").order_by("confirmed_at").first()
    return point.user if point else None


def code_for(point: str, until: str) -> str:
    """The six digits that are sent. Made of our key when the message is written, and kept nowhere."""
    digest = salted_hmac("portal.contact_code", f"{point} {until}", algorithm="sha256").hexdigest()
    return f"{int(digest, 16) % 10**6:06}"


def digest_of(point: ContactPoint, code: str) -> str:
    return salted_hmac("portal.contact_digest", f"{point.pk} {code}", algorithm="sha256").hexdigest()


def ways_of(user: User, wish: ContactPreference | None = None) -> tuple[Channel, Channel | None]:
    """By what somebody is told first, and by what when they do not answer: as they chose, as far as it can be used."""
    wish = wish or ContactPreference.of(user)
    stopped = set(Suppression.objects.filter(user=user).standing().values_list("channel", "address"))
    usable = {
        Channel(point.system)
        for point in ContactPoint.objects.filter(user=user).usable()
        if (point.system, point.value) not in stopped
    }
    if (Channel.EMAIL, user.email.lower()) not in stopped:
        usable.add(Channel.EMAIL)
    wanted = [Channel(wish.first), *([Channel(wish.second)] if wish.second else [])]
    ways = [way for way in (*wanted, Channel.EMAIL) if way in usable]
    second = next((way for way in wanted if way in usable and way != ways[0]), None) if ways else None
    return (ways[0] if ways else Channel.EMAIL), second


class ContactPreferenceQuerySet(RecordQuerySet["ContactPreference"]):
    rule = Rule(Permission.CONTACT_READ, account="user", for_system=True)


class ContactPreference(Record):
    """How somebody wants to be told. Who has no row: by e-mail, not on the day itself, not at night."""

    user = models.OneToOneField(User, models.CASCADE, related_name="contact_preference")
    first = models.CharField(_("first"), max_length=6, choices=OUTSIDE, default=Channel.EMAIL)
    second = models.CharField(_("if I do not answer"), max_length=6, choices=OUTSIDE, blank=True)
    wants_same_day = models.BooleanField(_("remind me on the morning itself"), default=False)
    quiet_from = models.TimeField(_("not after"), default=QUIET_FROM)
    quiet_until = models.TimeField(_("not before"), default=QUIET_UNTIL)

    objects = ContactPreferenceQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(first=models.F("second")), name="contact_preference_two_ways"),
            models.CheckConstraint(
                condition=Q(quiet_until__gte=time(5), quiet_until__lte=time(12), quiet_from__gte=time(17)),
                name="contact_preference_quiet",
            ),
        )

    @classmethod
    def of(cls, user: User) -> ContactPreference:
        """What they chose, or what holds for who chose nothing."""
        return cls.objects.filter(user=user).first() or cls(user=user)
