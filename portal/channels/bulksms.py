"""BulkSMS, by its JSON REST API v1 (developer.bulksms.com/json/v1; read as OpenAPI in APIs-guru's directory).

Exactly once by two of its means. `deduplication-id`: what was submitted under this number within twelve hours is not
submitted again. It has 32 bits only, so two messages may share one, and the second would be lost; that is seen by
`userSuppliedId`, which comes back with what was submitted first. By `userSuppliedId` it is also looked up.
"""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from http.client import HTTPException
from typing import Any
from urllib.parse import quote

from django.conf import settings

from portal.channels import CutOff, SaidNo, dialling
from portal.channels.dialling import Request
from portal.models.deliveries import Delivery

ADDRESS = "https://api.bulksms.com/v1"
COLLIDED = "another message has this number"


def write(delivery: Delivery, number: str, text: str, *, is_gsm: bool) -> Request:
    entry: dict[str, Any] = {
        "to": number,
        "body": text,
        # One that can be answered, by STOP: so a clinic's own name as the sender is its own choice.
        "from": settings.SMS_FROM or {"type": "REPLIABLE"},
        "encoding": "TEXT" if is_gsm else "UNICODE",
        "longMessageMaxParts": 2,
        "userSuppliedId": name_of(delivery),
    }
    where = f"{address()}/messages?deduplication-id={number_for(delivery)}"
    return Request(where, json.dumps([entry]).encode(), headers())


def read(delivery: Delivery, body: bytes) -> str:
    """What the gateway calls it. Raises SaidNo when it took another message for this one, CutOff when unreadable."""
    try:
        [first] = json.loads(body)
        named, key = str(first["id"]), first.get("userSuppliedId")
    except (ValueError, KeyError, TypeError, AttributeError) as unread:
        raise CutOff("an answer that can't be read") from unread
    if key not in (None, name_of(delivery)):
        raise SaidNo(409, COLLIDED, for_good=False)
    return named


def look_up(delivery: Delivery) -> bool | None:
    """One that is not found can be submitted again without harm: under the same number, within twelve hours."""
    asked = quote(f"type=SENT&userSuppliedId={name_of(delivery)}", safe="")
    request = Request(f"{address()}/messages?limit=1&filter={asked}", headers=headers(), method="GET")
    try:
        return bool(json.loads(dialling.asked(dialling.opened(request.url), request)))
    except (SaidNo, CutOff, OSError, HTTPException, ValueError):
        return None


def name_of(delivery: Delivery) -> str:
    """It may have twenty characters: 120 of its key's 128 bits."""
    return urlsafe_b64encode(delivery.pk.bytes[:15]).decode()


def number_for(delivery: Delivery) -> int:
    """The same on each try, but for the one after it met another message of this number."""
    said = f"{delivery.pk}{'again' if COLLIDED in delivery.trouble else ''}"
    return int.from_bytes(sha256(said.encode()).digest()[:4], "big") >> 1


def address() -> str:
    return settings.SMS_URL or ADDRESS


def headers() -> dict[str, str]:
    named = b64encode(f"{settings.SMS_USER}:{settings.SMS_SECRET}".encode()).decode()
    return {"Authorization": f"Basic {named}", "Content-Type": "application/json"}
