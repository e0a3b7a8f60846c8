"""The link that ends reminders by e-mail: signed for one account, good for that alone."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from portal import signed_links

KIND = "portal.stop"


def address(account: UUID) -> str:
    return reverse("portal:stop", args=[signed_links.token_of(account.hex, KIND)])


def opened(token: str) -> UUID:
    """Whose reminders. Raises WrongLink."""
    return signed_links.opened(token, KIND, UUID)
