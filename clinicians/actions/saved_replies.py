"""Texts to use again: written for oneself, shared with the department, revised without losing what stood before."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from clinicians.models import SavedReply
from portal.access import IllegalMove, Permission
from portal.models import Department, User
from portal.verbs import verb


@verb(Permission.CASE_REPLY)
def write(department: Department, *, by: User, name: str, body: str, is_shared: bool = False) -> SavedReply:
    """One more, for use in this department. Raises IllegalMove when one has one of this name."""
    _refuse_a_namesake("saved_replies.write", department, by, name)
    saved = SavedReply.objects.create(owner=by, department=department, name=name, is_shared=is_shared)
    saved.write(by=by, body=body)
    return saved


@verb(Permission.CASE_REPLY)
def revise(saved: SavedReply, *, by: User, version: int, name: str, body: str) -> SavedReply:
    """The next version. Raises IllegalMove when somebody has written one since `version`."""
    _must_stand("saved_replies.revise", saved)
    if saved.version != version:
        raise IllegalMove(
            "saved_replies.revise", saved, _("Somebody has changed this text since you opened it. Theirs is below.")
        )
    if name != saved.name:
        _refuse_a_namesake("saved_replies.revise", saved.department, saved.owner, name)
    saved.name, saved.version = name, saved.version + 1
    saved.save()
    saved.write(by=by, body=body)
    return saved


@verb(Permission.CASE_REPLY)
def share(saved: SavedReply, *, by: User) -> SavedReply:
    """Let all who answer in its department use and revise it."""
    return _shared("saved_replies.share", saved, by, True)


@verb(Permission.CASE_REPLY)
def unshare(saved: SavedReply, *, by: User) -> SavedReply:
    """Its owner's alone again."""
    return _shared("saved_replies.unshare", saved, by, False)


@verb(Permission.CASE_REPLY)
def retire(saved: SavedReply, *, by: User) -> SavedReply:
    """Offer it no more. What was sent with it stays as it was read."""
    _must_own("saved_replies.retire", saved, by)
    saved.retired_at = timezone.now()
    saved.save()
    return saved


def _shared(name: str, saved: SavedReply, by: User, is_shared: bool) -> SavedReply:
    _must_own(name, saved, by)
    saved.is_shared = is_shared
    saved.save()
    return saved


def _must_own(name: str, saved: SavedReply, by: User) -> None:
    _must_stand(name, saved)
    if saved.owner_id != by.pk:
        raise IllegalMove(name, saved, _("Only %(owner)s, who wrote it, can do that.") % {"owner": saved.owner.name})


def _must_stand(name: str, saved: SavedReply) -> None:
    if saved.retired_at:
        raise IllegalMove(name, saved, _("This saved reply is not offered any more."))


def _refuse_a_namesake(name: str, department: Department, owner: User, called: str) -> None:
    if SavedReply.objects.standing().filter(department=department, owner=owner, name=called).exists():
        raise IllegalMove(name, department, _("There is a saved reply of this name: choose another."))
