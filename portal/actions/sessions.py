"""Ending what is signed in."""

from __future__ import annotations

from allauth.usersessions.models import UserSession

from portal.access import Actor, Permission
from portal.models import User
from portal.verbs import verb


@verb(Permission.SESSION_END)
def end_one(account: User, *, by: Actor, session: int) -> None:
    """End one session of the account; nothing when it has ended already, or is another's."""
    for row in UserSession.objects.filter(user=account, pk=session):
        row.end()


@verb(Permission.SESSION_END)
def end_others(account: User, *, by: Actor, current: str) -> None:
    """End every session of the account except the one with this key."""
    for row in UserSession.objects.filter(user=account).exclude(session_key=current):
        row.end()
