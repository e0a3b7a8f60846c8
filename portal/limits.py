"""How often one address may do what anyone may. Counted in the cache, by the hour or so."""

from __future__ import annotations

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


def within(
    request: HttpRequest, action: str, *, most: int, seconds: int, account: object = None, when_down: bool = False
) -> bool:
    """As `is_within`; when the cache does not answer, `when_down`: what anyone may do can wait until it does."""
    try:
        return is_within(request, action, most=most, seconds=seconds, account=account)
    except RedisError:
        return when_down


def is_within(request: HttpRequest, action: str, *, most: int, seconds: int, account: object = None) -> bool:
    """Count one more of this from this address, or by this account; whether that is within `most` in `seconds`."""
    key = f"limit:{slugify(action)}:{account or get_adapter().get_client_ip(request)}"
    try:
        cache.add(key, 0, seconds)
        return bool(cache.incr(key) <= most)
    except ValueError:
        return False


class Throttle(UserRateThrottle):
    """So many questions a minute of one person. The desk works on while the cache does not answer."""

    rate = "600/min"

    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            return bool(super().allow_request(request, view))
        except RedisError:
            return True
