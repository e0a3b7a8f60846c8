"""Links with which a patient answers from the message itself: signed, each good for one answer to one promised day.

A link says which follow-up, whose account, and the sequence of the day that was told: once the follow-up has another
day, or its day has passed, the link answers nothing. Its address holds no word of what it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from portal.models import User
from portal.models.deliveries import Delivery

# No link outlives this, whatever was promised.
LONGEST_SECONDS = 400 * 24 * 60 * 60


class Answer(StrEnum):
    CONFIRM = "confirm"
    MOVE = "move"
    CANCEL = "cancel"


class WrongLink(Exception):
    """It was cut, changed, made for another answer, or is too old."""


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
    token = signing.dumps(said, salt=_salt(answer), compress=True)
    return reverse("patients:answer", args=[answer.value, token])


def opened(answer: Answer, token: str) -> Link:
    """Raises WrongLink."""
    try:
        followup, account, sequence = signing.loads(token, salt=_salt(answer), max_age=LONGEST_SECONDS)
        return Link(UUID(followup), UUID(account), int(sequence))
    except (signing.BadSignature, ValueError, TypeError) as wrong:
        raise WrongLink from wrong


def _salt(answer: Answer) -> str:
    return f"patients.answer.{answer}"
