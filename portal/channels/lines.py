"""Which line speaks which channel."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

from portal.channels import Line, email, sms
from portal.channels.email import EmailLine
from portal.channels.in_app import InAppLine
from portal.channels.provider import ProviderLine
from portal.channels.push import PushLine
from portal.channels.sms import SmsLine
from portal.models.deliveries import Channel, Delivery


def by_mail() -> Line:
    return ProviderLine() if settings.MAIL_PROVIDER else EmailLine()


LINES: dict[str, Callable[[], Line]] = {
    Channel.EMAIL: by_mail,
    Channel.SMS: SmsLine,
    Channel.PUSH: PushLine,
    Channel.IN_APP: InAppLine,
}
LOOK_UPS: dict[str, Callable[[Delivery], bool | None]] = {
    Channel.EMAIL: email.look_up,
    Channel.SMS: sms.look_up,
    # What is sent twice stands there once: a notice takes the place of the one before it.
    Channel.PUSH: lambda _delivery: False,
    Channel.IN_APP: lambda _delivery: False,
}


def offered() -> list[Channel]:
    """What this clinic can be asked to tell somebody by, besides its own pages."""
    ways = {Channel.EMAIL: True, Channel.SMS: settings.SMS_PROVIDER, Channel.PUSH: settings.VAPID_PRIVATE_KEY}
    return [channel for channel, is_set in ways.items() if is_set]


def line_for(channel: str) -> Line:
    return LINES[channel]()


def look_up(delivery: Delivery) -> bool | None:
    """Whether it was sent; None where nobody can tell."""
    ask = LOOK_UPS.get(delivery.channel)
    return ask(delivery) if ask else None
