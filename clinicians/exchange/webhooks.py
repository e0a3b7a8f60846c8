"""Webhooks as the receiver reads them, signed as all that we post (portal/channels/signatures.py)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.channels.signatures import signed


def written(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, separators=(",", ":"), sort_keys=True).encode()


def headers(secret: str, event: UUID, at: datetime, body: bytes) -> dict[str, str]:
    """The id is that of the event, on every try: who got it already knows it again."""
    return signed(secret, f"evt_{event.hex}", at, body)
