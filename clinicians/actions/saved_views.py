"""Keeping a list under a name, and letting go of it."""

from __future__ import annotations

from clinicians.models import SavedView
from portal.access import Permission
from portal.models import User
from portal.verbs import verb


@verb(Permission.VIEW_KEEP)
def keep(account: User, *, by: User, name: str, queue: str, query: str) -> SavedView:
    """A list of one's own. Raises IllegalMove beyond twenty."""
    return SavedView.keep(account, name, queue, query)


@verb(Permission.VIEW_KEEP)
def let_go(view: SavedView, *, by: User) -> None:
    """Not wanted any more."""
    view.let_go()
