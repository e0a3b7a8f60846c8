"""All that was said, over all cases, newest first."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from patients.models import Message, Patient
from patients.views.own import page, trusted_with
from portal import access
from portal.access import Permission
from portal.asked import SignedIn
from portal.paging import Pager


@trusted_with(Permission.CASE_READ)
@require_safe
def list_messages(request: SignedIn, patient: Patient) -> HttpResponse:
    pager = Pager(request.GET)
    rows = access.read_many(
        Message.objects.filter(patient=patient).standing().with_author().select_related("case"),
        by=request.actor,
        page=pager,
    )
    is_first = not pager.newer
    shown = [(message, place_of(message, is_first)) for message in rows]
    return page(request, patient, "messages", "messages", {"shown": shown, "pager": pager})


def place_of(message: Message, is_first: bool) -> str:
    """Where it stands on its case. A message further back is not on the case's first page: start the page with it."""
    case = reverse("patients:case", args=[message.case.ref])
    start = "" if is_first else f"?before={UUID(int=message.pk.int + 1)}"
    return f"{case}{start}#m-{message.pk}"
