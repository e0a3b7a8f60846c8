"""Inviting somebody to work here; and accepting, which is the invited person's own."""

from __future__ import annotations

from django.utils.translation import gettext as _

from portal.access import IllegalMove, Permission, Role
from portal.models import Clinic, Department, Invitation, Membership, Notification, User
from portal.models.deliveries import Purpose
from portal.models.invited import State
from portal.verbs import verb


@verb(Permission.INVITATION_SEND)
def invite(
    clinic: Clinic, /, *, by: User, email: str, name: str, role: Role, department: Department | None = None
) -> Invitation:
    """Ask somebody by mail to take a role. Raises IllegalMove for oneself, and for what is asked already."""
    email = email.lower()
    name_of_verb = "invitations.invite"
    if email == by.email.lower():
        raise IllegalMove(name_of_verb, clinic, _("Nobody appoints themselves: another administrator can."))
    if Invitation.objects.unanswered().filter(email=email, role=role, department=department).exists():
        raise IllegalMove(name_of_verb, clinic, _("They are invited to this already. Send that invitation again."))
    invitation = Invitation(email=email, name=name, role=role, department=department, invited_by=by)
    invitation.send(name=name)
    return invitation


@verb(Permission.INVITATION_SEND)
def resend(invitation: Invitation, *, by: User) -> Invitation:
    """Another mail, and another week: also for one that has expired."""
    invitation.must_be(State.OPEN, State.EXPIRED)
    invitation.send(name=invitation.name)
    return invitation


@verb(Permission.INVITATION_SEND)
def revoke(invitation: Invitation, *, by: User) -> Invitation:
    """Its link opens nothing from now on."""
    invitation.must_be(State.OPEN, State.EXPIRED)
    invitation.revoke(by)
    return invitation


@verb(Permission.INVITATION_ACCEPT)
def accept(invitation: Invitation, *, by: User) -> Membership:
    """Take the role, once. Whoever invited is told who took it: an address may have been mistyped."""
    invitation.must_be(State.OPEN)
    if invitation.invited_by_id == by.pk:
        raise IllegalMove("invitations.accept", invitation, _("You sent this invitation yourself."))
    invitation.accept(by)
    Notification.queue(invitation.invited_by, Purpose.INVITATION_ACCEPTED, path=f"/manage/people/{by.pk}/")
    return Membership.begin(by, Role(invitation.role), invitation.department)
