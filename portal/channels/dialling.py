"""One request over HTTP in two steps, to an address of the settings: `opened` may fail and nothing was sent; from
`asked` on it may have been. Never to an address that somebody typed in: those go through portal/outbound.py.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings

from portal.channels import CutOff, SaidNo
from portal.outbound import trusted

# Refused for now: too much at once, not open for business, or a key or an account that its owner can put right.
FOR_NOW = (401, 402, 403, 429, 503)
# Of these nobody can say whether it was taken before it went wrong.
UNCLEAR = (408, 500, 502, 504)


@dataclass(frozen=True, slots=True)
class Request:
    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"

    @property
    def path(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"


def opened(url: str) -> http.client.HTTPConnection:
    """A line to whoever answers there. Raises OSError."""
    parts = urlsplit(url)
    where, seconds = str(parts.hostname), settings.EMAIL_TIMEOUT
    line = (
        http.client.HTTPSConnection(where, parts.port, timeout=seconds, context=trusted())
        if parts.scheme == "https"
        else http.client.HTTPConnection(where, parts.port, timeout=seconds)
    )
    line.connect()
    return line


def asked(line: http.client.HTTPConnection, request: Request) -> bytes:
    """What was answered to a request that was taken. Raises SaidNo, or CutOff when nobody can tell."""
    try:
        line.request(request.method, request.path, request.body or None, dict(request.headers))
        answer = line.getresponse()
        body = answer.read(100_000)
    except (OSError, http.client.HTTPException) as broken:
        # A gateway that took it may not yet show it: its "no" of this moment tells nothing.
        raise CutOff(type(broken).__name__, is_late=True) from broken
    finally:
        line.close()
    judge(answer.status, body)
    return body


def judge(status: int, body: bytes | str = b"") -> None:
    if 200 <= status < 300:
        return
    if status in UNCLEAR:
        raise CutOff(f"HTTP {status}", is_late=True)
    raise SaidNo(status, body[:150], for_good=400 <= status < 500 and status not in FOR_NOW)
