"""Keeping what was sent too late, and letting go of it."""

from __future__ import annotations

from collections.abc import Mapping

from portal.access import Actor, Permission
from portal.models import Clinic, KeptForm, User
from portal.verbs import verb


@verb(Permission.DRAFT_KEEP)
def keep(account: User, *, by: Actor, path: str, fields: Mapping[str, list[str]]) -> KeptForm | None:
    """Keep what was typed for its account; None when it is too large."""
    return KeptForm.keep(account, path, fields)


@verb(Permission.DRAFT_DISCARD)
def discard(kept: KeptForm, *, by: Actor) -> None:
    """Let go of it: sent again, or not wanted any more."""
    kept.let_go()


@verb(Permission.DRAFT_EXPIRE)
def let_go(clinic: Clinic, *, by: Actor) -> None:
    """What nobody came back for within its week, unread."""
    KeptForm.objects.outdated().delete()
