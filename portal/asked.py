"""What a view is asked with, once the middleware has done its part. For types only."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from portal.access import Actor
from portal.models import ApiToken, User


class Asked(HttpRequest):
    """Any request: `actor` is the account or VISITOR."""

    id: str
    actor: Actor
    htmx: HtmxDetails
    token: ApiToken | None


class SignedIn(Asked):
    """A request behind `login_required`: the account is the actor."""

    user: User
    actor: User
