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
# Of an address that is itself the key: it goes into no other request, and no search engine keeps it.
OF_A_KEY = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


def by_key(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page that is opened by what its address holds. Its forms need no token of ours: without a referrer browsers
    name no origin to compare it with, and nothing is done there but what the address itself allows."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(*args, **kwargs)
        for name, value in OF_A_KEY.items():
            response.headers[name] = value
        return response

    return guarded


class Headers:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in EVERYWHERE.items():
            response.headers.setdefault(name, value)
        return response
