"""Is it alive, and are its parts."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from portal.access import SYSTEM
from portal.acting import acting_as
from portal.actions import outbox, seals

log = logging.getLogger(__name__)


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 when it can be used, 503 when not. A broker that is down is said, and costs no 503:
    pages work without it, and what waits is sent when it is back. Nor do seals of the trail or deliveries that lag:
    they are kept."""
    parts = {
        "database": _works(_ask_database),
        "broker": _works(_ask_broker),
        "medicine_checks": _works(_ask_canary),
        "audit_seals": _works(_ask_seals),
        "deliveries": _works(_ask_deliveries),
    }
    ok = parts["database"] and parts["medicine_checks"]
    return JsonResponse({"ok": ok, **parts}, status=200 if ok else 503, headers={"Cache-Control": "no-store"})


def _works(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except Exception as broken:
        log.error("health: %s", type(broken).__name__)
        return False
    return True


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_broker() -> None:
    cache.get("health")


def _ask_canary() -> None:
    """The dose that nobody noticed, asked of the checks each time: they are alive or this raises."""
    import_string(settings.MEDICINE_CANARY)()


def _ask_seals() -> None:
    with acting_as(SYSTEM):
        if seals.is_late():
            raise TimeoutError


def _ask_deliveries() -> None:
    with acting_as(SYSTEM):
        if outbox.trouble():
            raise TimeoutError
