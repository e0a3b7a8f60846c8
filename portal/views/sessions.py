"""Where one is signed in, and ending it elsewhere."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.actions import sessions
from portal.asked import SignedIn
from portal.signed_in import sessions_of


@require_safe
@login_required
def listed(request: SignedIn) -> HttpResponse:
    found = sessions_of(request.user, request.session.session_key or "")
    return render(request, "portal/sessions.html", {"sessions": found, "others": len(found) > 1})


@require_POST
@login_required
def end(request: SignedIn, id: int) -> HttpResponse:
    sessions.end_one(request.user, by=request.user, session=id)
    messages.success(request, _("That device is signed out."))
    return redirect("portal:sessions")


@require_POST
@login_required
def end_others(request: SignedIn) -> HttpResponse:
    sessions.end_others(request.user, by=request.user, current=request.session.session_key or "")
    messages.success(request, _("Every other device is signed out."))
    return redirect("portal:sessions")
