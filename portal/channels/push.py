"""Notices on a device (Web Push, RFC 8030, 8291, 8292): encrypted for the browser, to the address that it gave us.

A browser may give any address, so it is posted to as webhooks are: to the open internet and nowhere else. A notice
carries the key of its delivery as its tag: shown a second time it takes the place of the first.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from py_vapid import Vapid02
from pywebpush import WebPusher

from portal import outbound
from portal.access import SYSTEM
from portal.acting import acting_as
from portal.channels import OneByOne, SaidNo
from portal.channels.facts import in_short
from portal.models.contact_points import ContactPoint
from portal.models.deliveries import Channel, Delivery

log = logging.getLogger(__name__)
# How long the push service keeps it for a device that is off, unless it is of no use before.
LONGEST_SECONDS = 24 * 60 * 60
TOKEN_SECONDS = 12 * 60 * 60
# The browser has taken its leave, and this address is nobody's any more.
GONE = (404, 410)


@dataclass
class PushLine(OneByOne):
    """To each browser of the recipient. Sent once one of them took it."""

    posts: list[tuple[ContactPoint, bytes, dict[str, str]]] = field(default_factory=list)

    def offer_one(self, delivery: Delivery) -> None:
        points = browsers_of(delivery)
        if not points or not settings.VAPID_PRIVATE_KEY:
            raise SaidNo(0, "there is no browser to send it to", for_good=True)
        said = payload(delivery)
        self.posts = [(point, *sealed(point, said, delivery)) for point in points]

    def finish_one(self, delivery: Delivery) -> str:
        posts, self.posts = self.posts, []
        answers = [self._post(*post) for post in posts]
        if any(200 <= status < 300 for status in answers):
            return ""
        is_over = all(400 <= status < 500 and status != 429 for status in answers)
        raise SaidNo(max(answers), "no push service took it", for_good=is_over)

    def _post(self, point: ContactPoint, body: bytes, headers: dict[str, str]) -> int:
        try:
            status = outbound.post(point.value, body, headers)
        except outbound.Forbidden:
            status = GONE[0]
        except outbound.NotSent as wrong:
            log.warning("a push service does not answer: %s", wrong)
            return 0
        if status in GONE:
            from_now_on_without(point)
        return status


def browsers_of(delivery: Delivery) -> list[ContactPoint]:
    with acting_as(SYSTEM):
        points = ContactPoint.objects.filter(user=delivery.recipient, system=Channel.PUSH)
        return list(points.usable().order_by("created_at"))


def from_now_on_without(point: ContactPoint) -> None:
    """Not a person's doing, and no word of anybody in it: the row itself says when it ended."""
    with acting_as(SYSTEM):
        point.remove()


def payload(delivery: Delivery) -> str:
    title, body = in_short(delivery)
    said = {"title": title, "body": body, "path": delivery.words.get("path", "/my/"), "tag": delivery.pk.hex}
    return json.dumps(said)


def sealed(point: ContactPoint, said: str, delivery: Delivery) -> tuple[bytes, dict[str, str]]:
    """The body as only this browser reads it, and the headers that say who sends it."""
    told: dict[str, Any] = {"endpoint": point.value, "keys": point.keys}
    body = WebPusher(told).encode(said.encode())["body"]
    parts = urlsplit(point.value)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "sub": settings.VAPID_CONTACT,
        "exp": int(time.time()) + TOKEN_SECONDS,
    }
    left = (delivery.expires_at.timestamp() - time.time()) if delivery.expires_at else LONGEST_SECONDS
    return body, {
        **key().sign(claims),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(max(0, min(left, LONGEST_SECONDS)))),
        "Topic": delivery.pk.hex,
        "Urgency": "normal",
    }


def key() -> Vapid02:
    return read_key(settings.VAPID_PRIVATE_KEY)


@cache
def read_key(text: str) -> Vapid02:
    return Vapid02.from_raw(text.encode())


def public_key() -> str:
    """As a page gives it to the browser, and as each signature names it; nothing where no notices are sent."""
    if not settings.VAPID_PRIVATE_KEY:
        return ""
    return str(key().sign({"aud": settings.SITE_URL, "sub": settings.VAPID_CONTACT})["Authorization"]).rpartition("k=")[
        2
    ]
