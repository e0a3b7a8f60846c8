"""From what one was told to what it speaks of."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from portal import access
from portal.actions import notifications
from portal.asked import SignedIn
from portal.models import Notification


@login_required
@require_POST
def open_notification(request: SignedIn, pk: UUID) -> HttpResponse:
    """Marked as read, and on to the page."""
    told = access.read_one(Notification.objects.filter(user=request.user), by=request.actor, pk=pk)
    notifications.open_notification(told, by=request.actor)
    return onward(told)


@login_required
@require_safe
def notification(request: SignedIn, pk: UUID) -> HttpResponse:
    """Where an e-mail leads: its address says nothing of what was told. Reading changes nothing."""
    return onward(access.read_one(Notification.objects.filter(user=request.user), by=request.actor, pk=pk))


def onward(told: Notification) -> HttpResponse:
    """To the page it speaks of: only ever one of ours."""
    is_ours = url_has_allowed_host_and_scheme(told.path, allowed_hosts=None) and told.path.startswith("/")
    return redirect(told.path if is_ours else "/my/")
