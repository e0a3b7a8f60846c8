"""For the privacy officer: every record that was opened in an emergency, and what was found when looking into it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinicians.actions import emergencies
from clinicians.api.forms.emergencies import ReviewForm
from patients.models import BrokenGlass, GlassReview
from portal import access
from portal.access import IllegalMove, Permission, Refused
from portal.asked import SignedIn
from portal.models.record import RecordQuerySet
from portal.paging import Pager


@login_required
@require_safe
def list_emergencies(request: SignedIn) -> HttpResponse:
    """Newest first; with `waiting`, those that nobody has looked into."""
    must_watch(request)
    pager, only_waiting = Pager(request.GET), request.GET.get("waiting") == "1"
    rows = access.read_many(waiting() if only_waiting else every(), by=request.actor, page=pager)
    found = reviews_of(request, rows)
    shown = [{"glass": row, "review": found.get(row.pk)} for row in rows]
    context = {"nav": "emergencies", "rows": shown, "pager": pager, "only_waiting": only_waiting}
    return render(request, "clinicians/emergencies.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: SignedIn, pk: UUID) -> HttpResponse:
    """One of them, and the form to write down what was found."""
    must_watch(request)
    glass = access.read_one(every(), by=request.actor, pk=pk)
    form, unsent = ReviewForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            emergencies.review(glass, by=request.user, **form.cleaned_data)
        except IllegalMove as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            form.add_error(None, refusal.reason)
            unsent = form.cleaned_data["note"]
        else:
            messages.success(request, _("Written down. It stands beside the opening from now on."))
            return redirect("clinicians:emergencies")
    review = reviews_of(request, [glass]).get(pk)
    # Where nobody was first, the form itself holds what was typed.
    unsent = unsent if review else ""
    context = {"nav": "emergencies", "glass": glass, "review": review, "form": form, "unsent": unsent}
    status = 409 if unsent else 422 if form.errors else 200
    return render(request, "clinicians/emergency_review.html", context, status=status)


def must_watch(request: SignedIn) -> None:
    if not access.has(request.actor, Permission.GLASS_REVIEW):
        raise Refused("watch over emergencies")


def every() -> RecordQuerySet[BrokenGlass]:
    return BrokenGlass.objects.select_related("account")


def waiting() -> RecordQuerySet[BrokenGlass]:
    return every().filter(review=None)


def reviews_of(request: SignedIn, glasses: Sequence[BrokenGlass]) -> dict[UUID, GlassReview]:
    rows = access.read_many(
        GlassReview.objects.filter(glass__in=[glass.pk for glass in glasses]).select_related("reviewed_by", "glass"),
        by=request.actor,
    )
    return {row.glass_id: row for row in rows}
