"""Setting up webhooks, and sending what is due: spread, lease, post, settle, each in a transaction of its own.

At least once: a sender that dies after the post leaves the row to come up again, with the same id.
"""

from __future__ import annotations

import logging
from collections.abc import Collection

from django.utils import timezone
from django.utils.translation import gettext as _

from clinicians.exchange import webhooks as exchange
from clinicians.models import Occurrence, Webhook, WebhookDelivery
from clinicians.models.webhooks import TRIED_FOR, State
from portal import outbound
from portal.access import SYSTEM, Actor, IllegalMove, Permission
from portal.acting import acting_as
from portal.models import Clinic, Department, User
from portal.verbs import verb

log = logging.getLogger(__name__)
AT_ONCE = 200


@verb(Permission.WEBHOOK_MANAGE)
def add(
    clinic: Clinic, /, *, by: User, name: str, url: str, kinds: Collection[str], department: Department | None = None
) -> Webhook:
    """With a secret that who adds it reads now. Raises IllegalMove for a name in use."""
    if Webhook.objects.filter(name=name).exists():
        raise IllegalMove("webhooks.add", clinic, _("There is a webhook of this name: choose another name."))
    webhook = Webhook(name=name, url=url, kinds=sorted(kinds), department=department, made_by=by)
    webhook.draw_secret()
    webhook.full_clean()
    webhook.save()
    return webhook


@verb(Permission.WEBHOOK_MANAGE)
def pause(webhook: Webhook, *, by: User) -> Webhook:
    """Nothing is sent to it, and what happens meanwhile is not collected for it."""
    webhook.paused_at = webhook.paused_at or timezone.now()
    webhook.save(update_fields=["paused_at"])
    return webhook


@verb(Permission.WEBHOOK_MANAGE)
def resume(webhook: Webhook, *, by: User) -> Webhook:
    webhook.paused_at = None
    webhook.save(update_fields=["paused_at"])
    return webhook


@verb(Permission.WEBHOOK_MANAGE)
def renew_secret(webhook: Webhook, *, by: User) -> Webhook:
    """What is sent from now on is signed with another secret; the old one is worth nothing."""
    webhook.draw_secret()
    webhook.save(update_fields=["secret"])
    return webhook


@verb(Permission.WEBHOOK_MANAGE)
def redeliver(delivery: WebhookDelivery, *, by: User) -> WebhookDelivery:
    """Once more, with a day of tries. Raises IllegalMove while it waits anyway."""
    if delivery.state == State.PENDING:
        raise IllegalMove("webhooks.redeliver", delivery, _("It waits to be sent already."))
    now = timezone.now()
    delivery.move_to(State.PENDING, due_at=now, give_up_at=now + TRIED_FOR, tries=0, outcome="")
    return delivery


@verb(Permission.WEBHOOK_SEND)
def settle(delivery: WebhookDelivery, *, by: Actor, is_taken: bool, outcome: str) -> WebhookDelivery:
    """Write down what became of one try, unless another sender has written it meanwhile."""
    if delivery.state == State.PENDING:
        if is_taken:
            delivery.move_to(State.SENT, outcome=outcome[:100])
        else:
            delivery.back_off(timezone.now(), outcome)
    return delivery


@verb(Permission.WEBHOOK_SEND)
def let_go(clinic: Clinic, /, *, by: Actor) -> None:
    """What was told more than thirty days ago."""
    WebhookDelivery.objects.outdated().delete()


def send_due(limit: int = AT_ONCE) -> int:
    """Tell every webhook what has happened; how many posts were taken. Safe to run anywhere, any number at once."""
    spread()
    sent = 0
    for _turn in range(limit):
        delivery = _claim()
        if delivery is None:
            break
        sent += _send(delivery)
    return sent


def spread() -> int:
    """Each occurrence to the webhooks that ask for it, and then it is let go of; how many deliveries."""
    with acting_as(SYSTEM):
        found = list(Occurrence.objects.select_for_update(skip_locked=True)[:AT_ONCE])
        made = [
            WebhookDelivery.of(webhook, occurrence)
            for occurrence in found
            for webhook in Webhook.objects.asking_for(occurrence)
        ]
        WebhookDelivery.objects.bulk_create(made, ignore_conflicts=True)
        Occurrence.objects.filter(pk__in=[occurrence.pk for occurrence in found]).delete()
    return len(made)


def _claim() -> WebhookDelivery | None:
    with acting_as(SYSTEM):
        now = timezone.now()
        due = WebhookDelivery.objects.due(now).select_for_update(skip_locked=True, of=("self",))
        delivery = due.select_related("webhook").first()
        if delivery:
            delivery.lease(now)
        return delivery


def _send(delivery: WebhookDelivery) -> int:
    webhook, body = delivery.webhook, exchange.written(delivery.payload)
    try:
        status = outbound.post(
            webhook.url, body, exchange.headers(webhook.secret, delivery.event, timezone.now(), body)
        )
        is_taken, outcome = 200 <= status < 300, f"HTTP {status}"
    except outbound.NotSent as why:
        is_taken, outcome = False, str(why)
    except Exception as wrong:
        # One that can't be sent must not hold up its neighbours.
        log.exception("webhook delivery %s can't be sent", delivery.pk)
        is_taken, outcome = False, type(wrong).__name__
    with acting_as(SYSTEM):
        settle(delivery, by=SYSTEM, is_taken=is_taken, outcome=outcome)
    return int(is_taken)
