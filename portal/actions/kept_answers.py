"""Keeping what a program was answered, and letting go of it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from portal.access import Actor, Permission
from portal.models import Clinic, KeptAnswer, User
from portal.verbs import verb


# Not locked: what the post wrote holds its account in part already, and two posts of it would wait for each other.
@verb(Permission.ANSWER_KEEP, locking=False)
def keep(
    account: User, /, *, by: Actor, key: str, asked: str, status: int, body: str, people: Iterable[UUID]
) -> KeptAnswer:
    """For its account, a day long. The post of this key is `claimed`, so there is no other."""
    return KeptAnswer.keep(account, key, asked=asked, status=status, body=body, people=list(people))


@verb(Permission.ANSWER_EXPIRE)
def let_go(clinic: Clinic, *, by: Actor) -> None:
    """What is older than a day, unread."""
    KeptAnswer.objects.outdated().delete()
