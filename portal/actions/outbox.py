"""The outbox as a whole: whether it may send, that it was seen alive, and what a restored database has to find out."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from portal import dead_man
from portal.access import SYSTEM, Actor, Permission
from portal.acting import acting_as
from portal.channels.lines import look_up
from portal.models import AuditSeal, Delivery, Notification, Outbox
from portal.models import outbox_rows as rows
from portal.models.accounts import Membership
from portal.models.deliveries import Outcome, Purpose, State
from portal.roles import Role
from portal.tips import Unreadable, last_kept
from portal.verbs import verb

log = logging.getLogger(__name__)
# As often as it is said outside that all is well, and inside that it is not.
CALL_EVERY = timedelta(minutes=1)
ALARM_EVERY = timedelta(days=1)
A_MOMENT = timedelta(seconds=5)


@verb(Permission.OUTBOX_HOLD)
def hold(outbox: Outbox, *, by: Actor, because: str) -> Outbox:
    """Nothing is leased or armed from now on. What is being sent this moment still goes."""
    if outbox.held_at is None:
        outbox.held_at, outbox.held_because = timezone.now(), because[:200]
        outbox.save(update_fields=["held_at", "held_because"])
    return outbox


@verb(Permission.OUTBOX_HOLD)
def release(outbox: Outbox, *, by: Actor) -> Outbox:
    """Send again. This database is where it is sent from now on, and what it knows of the trail is what there is."""
    outbox.held_at, outbox.held_because = None, ""
    outbox.home, outbox.tip_known = Outbox.here(), _tip_kept()
    outbox.save(update_fields=["held_at", "held_because", "home", "tip_known"])
    return outbox


@verb(Permission.OUTBOX_HOLD)
def reconcile(delivery: Delivery, *, by: Actor, was_sent: bool) -> Delivery:
    """What a look-up said while the outbox was held: the row had gone before the database was put back, or not."""
    now = timezone.now()
    if was_sent and delivery.state == State.PENDING:
        rows.note(delivery.pk, None, now, Outcome.FOUND, "after a restore")
        delivery.call_sent(now)
    return delivery


def is_held() -> bool:
    """Held already, or put back from a copy and now found out."""
    with acting_as(SYSTEM):
        outbox = Outbox.the()
        if outbox.held_at is None and not outbox.home:
            release(outbox, by=SYSTEM)
        elif outbox.held_at is None and (because := _moved(outbox)):
            outbox = hold(outbox, by=SYSTEM, because=because)
        if outbox.held_at is None:
            return False
        log.error("the outbox is held: %s", outbox.held_because)
        _raise_alarm()
        return True


def reconcile_since(since: datetime) -> dict[bool | None, list[Delivery]]:
    """Look up each row that was due since the backup: found (True), not there (False), or nobody can tell (None)."""
    found: dict[bool | None, list[Delivery]] = {True: [], False: [], None: []}
    with acting_as(SYSTEM):
        due = Delivery.objects.due(timezone.now()).filter(due_at__gte=since).with_address()
        asked = list(due)
    for delivery in asked:
        was_sent = look_up(delivery)
        found[was_sent].append(delivery)
        if was_sent:
            with acting_as(SYSTEM):
                reconcile(delivery, by=SYSTEM, was_sent=True)
    return found


def trouble() -> str:
    """What is wrong with the sending, in a word for who runs the clinic's machines; nothing where all is well."""
    late = timezone.now() - timedelta(minutes=settings.DELIVERY_LATE_MINUTES)
    outbox = Outbox.objects.first()
    if outbox is not None and outbox.held_at is not None:
        return "held"
    if outbox is None or outbox.swept_at is None or outbox.swept_at < late:
        return "not swept"
    return "late" if Delivery.objects.due(late).exists() else ""


def note_sweep() -> None:
    """A sweep came to its end. Now and then that is told: outside when all is well, inside when it is not."""
    with acting_as(SYSTEM):
        # Of several senders one writes it: a row that all write at once would hold them up.
        _first("swept_at", A_MOMENT)
        wrong = trouble()
        is_to_call = not wrong and _first("called_at", CALL_EVERY)
        if wrong:
            _raise_alarm()
    if is_to_call:
        dead_man.call()


def _first(field: str, every: timedelta) -> bool:
    """Whether nobody wrote this moment down for so long; it is written down."""
    now = timezone.now()
    outbox = Outbox.objects.filter(only=True)
    old = outbox.filter(**{f"{field}__lt": now - every}) | outbox.filter(**{f"{field}": None})
    return bool(old.update(**{field: now}))


def _raise_alarm() -> None:
    """In the portal, to who runs the whole clinic, once a day: a mail about mail that does not go would not go."""
    if not _first("alarmed_at", ALARM_EVERY):
        return
    administrators = Membership.objects.current().filter(role=Role.ADMINISTRATOR, department=None)
    for account in administrators.values_list("user_id", flat=True).distinct():
        told = Notification(user_id=account, purpose=Purpose.DELIVERIES_ALARM, path="/manage/deliveries/")
        Notification.objects.bulk_create([told])


def _moved(outbox: Outbox) -> str:
    """Why this seems to be a copy of the database that was put back; nothing where it is not."""
    here = Outbox.here()
    if outbox.home != here:
        return f"another database than it sent from: it was {outbox.home}, this is {here}"
    kept = _tip_kept()
    if kept <= outbox.tip_known:
        return ""
    newest = AuditSeal.objects.order_by("-number").values_list("number", flat=True).first() or 0
    return f"seal {kept} was kept outside, and this database knows only {newest}" if kept > newest else ""


def _tip_kept() -> int:
    try:
        kept = last_kept(settings.AUDIT_TIP_FILE)
    except (OSError, Unreadable):
        return 0
    return kept.number if kept else 0
