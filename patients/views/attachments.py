"""Files of a case, only through the gate and only as a download."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404
from django.views.decorators.http import require_safe

from patients.models import Attachment
from portal import access
from portal.asked import SignedIn

# Whatever a browser makes of the bytes, it makes it in a box without scripts, forms or our origin.
BOX = "sandbox; default-src 'none'"


@login_required
@require_safe
def file(request: SignedIn, pk: UUID) -> FileResponse:
    """To whoever may see the case. Django writes the file name as RFC 5987 asks."""
    attachment = access.read_one(Attachment.objects.all(), by=request.actor, pk=pk)
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError as error:
        raise Http404("the file is not in the store") from error
    response = FileResponse(content, as_attachment=True, filename=attachment.name, content_type=attachment.content_type)
    response["Content-Security-Policy"] = BOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
