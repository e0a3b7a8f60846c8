"""How somebody wants to be told, and what must not be used: what they choose, and what is reported to us.

After each change the reminders that wait go by it.
"""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from portal.access import Actor, IllegalMove, Permission
from portal.models import Clinic, Delivery, User
from portal.models import outbox_rows as rows
from portal.models.contact_points import ContactPoint, ContactPreference, owner_of
from portal.models.deliveries import Channel, Outcome, Purpose, Suppression, SuppressionReason
from portal.verbs import verb


@verb(Permission.CONTACT_KEEP)
def prefer(
    user: User, *, by: User, first: str, second: str, wants_same_day: bool, quiet_from: time, quiet_until: time
) -> ContactPreference:
    """By what first, by what when they do not answer, and when not."""
    wish = ContactPreference.of(user)
    wish.first, wish.second, wish.wants_same_day = first, second if second != first else "", wants_same_day
    wish.quiet_from, wish.quiet_until = quiet_from, quiet_until
    wish.save()
    follow(user, by)
    return wish


@verb(Permission.CONTACT_KEEP)
def add_number(user: User, *, by: User, number: str) -> ContactPoint:
    """A number to which a code is sent. The one before stays in use until it is confirmed. Raises IllegalMove."""
    if Suppression.objects.filter(channel=Channel.SMS, address=number).standing().exists():
        why = _("This number asked us to send it nothing. Send START to us from it, or lift it on this page.")
        raise IllegalMove("contacts.add_number", user, why)
    points = ContactPoint.objects.filter(user=user, system=Channel.SMS, removed_at=None)
    if points.filter(value=number, confirmed_at__isnull=False).exists():
        raise IllegalMove("contacts.add_number", user, _("This number is confirmed already."))
    same = points.filter(value=number).first()
    if same and same.can_be_tried:
        # Pressed twice.
        return same
    stopped = Suppression.objects.filter(channel=Channel.SMS, user=user).standing().values("address")
    for old in points.filter(confirmed_at=None) | points.filter(value__in=stopped):
        old.remove()
    point = ContactPoint.objects.create(user=user, system=Channel.SMS, value=number)
    _send_code(point)
    return point


@verb(Permission.CONTACT_KEEP)
def send_code(point: ContactPoint, *, by: User) -> ContactPoint:
    """Another code; the one before is good no more."""
    if point.confirmed_at or point.is_removed or point.system != Channel.SMS:
        raise IllegalMove("contacts.send_code", point, _("There is nothing to confirm any more."))
    _send_code(point)
    return point


@verb(Permission.CONTACT_KEEP)
def confirm_number(point: ContactPoint, *, by: User, code: str) -> ContactPoint:
    """A wrong code counts too: so nothing is raised, and `confirmed_at` says whether it was right."""
    if not point.is_removed and point.try_code(code, timezone.now()):
        others = ContactPoint.objects.filter(user=point.user_id, system=Channel.SMS, removed_at=None)
        for old in others.exclude(pk=point.pk):
            old.remove()
        follow(point.user, by)
    return point


@verb(Permission.CONTACT_KEEP)
def add_browser(user: User, *, by: User, address: str, keys: dict[str, str], label: str) -> ContactPoint:
    """A browser that agreed to show notices: it proved so by the address that its push service gave it."""
    about = {"keys": keys, "label": label, "confirmed_at": timezone.now()}
    point, _made = ContactPoint.objects.update_or_create(
        user=user, system=Channel.PUSH, value=address, removed_at=None, defaults=about
    )
    follow(user, by)
    return point


@verb(Permission.CONTACT_KEEP)
def remove(point: ContactPoint, *, by: User) -> ContactPoint:
    point.remove()
    follow(point.user, by)
    return point


@verb(Permission.CONTACT_KEEP)
def stop_mail(user: User, *, by: User) -> Suppression:
    """No more e-mails about follow-ups. Those of the account itself still go, and what stands in the portal."""
    row = _suppress(Channel.EMAIL, user.email.lower(), SuppressionReason.STOP, user)
    follow(user, by)
    return row


@verb(Permission.CONTACT_KEEP)
def lift(suppression: Suppression, *, by: User) -> Suppression:
    """They want it again."""
    if suppression.lifted_at is None:
        suppression.lifted_at = timezone.now()
        suppression.save(update_fields=["lifted_at"])
        follow(by, by)
    return suppression


@verb(Permission.CONTACT_SUPPRESS, locking=False)
def suppress(clinic: Clinic, *, by: Actor, channel: str, address: str, reason: str) -> Suppression:
    """Nothing goes there from now on: as they asked, or because it reaches nobody."""
    return _suppress(Channel(channel), address, SuppressionReason(reason), owner_of(channel, address))


@verb(Permission.CONTACT_SUPPRESS, locking=False)
def hear_start(clinic: Clinic, *, by: Actor, address: str) -> int:
    """START from a number that said STOP before; how many rows that lifts. What bounced is not healed by it."""
    asked = Suppression.objects.filter(channel=Channel.SMS, address=address, reason=SuppressionReason.STOP)
    return asked.standing().update(lifted_at=timezone.now())


@verb(Permission.CONTACT_SUPPRESS)
def note_bounce(delivery: Delivery, *, by: Actor, why: str) -> Delivery:
    """It was taken, and came back."""
    if delivery.bounced_at is None:
        now = timezone.now()
        delivery.bounced_at, delivery.trouble = now, f"came back: {why}"[:200]
        delivery.save(update_fields=["bounced_at", "trouble"])
        rows.note(delivery.pk, None, now, Outcome.NEVER, delivery.trouble)
    return delivery


def follow(user: User, by: User) -> None:
    """What waits to be sent goes by this from now on: the record's own rows, which the ground does not know."""
    if settings.REMINDERS_FOLLOW:
        import_string(settings.REMINDERS_FOLLOW)(user, by=by)


def _send_code(point: ContactPoint) -> None:
    until = point.expect_code(timezone.now())
    Delivery.queue(
        point.user,
        Purpose.CONTACT_CODE,
        key=f"contact:{point.pk}:{until.timestamp():.0f}",
        channel=Channel.SMS,
        expires_at=until,
        words={"point": str(point.pk), "until": until.isoformat()},
    )


def _suppress(channel: Channel, address: str, reason: SuppressionReason, user: User | None) -> Suppression:
    row, _made = Suppression.objects.get_or_create(
        channel=channel, address=address, lifted_at=None, defaults={"reason": reason, "user": user}
    )
    return row
