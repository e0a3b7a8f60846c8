"""Where an account is signed in now, as its owner reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from allauth.core.internal.sessionkit import get_session_user
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore

from portal import devices
from portal.models import User
from portal.timeouts import SEEN, is_over


@dataclass(frozen=True)
class SignedIn:
    id: int
    device: str
    since: datetime
    seen_at: datetime
    is_current: bool


def sessions_of(account: User, current: str) -> list[SignedIn]:
    """Those that still work, this one first, then the latest used."""
    rows = UserSession.objects.filter(user=account)
    found = [session for row in rows if (session := _read(row, current))]
    return sorted(found, key=lambda one: (one.is_current, one.seen_at), reverse=True)


def _read(row: UserSession, current: str) -> SignedIn | None:
    store = SessionStore(row.session_key)
    if not get_session_user(store) or is_over(store):
        return None
    seen_at = datetime.fromtimestamp(store.get(SEEN, row.created_at.timestamp()), UTC)
    return SignedIn(row.pk, devices.in_words(row.user_agent), row.created_at, seen_at, row.session_key == current)
