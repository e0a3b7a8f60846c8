"""Where somebody who signs in is taken."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from portal import access
from portal.access import Permission
from portal.asked import SignedIn

DESKS = (
    (Permission.CASE_TRIAGE, "clinicians:worklist"),
    (Permission.FOLLOWUP_CLOSE, "clinicians:worklist"),
    (Permission.LIBRARY_EDIT, "faq:board"),
    (Permission.MEMBERSHIP_GRANT, "portal:people"),
    (Permission.AUDIT_READ, "portal:audit"),
)


@login_required
@require_safe
def landing(request: SignedIn) -> HttpResponse:
    """Staff to their desk, patients to their case."""
    for permission, place in DESKS:
        if access.has(request.actor, permission):
            return redirect(place)
    return redirect("patients:home")
