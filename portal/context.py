"""What every page knows: the clinic, and what the person who asks may open."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from portal import access
from portal.second_factor import is_staff


def clinic(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", access.VISITOR)
    return {
        "clinic_name": settings.CLINIC_NAME,
        "clinic_phone": settings.CLINIC_PHONE,
        "emergency_number": settings.EMERGENCY_NUMBER,
        "is_demo": settings.DEMO,
        **(demonstration() if settings.DEMO else {}),
        "works_here": is_staff(actor),
        "roles": {role.value for role, _place in access.roles_of(actor)},
    }


def demonstration() -> dict[str, Any]:
    """Whom one may sign in as: shown on the sign-in page of a demonstration, and nowhere else."""
    return {
        "demo_accounts": import_string(settings.DEMO_SIGN_INS)(),
        "demo_password": import_string(settings.DEMO_PASSWORD),
        # Called only by the page that shows it: the code of this half minute.
        "demo_code": import_string(settings.DEMO_SECOND_STEP),
    }
