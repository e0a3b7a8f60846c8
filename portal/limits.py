"""How often one address may do what anyone may. Counted in the cache, by the hour or so."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.text import slugify
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

if TYPE_CHECKING:
    from rest_framework.views import APIView

log = logging.getLogger(__name__)


def within(
    request: HttpRequest, action: str, *, most: int, seconds: int, account: object = None, when_down: bool = False
) -> bool:
    """As `is_within`; when the cache does not answer, `when_down`: what anyone may do can wait until it does."""
    try:
        return is_within(request, action, most=most, seconds=seconds, account=account)
    except RedisError:
        return when_down


def forget(action: str, account: object) -> None:
    """What was counted came to nothing: it may be tried again."""
    cache.delete(_key(action, account))


def is_within(request: HttpRequest, action: str, *, most: int, seconds: int, account: object = None) -> bool:
    """Count one more of this from this address, or by this account; whether that is within `most` in `seconds`."""
    whose = account or get_adapter().get_client_ip(request)
    key = _key(action, whose)
    try:
        cache.add(key, 0, seconds)
        count = cache.incr(key)
    except ValueError:
        return False
    if count == most + 1:
        # Once for each time it is reached: a flood of tries is no flood of lines.
        log.warning("limit reached: %s by %s", slugify(action), whose)
    return bool(count <= most)


def _key(action: str, whose: object) -> str:
    return f"limit:{slugify(action)}:{whose}"


class Throttle(UserRateThrottle):
    """So many questions a minute of one person. The desk works on while the cache does not answer."""

    rate = "600/min"

    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            allowed = bool(super().allow_request(request, view))
        except RedisError:
            return True
        if not allowed:
            log.warning("limit reached: api by %s", request.user.pk)
        return allowed
