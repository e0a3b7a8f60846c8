"""A session ends after some time without a request, and after some hours in any case. What is sent too late is kept.

The row of the session outlives the session by days (SESSION_COOKIE_AGE): so the account whose session it was is known.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.http.request import RawPostDataException
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import CSRFCheck

from portal import problems
from portal.acting import acting_as
from portal.actions import drafts
from portal.middleware import WITHOUT_ACTOR
from portal.models import KeptForm, User
from portal.second_factor import STAFF, is_fragment
from portal.tokens import is_by_token

Answer = Callable[[HttpRequest], HttpResponseBase]
# Names in the session: seconds since the epoch.
BEGAN, SEEN = "began_at", "seen_at"
# How often it is written down that a session is in use.
NOTED_EVERY = 60
# A page says with this that it asks by itself: nobody is there for that.
BY_ITSELF = "Fascicle-By-Itself"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# The hidden field that says which kept form is sent again.
AGAIN = "_kept_form"
# Never kept: what is secret, and what belongs to one page.
SECRETS = ("password", "code", "token", "secret", "credential", AGAIN)
ENTRANCE = ("account_", "mfa_", "portal:end_", "portal:discard_draft")


def idle_after(session: SessionBase) -> timedelta:
    """Staff, and whoever is not known yet: the shorter time."""
    return timedelta(minutes=settings.STAFF_IDLE_MINUTES if session.get(STAFF, True) else settings.PATIENT_IDLE_MINUTES)


def is_over(session: SessionBase) -> bool:
    now = timezone.now().timestamp()
    too_old = now - session.get(BEGAN, now) >= settings.SESSION_HOURS * 3600
    return bool(too_old or now - session.get(SEEN, now) >= idle_after(session).total_seconds())


class TimeOut:
    """Signs out whoever comes too late, before anything is read for them."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.timed_out = None  # type: ignore[attr-defined]
        by_session = not request.path_info.startswith(WITHOUT_ACTOR) and not is_by_token(request)
        if by_session and request.user.is_authenticated:
            self.look(request, request.user)
        return self.get_response(request)

    def look(self, request: HttpRequest, account: User) -> None:
        session, now = request.session, int(timezone.now().timestamp())
        if is_over(session):
            logout(request)
            request.timed_out = account  # type: ignore[attr-defined]
        elif BEGAN not in session:
            session[BEGAN] = session[SEEN] = now
        elif now - session[SEEN] >= NOTED_EVERY and BY_ITSELF not in request.headers:
            session[SEEN] = now

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponseBase | None:
        """After the check of CSRF: what another site sends in somebody's name is not kept for them."""
        account: User | None = request.timed_out  # type: ignore[attr-defined]
        match = request.resolver_match
        if account is None or match is None or match.view_name.startswith(ENTRANCE):
            return None
        if request.path_info.startswith("/api/"):
            return problems.answer(401, _("You were signed out because nothing happened for a while. Sign in again."))
        if request.method == "POST":
            return self.keep(request, account)
        messages.info(request, _("You were signed out because nothing happened for a while. Sign in to go on."))
        return to_sign_in(request, came_from(request)) if is_fragment(request) else None

    def keep(self, request: HttpRequest, account: User) -> HttpResponseBase:
        check = CSRFCheck(lambda _request: HttpResponse())
        check.process_request(request)
        if check.process_view(request, self.get_response, (), {}):
            return render(request, "403_csrf.html", status=403)
        with acting_as(account, request_id=request.id):  # type: ignore[attr-defined]
            kept = drafts.keep(account, by=account, path=request.get_full_path(), fields=typed(request.POST))
        if kept is None:
            messages.warning(request, _("Your session had ended, and what you sent was too long to keep."))
            return to_sign_in(request, came_from(request))
        messages.info(
            request, _("Your session had ended. What you typed is kept: sign in, and you can send it with one press.")
        )
        return to_sign_in(request, reverse("portal:drafts"))


def typed(sent: QueryDict) -> dict[str, list[str]]:
    """The fields without what is secret. PostgreSQL's JSON takes no NUL."""
    return {
        name: [str(value).replace("\x00", "") for value in values]
        for name, values in sent.lists()
        if not any(secret in name.lower() for secret in SECRETS) and "\x00" not in name
    }


def came_from(request: HttpRequest) -> str:
    """The page around a fragment, or the page itself."""
    parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    return (f"{parts.path}?{parts.query}" if parts.query else parts.path) or request.get_full_path()


def to_sign_in(request: HttpRequest, back: str) -> HttpResponse:
    to = redirect_to_login(back)
    return HttpResponse(status=401, headers={"HX-Redirect": to["Location"]}) if is_fragment(request) else to


class SentAgain:
    """Lets go of a kept form once it has been sent: done, or back in front of its owner to be mended."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        account = getattr(request, "actor", None)
        arrived = response.status_code < 400 or response.status_code == 422
        if request.method == "POST" and isinstance(account, User) and arrived and request.content_type in FORMS:
            self.let_go(request, account)
        return response

    def let_go(self, request: HttpRequest, account: User) -> None:
        id = which(request)
        if id is None or getattr(request, "turned_away", False):
            return
        for kept in KeptForm.objects.fresh().visible_to(account).filter(pk=id):
            drafts.discard(kept, by=account)


def which(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get(AGAIN, ""))
    except (ValueError, RawPostDataException):
        return None
