"""How the API answers what went wrong: problem details (RFC 9457), the same codes as the pages."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from portal import problems
from portal.access import IllegalMove, Refusal, Refused
from portal.models.record import Record


class Conflict(exceptions.APIException):
    status_code = 409
    default_code = "conflict"


class Changed(IllegalMove):
    """What If-Match names is not what is there now; `etag` is. Answered as 412."""

    code = "changed"

    def __init__(self, name: str, subject: Record, etag: str) -> None:
        super().__init__(name, subject, str(problems.KINDS[412].means))
        self.etag = etag


class PreconditionFailed(exceptions.APIException):
    status_code = 412
    default_code = "changed"


class NothingSeen(exceptions.APIException):
    """The post says of no state of the case that it was read."""

    status_code = 428
    default_code = "say_what_you_read"
    default_detail = _("Say which state of the case you answer: send If-Match with its ETag, or the field seen.")


def problem(wrong: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception as problem+json, and hand a refusal to the middleware that records it."""
    if isinstance(wrong, Refusal):
        context["request"]._request.refusal = wrong
    response = exception_handler(translated(wrong), context)
    if response is None:
        return None
    said = response.data
    detail = said.get("detail") if isinstance(said, dict) else None
    more = {} if detail is not None else {"errors": said}
    response.data = problems.body_of(response.status_code, detail, **more)
    response.content_type = problems.JSON
    if isinstance(wrong, Changed):
        response["ETag"] = wrong.etag
    return response


def translated(wrong: Exception) -> Exception:
    if isinstance(wrong, Refused | PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(wrong, Changed):
        return PreconditionFailed(wrong.reason)
    if isinstance(wrong, IllegalMove):
        return Conflict(wrong.reason or None)
    if isinstance(wrong, Http404):
        return exceptions.NotFound()
    return wrong
