"""No more e-mails about follow-ups, by the link in one of them: no sign-in, and nothing shown but that.

Looking at it does nothing. A mail program posts to the same address (RFC 8058) without a cookie of ours; what lets it
in is the signed address, which does this one thing.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from portal import access, limits
from portal.acting import acting_as
from portal.actions import contacts
from portal.channels import stopping
from portal.headers import by_key
from portal.models import User
from portal.signed_links import WrongLink

A_WAY = 60, 60 * 60


@csrf_exempt
@never_cache
@by_key("no-referrer")
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    if not limits.within(request, "stop", most=A_WAY[0], seconds=A_WAY[1], when_down=True):
        return page(request, {"closed": "often"}, status=429)
    try:
        account = whose(stopping.opened(token))
    except WrongLink:
        return page(request, {"closed": "wrong"}, status=404)
    if request.method != "POST":
        return page(request, {})
    with acting_as(account, request_id=getattr(request, "id", ""), through="link"):
        contacts.stop_mail(account, by=account)
    return page(request, {"done": True})


def whose(key: Any) -> User:
    with acting_as(access.SYSTEM):
        found = access.read_many(User.objects.filter(pk=key, is_active=True), by=access.SYSTEM)
    if not found:
        raise WrongLink
    account: User = found[0]
    return account


def page(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, "portal/stop.html", context, status=status)
