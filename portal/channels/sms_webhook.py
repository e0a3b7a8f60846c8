"""Any other gateway, by a program of the clinic's own: a POST of JSON, signed as Standard Webhooks ask.

It is told `id` (the same on each try, in `webhook-id` too: what came under it before must not be sent again), `to` and
`text`; it answers 2xx, with {"id": …} where its provider gave it a name. Whether it keeps to that we can't know, so
what was cut off is sent once more and flagged.
"""

from __future__ import annotations

import json
from contextlib import suppress

from django.conf import settings
from django.utils import timezone

from portal.channels.dialling import Request
from portal.channels.signatures import signed
from portal.models.deliveries import Delivery


def write(delivery: Delivery, number: str, text: str, *, is_gsm: bool) -> Request:
    named = f"sms_{delivery.pk.hex}"
    said = {"id": named, "to": number, "text": text, "from": settings.SMS_FROM}
    body = json.dumps(said, separators=(",", ":"), sort_keys=True).encode()
    return Request(settings.SMS_URL, body, signed(settings.SMS_SECRET, named, timezone.now(), body))


def read(delivery: Delivery, body: bytes) -> str:
    with suppress(ValueError, KeyError, TypeError):
        return str(json.loads(body)["id"])
    return ""


def look_up(delivery: Delivery) -> bool | None:
    return None
