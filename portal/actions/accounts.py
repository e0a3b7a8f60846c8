"""Opening and closing accounts for others. People who open their own come through the sign-up page."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.utils.translation import gettext as _

from portal.access import Actor, IllegalMove, Permission
from portal.actions.sign_ins import tell_of_change
from portal.models import ApiToken, Clinic, User
from portal.models.accounts import must_leave_an_administrator
from portal.models.invitations import call_back_invitations
from portal.verbs import verb


@verb(Permission.ACCOUNT_OPEN)
def open_account(
    clinic: Clinic, *, by: Actor, email: str, name: str, password: str | None = None, title: str = ""
) -> User:
    """An account whose e-mail address the clinic vouches for. Without a password, nobody can sign in to it yet."""
    user = User.objects.create_user(email, password, name=name, title=title)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@verb(Permission.ACCOUNT_DISABLE)
def disable(user: User, /, *, by: User) -> User:
    """Nobody signs in to it any more, and whoever is signed in is signed out at once.

    Raises IllegalMove for one's own account, and for that of the last administrator.
    """
    if user == by:
        raise IllegalMove("accounts.disable", user, _("You can't close your own account to yourself."))
    must_leave_an_administrator(user)
    call_back_invitations(user, by=by)
    user.is_active = False
    user.save(update_fields=["is_active"])
    _sign_out(user)
    return user


@verb(Permission.AUTHENTICATOR_RESET)
def reset_second_factor(user: User, /, *, by: User) -> User:
    """Somebody has lost passkey, app and recovery codes, and has shown in person who they are.

    All of them are taken away, every session ends, and the owner is told by mail: with the password they set up a new
    one. Raises IllegalMove for one's own, and where there is none.
    """
    if user == by:
        raise IllegalMove("accounts.reset_second_factor", user, _("Another administrator resets yours."))
    taken, _rows = Authenticator.objects.filter(user=user).delete()
    if not taken:
        raise IllegalMove("accounts.reset_second_factor", user, _("This account has no second step to reset."))
    _sign_out(user)
    tell_of_change(user, change="second_factor_reset", browser=_("the clinic's own pages"))
    return user


def _sign_out(user: User) -> None:
    """Everywhere, and the programs that work for them too."""
    for session in UserSession.objects.filter(user=user):
        session.end()
    ApiToken.objects.filter(account=user).revoke()


@verb(Permission.ACCOUNT_DISABLE)
def enable(user: User, /, *, by: User) -> User:
    """They sign in again as before, with the roles they still have."""
    user.is_active = True
    user.save(update_fields=["is_active"])
    return user


@verb(Permission.AUTHENTICATOR_GIVE)
def give_authenticator(account: User, *, by: Actor, secret: str) -> Authenticator:
    """An authenticator app with a secret known beforehand: for the accounts of a demonstration, and for nobody else."""
    authenticator: Authenticator = TOTP.activate(account, secret).instance
    return authenticator
