"""Files of a case, only through the gate and only as a download."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from patients.models import Attachment
from patients.rules.file_types import name_as
from portal import access
from portal.asked import SignedIn

# Whatever a browser makes of the bytes, it makes it in a box without scripts, forms or our origin, and for no page
# of another's. In one piece: a part of a file proves nothing of the whole.
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Accept-Ranges": "none",
}


@login_required
@require_safe
def file(request: SignedIn, pk: UUID) -> HttpResponseBase:
    """To whoever may see the case. Django writes the file name as RFC 5987 asks."""
    attachment = access.read_one(Attachment.objects.all(), by=request.actor, pk=pk)
    if not attachment.is_open_to(request.actor):
        return not_now(request, attachment, status=409)
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError:
        return not_now(request, attachment, status=404)
    name = name_as(attachment.name, attachment.content_type)
    return FileResponse(
        content, as_attachment=True, filename=name, content_type=attachment.content_type, headers=HEADERS
    )


def not_now(request: SignedIn, attachment: Attachment, status: int) -> HttpResponseBase:
    """Held back, removed, or not in the store: which of them, and what to do."""
    return render(request, "patients/file_not_now.html", {"file": attachment}, status=status)
