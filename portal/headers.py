"""Headers that every answer carries, whoever made it: a page, a file, a refusal, a plain page when a part is down."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase

# Nothing here asks a browser for any of these; a script that got in could not either.
FEATURES = (
    "accelerometer", "bluetooth", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer",
    "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
EVERYWHERE = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in FEATURES),
    # No other site embeds what is ours, not even a picture or a stylesheet.
    "Cross-Origin-Resource-Policy": "same-origin",
}
Answer = Callable[..., HttpResponseBase]


def by_key(referrer: str) -> Callable[[Answer], Answer]:
    """Of a page whose address is itself the key: it goes into no other request, and no search engine keeps it.

    `strict-origin` where a form is sent with a token of ours: with `no-referrer` browsers name no origin with it, and
    the post would be refused.
    """

    def keyed(view: Answer) -> Answer:
        @wraps(view)
        def answered(*args: Any, **kwargs: Any) -> HttpResponseBase:
            response = view(*args, **kwargs)
            response.headers["Referrer-Policy"] = referrer
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            return response

        return answered

    return keyed


class Headers:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in EVERYWHERE.items():
            response.headers.setdefault(name, value)
        return response
