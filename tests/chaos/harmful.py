"""Rows of the fault runs that harm their sender: nothing of it is in the product.

`words["harm"]`: "poison" kills whoever writes the mail; "offered" and "armed" stop, the first time, whoever has just
offered or just armed it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.apps import AppConfig

if TYPE_CHECKING:
    from portal.actions.turns import Turn
    from portal.channels.email import EmailLine
    from portal.models import Delivery


class Harmful(AppConfig):
    name = "tests.chaos.harmful"
    label = "harmful"

    def ready(self) -> None:
        from portal.actions.turns import Turn
        from portal.channels import email
        from portal.channels.email import EmailLine

        write, offer, arm = email.write_mail, EmailLine.offer, Turn.arm

        def write_mail(delivery: Delivery) -> object:
            if delivery.words.get("harm") == "poison":
                os.kill(os.getpid(), signal.SIGKILL)
            return write(delivery)

        def offer_and_stop(line: EmailLine, hand: Sequence[Delivery]) -> list[Exception | None]:
            offered = offer(line, hand)
            stop_at("offered", hand)
            return offered

        def arm_and_stop(turn: Turn, hand: Sequence[Delivery]) -> set[UUID]:
            armed = arm(turn, hand)
            stop_at("armed", [delivery for delivery in hand if delivery.pk in armed])
            return armed

        email.write_mail = write_mail  # type: ignore[assignment]
        EmailLine.offer = offer_and_stop  # type: ignore[method-assign,assignment]
        Turn.arm = arm_and_stop  # type: ignore[method-assign,assignment]


def stop_at(moment: str, hand: Sequence[Delivery]) -> None:
    if any(delivery.words.get("harm") == moment and delivery.tries == 1 for delivery in hand):
        os.kill(os.getpid(), signal.SIGSTOP)
