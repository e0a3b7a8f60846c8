"""Keeping what was sent too late, and letting go of it."""

from __future__ import annotations

from collections.abc import Mapping

from portal.access import Actor, Permission
from portal.models import KeptForm, User
from portal.verbs import verb


@verb(Permission.DRAFT_KEEP)
def keep(account: User, *, by: Actor, path: str, fields: Mapping[str, list[str]]) -> KeptForm | None:
    """Keep what was typed for its account; None when it is too large."""
    return KeptForm.keep(account, path, fields)


@verb(Permission.DRAFT_DISCARD)
def discard(kept: KeptForm, *, by: Actor) -> None:
    """Let go of it: sent again, not wanted any more, or a week old."""
    kept.let_go()
