"""Opening and closing accounts for others. People who open their own come through the sign-up page."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession

from portal.access import Actor, Permission
from portal.models import Clinic, User
from portal.verbs import verb


@verb(Permission.ACCOUNT_OPEN)
def open_account(
    clinic: Clinic, *, by: Actor, email: str, name: str, password: str | None = None, title: str = ""
) -> User:
    """An account whose e-mail address the clinic vouches for. Without a password, nobody can sign in to it yet."""
    user = User.objects.create_user(email, password, name=name, title=title)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@verb(Permission.ACCOUNT_CLOSE)
def close_account(account: User, *, by: Actor) -> User:
    """Nobody can sign in to it any more, and whoever is signed in is signed out at once."""
    account.is_active = False
    account.save(update_fields=["is_active"])
    for session in UserSession.objects.filter(user=account):
        session.end()
    return account


@verb(Permission.AUTHENTICATOR_GIVE)
def give_authenticator(account: User, *, by: Actor, secret: str) -> Authenticator:
    """An authenticator app with a secret known beforehand: for the accounts of a demonstration, and for nobody else."""
    authenticator: Authenticator = TOTP.activate(account, secret).instance
    return authenticator
