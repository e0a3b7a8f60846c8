"""What a program is told when something went wrong: problem details (RFC 9457), whoever found it out.

The API's own refusals are written so; and `Problems`, around everything, writes anew what Django or a middleware
answered to an address of the API: an unknown address, a body that is too long, a part that is down, a bug.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.http.response import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

API = "/api/"
JSON = "application/problem+json"
# Where each kind is explained, by its code.
EXPLAINED = "/api/v1/docs/problems/"


@dataclass(frozen=True, slots=True)
class Kind:
    code: str
    title: str
    means: Promise


# By status. `title` is HTTP's own, and the same for ever; `means` is what docs and schema say.
KINDS: dict[int, Kind] = {
    400: Kind("bad-request", "Bad Request", _("The request can't be read: its body is no JSON, or a header is wrong.")),
    401: Kind("not-signed-in", "Unauthorized", _("Nobody is signed in, or the token is wrong, revoked or expired.")),
    403: Kind("forbidden", "Forbidden", _("This account, or this token, may not do this. The attempt is on record.")),
    404: Kind("not-found", "Not Found", _("There is no such row, or it is one that this account does not see.")),
    405: Kind("no-such-method", "Method Not Allowed", _("This address takes another method: see Allow.")),
    406: Kind("not-acceptable", "Not Acceptable", _("The API answers application/json.")),
    409: Kind("conflict", "Conflict", _("Overtaken: somebody was first, or another patient was meant. Read it again.")),
    412: Kind("changed", "Precondition Failed", _("The case has changed since you read it: see ETag, and read it.")),
    413: Kind("too-large", "Content Too Large", _("The body is longer than the API takes.")),
    415: Kind("wrong-type", "Unsupported Media Type", _("Send application/json, or the fields of a form.")),
    422: Kind("wrong-words", "Unprocessable Content", _("A field is wrong, or the checks refuse what was asked.")),
    428: Kind(
        "say-what-you-read", "Precondition Required", _("Say which state of the case you answer: If-Match, or seen.")
    ),
    429: Kind("too-often", "Too Many Requests", _("Too many requests in a short time: wait, then go on.")),
    500: Kind("broken", "Internal Server Error", _("Something is broken here. Nothing was saved.")),
    503: Kind("unavailable", "Service Unavailable", _("A part is down. Nothing was saved: see Retry-After.")),
}


def body_of(status: int, detail: object = None, **more: Any) -> dict[str, Any]:
    """`more`: what this kind of problem says besides, such as `errors` by field."""
    kind = KINDS.get(status, KINDS[500 if status >= 500 else 400])
    return {
        "type": f"{settings.SITE_URL}{EXPLAINED}#{kind.code}",
        "title": kind.title,
        "status": status,
        "detail": None if detail is None else str(detail),
        **more,
    }


def answer(status: int, detail: object = None, **more: Any) -> JsonResponse:
    return JsonResponse(body_of(status, detail, **more), status=status, content_type=JSON)


class Problems:
    """Outside `Guard`: whatever answers an address of the API with an error, a program can read it.

    A browser that asks for HTML keeps the clinic's own page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(API) and settings.SECURE_SSL_REDIRECT and not request.is_secure():
            # Led on to HTTPS, a program would send its token in clear each time, and nobody would know.
            return answer(403, _("Use https://. A token that was sent here can be read on the way: revoke it."))
        response = self.get_response(request)
        wants_page = not request.path_info.startswith(API) or "text/html" in request.headers.get("Accept", "")
        if response.status_code >= 400 and not wants_page and is_page(response):
            rewrite(response)
        return response


def is_page(response: HttpResponseBase) -> bool:
    return isinstance(response, HttpResponse) and "json" not in response.headers.get("Content-Type", "")


def rewrite(response: HttpResponseBase) -> None:
    """In place: its other headers (Allow, Retry-After, the request's id) say something too."""
    assert isinstance(response, HttpResponse)
    response.content = json.dumps(body_of(response.status_code)).encode()
    response.headers["Content-Type"] = JSON
    response.headers["Content-Length"] = str(len(response.content))
