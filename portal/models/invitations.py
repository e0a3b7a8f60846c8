"""Inviting somebody to work here."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal import access
from portal.access import Permission, Role
from portal.models.accounts import User
from portal.models.deliveries import Purpose
from portal.models.departments import Department
from portal.models.invited import Invited, InvitedQuerySet, InvitedRule


class InvitationQuerySet(InvitedQuerySet["Invitation"]):
    """Whoever runs the clinic's accounts; to accept one, whoever it was sent to."""

    rule = InvitedRule(Permission.INVITATION_READ, is_watched=True)


class Invitation(Invited):
    """A role that waits for its person."""

    PURPOSE = Purpose.STAFF_INVITED

    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(
        max_length=20, choices=[(role.value, ROLE) for role, ROLE in access.ROLE_LABELS.items() if role != Role.PATIENT]
    )
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")

    objects = InvitationQuerySet.as_manager()

    class Meta(Invited.Meta):
        constraints = (
            *Invited.Meta.constraints,
            models.UniqueConstraint(
                fields=("email", "role", "department"),
                condition=Q(accepted_at=None, revoked_at=None),
                nulls_distinct=False,
                name="invitation_once_at_a_time",
            ),
        )


def call_back_invitations(user: User, *, by: User) -> None:
    """What somebody who no longer runs the clinic has asked of others in its name."""
    for invitation in Invitation.objects.unanswered().filter(invited_by=user).select_for_update():
        invitation.revoke(by)
