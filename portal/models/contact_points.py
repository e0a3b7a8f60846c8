"""Where somebody is reached besides their e-mail address, in which order, and what must not be used."""

from __future__ import annotations

from datetime import time
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.access import Permission
from portal.models.accounts import User
from portal.models.deliveries import OUTSIDE, Channel, Suppression
from portal.models.record import Record, RecordQuerySet
from portal.walls import Rule

QUIET_FROM = time(21)
QUIET_UNTIL = time(8)


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
