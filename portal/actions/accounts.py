"""Opening accounts for others. People who open their own come through the sign-up page."""

from __future__ import annotations

from allauth.account.models import EmailAddress

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
