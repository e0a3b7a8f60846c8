"""Webhooks as the receiver reads them: Standard Webhooks (standardwebhooks.com), signature v1, HMAC-SHA256."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID


def written(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, separators=(",", ":"), sort_keys=True).encode()


def headers(secret: str, event: UUID, at: datetime, body: bytes) -> dict[str, str]:
    """The id is that of the event, on every try: who got it already knows it again."""
    named, moment = f"evt_{event.hex}", str(int(at.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "Fascicle-Webhooks/1",
        "webhook-id": named,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{signature(secret, named, moment, body)}",
    }


def signature(secret: str, named: str, moment: str, body: bytes) -> str:
    key = b64decode(secret.removeprefix("whsec_"))
    return b64encode(hmac.digest(key, f"{named}.{moment}.".encode() + body, "sha256")).decode()
