"""Who posts to us, or is posted to by us, shows that it holds our secret: Standard Webhooks (standardwebhooks.com),
signature v1, HMAC-SHA256 over id, time and body. What is older than five minutes is not believed.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta

BELIEVED = timedelta(minutes=5)


class NotBelieved(Exception):
    """Not signed by who holds the secret, or too long ago."""


def signed(secret: str, named: str, at: datetime, body: bytes) -> dict[str, str]:
    moment = str(int(at.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "Fascicle/1",
        "webhook-id": named,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{signature(secret, named, moment, body)}",
    }


def signature(secret: str, named: str, moment: str, body: bytes) -> str:
    return b64encode(hmac.digest(key_of(secret), f"{named}.{moment}.".encode() + body, "sha256")).decode()


def key_of(secret: str) -> bytes:
    """A secret as that standard writes it, or any other text."""
    return b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()


def check(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The id it was sent under. Raises NotBelieved."""
    named, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (secret and named and moment.isascii() and moment.isdigit() and len(moment) < 12):
        raise NotBelieved
    if abs(now.timestamp() - int(moment)) > BELIEVED.total_seconds():
        raise NotBelieved
    wanted = f"v1,{signature(secret, named, moment, body)}".encode()
    given = headers.get("webhook-signature", "").encode()
    if not any(hmac.compare_digest(wanted, one) for one in given.split(b" ")):
        raise NotBelieved
    return named
