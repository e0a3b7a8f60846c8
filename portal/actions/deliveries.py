"""Sending what is due: lease, arm, send, settle. Each step is a transaction of its own.

Celery only hints that something may be due; the rows say what. Any number of senders may run.
"""

from __future__ import annotations

import logging
import smtplib
import time
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate, localtime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format

from portal.access import SYSTEM, Actor, Permission
from portal.acting import acting_as
from portal.models.deliveries import DEATHS_ALLOWED, LEASE, Delivery, Outcome, State
from portal.smtp import CutOff, Line, SaidNo
from portal.verbs import verb

log = logging.getLogger(__name__)
# Between arming and the body: far less than the lease, by the clock that never jumps.
MARGIN = timedelta(seconds=15)


@verb(Permission.DELIVERY_SEND)
def settle(delivery: Delivery, *, by: Actor, token: UUID, outcome: Outcome, trouble: str = "") -> Delivery:
    """Write down what became of one attempt, unless the row has been taken back or cancelled meanwhile."""
    if delivery.lease_token != token or delivery.state == State.CANCELLED:
        return delivery
    now = timezone.now()
    if outcome is Outcome.SENT:
        delivery.move_to(State.SENT, sent_at=now, trouble="")
    elif outcome is Outcome.NOT_NOW:
        delivery.back_off(now, trouble)
    elif outcome is Outcome.NEVER:
        delivery.move_to(State.DEAD, trouble=trouble[:200])
    else:
        _settle_uncertain(delivery, now, trouble)
    return delivery


@verb(Permission.DELIVERY_SEND)
def recover(delivery: Delivery, *, by: Actor) -> Delivery:
    """Take back a row whose sender has not been heard of since its lease ended."""
    if delivery.lease_until is None or delivery.lease_until >= _database_now():
        return delivery
    delivery.deaths += 1
    delivery.save(update_fields=["deaths"])
    if delivery.deaths >= DEATHS_ALLOWED:
        delivery.move_to(State.DEAD, trouble="three senders died on it")
    elif delivery.state == State.LEASED:
        delivery.back_off(timezone.now(), "its sender was lost before anything was sent")
    else:
        _settle_uncertain(delivery, timezone.now(), "its sender was lost while sending")
    return delivery


def _settle_uncertain(delivery: Delivery, now: datetime, trouble: str) -> None:
    """It may have arrived: send once more, flagged; the second time leave it to a person."""
    delivery.move_to(State.UNCERTAIN, trouble=trouble[:200])
    if delivery.possible_duplicate:
        delivery.move_to(State.DEAD, trouble=f"uncertain twice: {trouble}"[:200])
        return
    delivery.possible_duplicate = True
    delivery.save(update_fields=["possible_duplicate"])
    delivery.back_off(now, trouble)


def deliver_due(limit: int = 500) -> int:
    """Send what is due now; how many were sent. Safe to run anywhere, any number of times at once."""
    _recover_lapsed()
    sent = 0
    for _turn in range(limit):
        claimed = _claim()
        if claimed is None:
            break
        sent += _send(*claimed)
    return sent


def _recover_lapsed() -> None:
    with acting_as(SYSTEM):
        for delivery in Delivery.objects.lapsed(_database_now()).select_for_update(skip_locked=True)[:100]:
            recover(delivery, by=SYSTEM)


def _claim() -> tuple[Delivery, UUID, float] | None:
    """One due row, leased. With the moment, on the monotonic clock, until which it is surely ours."""
    deadline = time.monotonic() + (LEASE - MARGIN).total_seconds()
    with acting_as(SYSTEM):
        due = Delivery.objects.due(timezone.now()).select_for_update(skip_locked=True, of=("self",))
        delivery = due.with_address().first()
        return (delivery, delivery.lease(_database_now()), deadline) if delivery else None


def _arm(delivery: Delivery, token: UUID) -> bool:
    """Commit that the body is about to go, if the lease still holds and nothing was cancelled."""
    with acting_as(SYSTEM):
        row = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if row.state != State.LEASED or row.lease_token != token or (row.lease_until or _never()) <= _database_now():
            return False
        row.move_to(State.SENDING)
        return True


def _send(delivery: Delivery, token: UUID, deadline: float) -> int:
    is_armed = False
    try:
        with Line() as line:
            mail = write_mail(delivery)
            line.offer(mail)
            is_armed = _arm(delivery, token)
            if not is_armed:
                return 0
            if time.monotonic() > deadline:
                # Paused for too long: the row's next owner decides. Nothing was sent by us.
                return 0
            line.finish(mail)
        outcome, trouble = Outcome.SENT, ""
    except SaidNo as no:
        outcome, trouble = (Outcome.NEVER if no.for_good else Outcome.NOT_NOW), str(no)
    except CutOff as cut:
        outcome, trouble = Outcome.UNCERTAIN, str(cut)
    except (OSError, smtplib.SMTPException) as broken:
        outcome, trouble = Outcome.NOT_NOW, type(broken).__name__
    except Exception as wrong:
        # A row that can't be written must not hold up its neighbours: after a few tries it is a person's.
        log.exception("delivery %s can't be written", delivery.pk)
        tries_left = delivery.tries < DEATHS_ALLOWED
        outcome = Outcome.UNCERTAIN if is_armed else Outcome.NOT_NOW if tries_left else Outcome.NEVER
        trouble = type(wrong).__name__
    with acting_as(SYSTEM):
        settle(Delivery.objects.get(pk=delivery.pk), by=SYSTEM, token=token, outcome=outcome, trouble=trouble)
    if trouble:
        log.warning("delivery %s: %s, %s", delivery.pk, outcome, trouble)
    return int(outcome is Outcome.SENT)


def write_mail(delivery: Delivery) -> EmailMessage:
    """The mail of this purpose: first line the subject, the rest the text. No clinical word in it."""
    words = {
        **delivery.words,
        "name": delivery.name,
        "clinic_name": settings.CLINIC_NAME,
        "clinic_phone": settings.CLINIC_PHONE,
        "site_url": settings.SITE_URL,
    }
    with translation.override(settings.LANGUAGE_CODE):
        if "day" in words:
            words["day"] = date_format(date.fromisoformat(words["day"]), "l j F Y")
        text = render_to_string(f"portal/mail/{delivery.purpose}.txt", words)
    subject, _blank, body = text.strip().partition("\n")
    mail = EmailMessage(policy=SMTP_POLICY)
    mail["Subject"] = subject.strip()
    mail["From"] = settings.DEFAULT_FROM_EMAIL
    mail["To"] = delivery.to
    mail["Message-ID"] = delivery.message_id
    mail["Date"] = formatdate(localtime().timestamp(), localtime=True)
    mail.set_content(body.strip() + "\n")
    return mail


def _database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def _never() -> datetime:
    return datetime.min.replace(tzinfo=timezone.get_current_timezone())
