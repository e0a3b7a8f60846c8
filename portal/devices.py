"""Which device somebody signs in with: in words, and whether this account has signed in on it before."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from ua_parser import parse

from portal.models import User

SALT = "portal.devices"
REMEMBERED_FOR = timedelta(days=400)
MOST_ACCOUNTS = 10
LONGEST_HEADER = 400


def in_words(user_agent: str) -> str:
    """“Firefox on Windows”. What a browser says of itself: a help to remember, no proof."""
    found = parse(user_agent[:LONGEST_HEADER])
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("A browser that does not say its name")


def cookie() -> str:
    """Under HTTPS its very name keeps it from other hosts and from plain HTTP, as the session's does."""
    return "__Host-devices" if settings.SESSION_COOKIE_SECURE else "devices"


def of(request: HttpRequest) -> str:
    return in_words(request.META.get("HTTP_USER_AGENT", ""))


def is_known(request: HttpRequest, account: User) -> bool:
    return _mark_of(account) in _marks(request)


def remember(request: HttpRequest, response: HttpResponse, account: User) -> None:
    """A long-lived signed cookie that names no account: it can only be compared."""
    mark = _mark_of(account)
    marks = [mark, *(other for other in _marks(request) if other != mark)][:MOST_ACCOUNTS]
    response.set_cookie(
        cookie(),
        signing.dumps(marks, salt=SALT),
        max_age=REMEMBERED_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _marks(request: HttpRequest) -> list[str]:
    try:
        found = signing.loads(request.COOKIES.get(cookie(), ""), salt=SALT, max_age=REMEMBERED_FOR)
    except signing.BadSignature:
        return []
    return [str(mark) for mark in found]


def _mark_of(account: User) -> str:
    return salted_hmac(SALT, str(account.pk), algorithm="sha256").hexdigest()[:32]
