"""How the API answers what went wrong: problem details (RFC 9457), the same codes as the pages."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from portal.access import IllegalMove, Refusal, Refused


class Conflict(exceptions.APIException):
    status_code = 409
    default_code = "conflict"


def problem(wrong: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception as problem+json, and hand a refusal to the middleware that records it."""
    if isinstance(wrong, Refusal):
        context["request"]._request.refusal = wrong
    translated: Exception = wrong
    if isinstance(wrong, Refused | PermissionDenied):
        translated = exceptions.PermissionDenied()
    elif isinstance(wrong, IllegalMove):
        translated = Conflict(wrong.reason or None)
    elif isinstance(wrong, Http404):
        translated = exceptions.NotFound()
    response = exception_handler(translated, context)
    if response is None:
        return None
    errors = response.data
    detail = errors.get("detail") if isinstance(errors, dict) else None
    response.data = {"title": response.status_text, "status": response.status_code, "detail": detail}
    if detail is None:
        response.data["errors"] = errors
    response.content_type = "application/problem+json"
    return response
