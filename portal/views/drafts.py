"""What was typed when the session had ended: read it, send it, or let go of it."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal import access
from portal.actions import drafts
from portal.asked import SignedIn
from portal.models import KeptForm
from portal.timeouts import AGAIN

# Ids and signed values that a page put into its form: nobody types so long a word.
FOR_MACHINES = re.compile(r"\S{32,}")


@require_safe
@login_required
def waiting(request: SignedIn) -> HttpResponse:
    """Newest first; when nothing waits, straight on."""
    kept = access.read_many(KeptForm.objects.fresh(), by=request.actor)
    if not kept:
        return redirect("portal:landing")
    return render(request, "portal/drafts.html", {"kept": [shown(form) for form in kept], "again": AGAIN})


@require_POST
@login_required
def discard(request: SignedIn, id: UUID) -> HttpResponse:
    kept = access.read_one(KeptForm.objects.fresh(), by=request.actor, pk=id)
    drafts.discard(kept, by=request.actor)
    messages.success(request, _("It is deleted."))
    return redirect("portal:drafts")


def shown(form: KeptForm) -> dict[str, Any]:
    """All fields to send again, and those among them that somebody can read."""
    pairs = [(name, value) for name, values in form.fields.items() for value in values]
    rows = [
        {"key": name.replace("_", " ").replace("-", " ").capitalize(), "value": value}
        for name, value in pairs
        if value.strip() and not FOR_MACHINES.fullmatch(value)
    ]
    return {"form": form, "pairs": pairs, "rows": rows}
