"""Answering a case for a while, so that two don't answer it at once."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clinicians.models import Claim, Handover
from clinicians.models.handovers import Kind
from patients.models import Case
from patients.models.cases import Status
from portal.access import IllegalMove, Permission
from portal.models import Notification, User
from portal.models.deliveries import Purpose
from portal.verbs import verb


@verb(Permission.CASE_REPLY)
def claim(case: Case, *, by: User) -> Claim:
    """Answer it for the next fifteen minutes; again, for fifteen more. Raises IllegalMove while somebody else does."""
    _must_wait("claims.claim", case)
    Claim.refuse_others("claims.claim", case, by)
    return Claim.give(case, by)


@verb(Permission.CASE_REPLY)
def let_go(case: Case, *, by: User) -> Case:
    """Not answering after all. Nothing is said where somebody else has taken over meanwhile."""
    Claim.end(case, of=by.pk)
    return case


@verb(Permission.CASE_REPLY)
def take_over(case: Case, *, by: User, holder: UUID) -> Claim:
    """Answer it in the place of `holder`, who is told; the case is one's own then.

    Raises IllegalMove when it is a third one's by now: of two who take over from one, the first has it.
    """
    _must_wait("claims.take_over", case)
    held = Claim.running_on(case, timezone.now())
    if held and held.account_id not in (holder, by.pk):
        raise IllegalMove("claims.take_over", case, held.words)
    if held and held.account_id != by.pk:
        losing = {held.account, case.owner or held.account} - {by}
        if case.owner != by:
            Handover.write(case, by=by, kind=Kind.TAKEN, to=by)
            case.owner = by
            case.save()
        for person in losing:
            Notification.queue(person, Purpose.CASE_HANDED, path=f"/cases/{case.ref}/")
    return Claim.give(case, by)


def _must_wait(name: str, case: Case) -> None:
    if case.status != Status.WAITING:
        raise IllegalMove(name, case, _("This case does not wait for a reply."))
