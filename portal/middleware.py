"""Around every request: who asks, in which transaction, and what a refusal or a broken part answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from smtplib import SMTPException

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError, ProgrammingError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.loader import render_to_string
from psycopg.errors import InsufficientPrivilege
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from uuid_utils.compat import uuid7

from portal.access import VISITOR, IllegalMove, Overtaken, Refusal, Refused
from portal.acting import acting_as

Answer = Callable[[HttpRequest], HttpResponseBase]
log = logging.getLogger(__name__)
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="-")
# The database, the broker, and the mail server of what is mailed while somebody waits (confirming an address).
BROKEN = (
    OperationalError,
    InterfaceError,
    RedisConnectionError,
    RedisTimeoutError,
    SMTPException,
    ConnectionError,
    TimeoutError,
)
# Answered without an actor: the probe must speak even when the database does not.
WITHOUT_ACTOR = ("/health/",)


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = REQUEST_ID.get()
        return True


class Guard:
    """Outermost: an id for each request, clean input, and a plain page when a part is down."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.id = str(uuid7())  # type: ignore[attr-defined]
        token = REQUEST_ID.set(request.id)  # type: ignore[attr-defined]
        try:
            if request.method == "TRACE":
                # It would send back what it was sent, cookies and all.
                return HttpResponse(render_to_string("405.html"), status=405)
            if has_control_character(request.path_info + request.META.get("QUERY_STRING", "")):
                return HttpResponse(render_to_string("400.html"), status=400)
            response = self.get_response(request)
            response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
            if getattr(request, "signed_in", False):
                response["Cache-Control"] = "no-store"
                if not request.user.is_authenticated:
                    # Who was signed in and no longer is leaves no page behind. Not "storage": it holds one choice of
                    # theirs, whether single keys are shortcuts, and nothing of a record.
                    response["Clear-Site-Data"] = '"cache"'
            return response
        except BROKEN as broken:
            log.error("a part is down: %s", type(broken).__name__)
            return unavailable()
        finally:
            REQUEST_ID.reset(token)

    def process_exception(self, request: HttpRequest, broken: Exception) -> HttpResponseBase | None:
        if isinstance(broken, BROKEN):
            log.error("a part is down: %s", type(broken).__name__)
            return unavailable()
        return None


class Acting:
    """Innermost: opens the request's transaction and names its actor (`request.actor`)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(WITHOUT_ACTOR):
            return self.get_response(request)
        request.signed_in = request.user.is_authenticated  # type: ignore[attr-defined]
        request.actor = request.user if request.user.is_authenticated else VISITOR  # type: ignore[attr-defined]
        response: HttpResponseBase | None = None
        try:
            through = "token" if getattr(request, "token", None) else "account"
            with acting_as(request.actor, request_id=request.id, through=through) as work:  # type: ignore[attr-defined]
                response = self.get_response(request)
                refusal: Refusal | None = getattr(request, "refusal", None)
                if refusal is not None:
                    raise refusal
                if response.status_code >= 500:
                    # Nothing of it was shown, and in a transaction that rolls back nothing can be written down.
                    work.reads.clear()
                    transaction.set_rollback(True)
                if isinstance(response, HttpResponseNotAllowed):
                    response.content = render_to_string("405.html", {}, request)
        except Refusal:
            if response is None:
                raise
        return response

    def process_exception(self, request: HttpRequest, wrong: Exception) -> HttpResponseBase | None:
        if isinstance(wrong, Refusal):
            request.refusal = wrong  # type: ignore[attr-defined]
        if isinstance(wrong, Refused):
            return render(request, "403.html", status=403)
        if isinstance(wrong, IllegalMove):
            # A state table's own notation is no sentence.
            reason = "" if "→" in wrong.reason else wrong.reason
            return render(request, "409.html", {"reason": reason}, status=409)
        if isinstance(wrong, IntegrityError):
            # Somebody else was first, between our looking and our writing.
            transaction.set_rollback(True)
            request.refusal = Overtaken("write")  # type: ignore[attr-defined]
            return HttpResponse(render_to_string("409.html"), status=409)
        if is_walled(wrong):
            # Wall one let it pass; wall two did not.
            where = request.resolver_match.view_name if request.resolver_match else ""
            log.error("the database refused what access let pass: %s", where)
            transaction.set_rollback(True)
            request.refusal = Refused("write behind the wall")  # type: ignore[attr-defined]
            return HttpResponse(render_to_string("403.html"), status=403)
        if isinstance(wrong, SuspiciousOperation | UnicodeError):
            return render(request, "400.html", status=400)
        return None


def is_walled(wrong: Exception) -> bool:
    """Whether row-level security refused a row that was to be written."""
    return isinstance(wrong, ProgrammingError) and isinstance(wrong.__cause__, InsufficientPrivilege)


def has_control_character(text: str) -> bool:
    return "\x00" in text or "%00" in text


def unavailable() -> HttpResponse:
    """503, made without the database, the cache or the session."""
    page = render_to_string("503.html", {"clinic_phone": settings.CLINIC_PHONE})
    return HttpResponse(page, status=503, headers={"Retry-After": "30", "Cache-Control": "no-store"})
