"""Which line speaks which channel."""

from __future__ import annotations

from collections.abc import Callable

from portal.channels import Line, email
from portal.channels.email import EmailLine
from portal.channels.in_app import InAppLine
from portal.models.deliveries import Channel, Delivery

LINES: dict[str, Callable[[], Line]] = {Channel.EMAIL: EmailLine, Channel.IN_APP: InAppLine}
LOOK_UPS: dict[str, Callable[[Delivery], bool | None]] = {
    Channel.EMAIL: email.look_up,
    # What is sent there twice stands there once.
    Channel.IN_APP: lambda _delivery: False,
}


def line_for(channel: str) -> Line:
    return LINES[channel]()


def look_up(delivery: Delivery) -> bool | None:
    """Whether it was sent; None where nobody can tell."""
    ask = LOOK_UPS.get(delivery.channel)
    return ask(delivery) if ask else None
