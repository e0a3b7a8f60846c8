"""What every page knows: the clinic, and what the person who asks may open."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from portal import access


def clinic(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", access.VISITOR)
    return {
        "clinic_name": settings.CLINIC_NAME,
        "clinic_phone": settings.CLINIC_PHONE,
        "emergency_number": settings.EMERGENCY_NUMBER,
        "is_demo": settings.DEMO,
        "roles": {role.value for role, _place in access.roles_of(actor)},
    }
