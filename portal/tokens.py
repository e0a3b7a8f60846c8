"""A program that works as somebody: who it is, said by a token in place of a session, under /api/ and nowhere else.

Whoever made the token had shown a second factor (portal/views/api_tokens.py), so it stands for one. It ends with what
it stands on: a closed account, another password, a second factor that was reset, the last role.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from portal import limits, problems
from portal.models import ApiToken, User
from portal.models.api_tokens import Scope

SCHEME = "bearer"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# So many wrong tokens of one address in so many seconds: a program that goes on with an old one is told to stop.
MOST, SECONDS = 20, 10 * 60


class Bearer:
    """After the session is known: with a token there is none, whatever cookies come along."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.token = None  # type: ignore[attr-defined]
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if not request.path_info.startswith(problems.API) or scheme.lower() != SCHEME:
            return self.get_response(request)
        token = found(secret.strip())
        if token is None:
            return turned_away(request)
        if token.scope == Scope.READ and request.method not in SAFE:
            return problems.answer(403, _("This token may only read. Make one that may write too."))
        token.note_use()
        work_as(request, token)
        return self.get_response(request)


def found(secret: str) -> ApiToken | None:
    token = ApiToken.objects.with_digest(secret).first()
    return token if token is not None and token.stands else None


def turned_away(request: HttpRequest) -> HttpResponseBase:
    if not limits.within(request, "wrong token", most=MOST, seconds=SECONDS, when_down=True):
        response = problems.answer(429, _("Too many wrong tokens came from your address. Wait ten minutes."))
        response["Retry-After"] = str(SECONDS)
        return response
    response = problems.answer(401, _("This token is not known here, or it has ended: make a new one."))
    response["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return response


def work_as(request: HttpRequest, token: ApiToken) -> None:
    """Without a session: the cookie of one that came along is not looked at, and none is begun."""
    request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
    request.session = SessionStore()
    request.user = token.account
    request.token = token  # type: ignore[attr-defined]


def is_by_token(request: HttpRequest) -> bool:
    return getattr(request, "token", None) is not None


class TokenAuthentication(BaseAuthentication):
    """For the framework, whom `Bearer` has found; no token of a form is asked for, as no browser sends this header."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        token: ApiToken | None = getattr(request._request, "token", None)
        return (token.account, token) if token else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
