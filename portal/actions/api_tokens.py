"""Making a token for a program of one's own, and taking it back."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from portal.access import IllegalMove, Permission, Refused
from portal.models import ApiToken, User
from portal.models.api_tokens import MOST_TOKENS, Scope
from portal.verbs import verb


@verb(Permission.TOKEN_MAKE)
def make(account: User, /, *, by: User, name: str, scope: Scope, life: timedelta) -> tuple[ApiToken, str]:
    """The token and its secret, which is kept nowhere. Raises IllegalMove for a name in use, and for too many."""
    if account != by:
        raise Refused("api_tokens.make", account)
    live = ApiToken.objects.filter(account=account, revoked_at=None)
    if live.filter(name=name).exists():
        raise IllegalMove("api_tokens.make", account, _("You have a token of this name: revoke it, or choose another."))
    if live.count() >= MOST_TOKENS:
        raise IllegalMove("api_tokens.make", account, _("You have many tokens. Revoke those that nothing uses."))
    return ApiToken.begin(account, name, scope, life)


@verb(Permission.TOKEN_REVOKE)
def revoke(token: ApiToken, *, by: User) -> ApiToken:
    """It opens nothing from now on; once more changes nothing."""
    ApiToken.objects.filter(pk=token.pk).revoke()
    token.refresh_from_db()
    return token
