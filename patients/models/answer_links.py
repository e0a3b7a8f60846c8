"""Links with which a patient answers from the message itself: signed, each good for one answer to one promised day.

A link says which follow-up, whose account, and the sequence of the day that was told: once the follow-up has another
day, or its day has passed, the link answers nothing. Its address holds no word of what it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from portal import signed_links
from portal.models import User
from portal.models.deliveries import Delivery
from portal.signed_links import WrongLink


class Answer(StrEnum):
    CONFIRM = "confirm"
    MOVE = "move"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Link:
    followup: UUID
    account: UUID
    sequence: int

    def whose(self) -> User:
        """Raises WrongLink when the account was closed since."""
        account: User | None = User.objects.filter(pk=self.account, is_active=True).first()
        if account is None:
            raise WrongLink
        return account


def links_for(delivery: Delivery) -> dict[str, str]:
    """The addresses for the words of a message, by their answers; none where it asks nothing."""
    said = delivery.words
    if "followup" not in said or delivery.recipient_id is None:
        return {}
    link = Link(UUID(said["followup"]), delivery.recipient_id, int(said["sequence"]))
    return {answer.value: settings.SITE_URL + address(link, answer) for answer in Answer}


def address(link: Link, answer: Answer) -> str:
    said = [link.followup.hex, link.account.hex, link.sequence]
    return reverse("patients:answer", args=[answer.value, signed_links.token_of(said, _kind(answer))])


def opened(answer: Answer, token: str) -> Link:
    """Raises WrongLink."""
    return signed_links.opened(token, _kind(answer), _link)


def _link(said: Any) -> Link:
    followup, account, sequence = said
    return Link(UUID(followup), UUID(account), int(sequence))


def _kind(answer: Answer) -> str:
    return f"patients.answer.{answer}"
