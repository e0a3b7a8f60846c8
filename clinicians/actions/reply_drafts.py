"""Keeping what is being written for a patient, so that no time-out, crash or second window loses it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from clinicians.models import ReplyDraft
from patients.models import Case
from patients.models.cases import Status
from portal.access import IllegalMove, Permission
from portal.models import User
from portal.verbs import verb


class Outdated(IllegalMove):
    """Another window of the same person has saved since. The draft that is stored is on it."""

    def __init__(self, case: Case, stored: ReplyDraft) -> None:
        super().__init__(
            "reply_drafts.keep", case, _("You have saved another draft since, in another window. It is below.")
        )
        self.stored = stored


@verb(Permission.CASE_REPLY)
def keep(case: Case, *, by: User, version: int, words: dict[str, Any]) -> ReplyDraft:
    """`version`: the one that this was written from, 0 for none. The same words again change nothing.

    Raises Outdated when a newer one is stored, and IllegalMove when the case does not wait for a reply.
    """
    if case.status != Status.WAITING:
        raise IllegalMove("reply_drafts.keep", case, _("This case does not wait for a reply any more."))
    draft = ReplyDraft.of(case, by)
    if draft is None:
        return ReplyDraft.objects.create(patient_id=case.patient_id, case=case, account=by, **words)
    if draft.holds(words):
        return draft
    if draft.version != version:
        raise Outdated(case, draft)
    draft.rewrite(words)
    return draft


@verb(Permission.CASE_REPLY)
def discard(case: Case, *, by: User) -> None:
    """Let go of one's own."""
    ReplyDraft.let_go(case, by)
