"""The link that ends reminders by e-mail: signed for one account, good for that alone."""

from __future__ import annotations

from uuid import UUID

from django.core import signing
from django.urls import reverse

# As long as a mail may lie about (RFC 8058 asks for no end; the account can be found anew after that).
LONGEST_SECONDS = 400 * 24 * 60 * 60
SALT = "portal.stop"


class WrongLink(Exception):
    """It was cut, changed, or is too old."""


def address(account: UUID) -> str:
    return reverse("portal:stop", args=[signing.dumps(account.hex, salt=SALT)])


def opened(token: str) -> UUID:
    try:
        return UUID(signing.loads(token, salt=SALT, max_age=LONGEST_SECONDS))
    except (signing.BadSignature, ValueError, TypeError, AttributeError) as wrong:
        raise WrongLink from wrong
