"""Who trusts me: offers to answer, whose record to look at, and the way back. No record of one's own is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from patients.actions import related_people
from patients.models import RelatedPerson
from patients.models.related_people import RelatedPersonQuerySet
from patients.views import looking
from patients.views.own import CHOICE, chosen, given_to, page, record_of
from portal import access
from portal.asked import SignedIn


@dataclass(frozen=True, slots=True)
class Offer:
    """What one person offers or gives, as it is shown to who gets it."""

    row: RelatedPerson

    @property
    def may(self) -> list[str]:
        return looking.words(self.row.scopes)

    @property
    def until(self) -> date:
        return looking.until(self.row)


@login_required
@require_safe
def trusting(request: SignedIn) -> HttpResponse:
    found = [Offer(given) for given in given_to(request)]
    now = chosen(request)
    request.given = now if now and not now.is_over else None  # type: ignore[attr-defined]
    context = {
        "offers": [offer for offer in found if offer.row.account_id is None],
        "standing": [offer for offer in found if offer.row.account_id],
        "looking_at": now.pk if now else None,
        "has_record": record_of(request) is not None,
    }
    return page(request, None, "trusting", "", context)


@login_required
@require_safe
def offer(request: SignedIn, pk: UUID) -> HttpResponse:
    """What is offered, by whom and until when, before one says yes or no."""
    given = access.read_one(to(request), by=request.actor, pk=pk)
    context = {"offer": Offer(given), "is_open": given.account_id is None and not given.is_over}
    return page(request, None, "trust_offer", "", context)


@login_required
@require_POST
def accept(request: SignedIn, pk: UUID) -> HttpResponse:
    given = related_people.accept(access.read_one(to(request), by=request.actor, pk=pk), by=request.user)
    said = _("Thank you. %(name)s is told, and sees in their own record what you look at and when.")
    messages.success(request, said % {"name": given.patient_name})
    return redirect("patients:trusting")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def step_back(request: SignedIn, pk: UUID) -> HttpResponse:
    """Say no to an offer, or give back what one has accepted: asked once more on a page of its own."""
    given = access.read_one(to(request), by=request.actor, pk=pk)
    if request.method != "POST":
        return page(request, None, "trust_step_back", "", {"offer": Offer(given)})
    related_people.step_back(given, by=request.user)
    if request.session.get(CHOICE) == str(given.pk):
        del request.session[CHOICE]
    messages.success(request, _("Done. You see nothing of %(name)s's record.") % {"name": given.patient_name})
    return redirect("patients:trusting")


@login_required
@require_POST
def look(request: SignedIn, pk: UUID) -> HttpResponse:
    """From here on the pages show this person's record, until one goes back."""
    given = access.read_one(to(request).standing(), by=request.actor, pk=pk)
    request.session[CHOICE] = str(given.pk)
    return redirect("patients:home")


@login_required
@require_POST
def look_back(request: SignedIn) -> HttpResponse:
    """To one's own record, or for who has none to those who trust them."""
    request.session.pop(CHOICE, None)
    return redirect("patients:home")


def to(request: SignedIn) -> RelatedPersonQuerySet:
    """What is given to this account or offered to its address; never what one gives oneself."""
    return RelatedPerson.objects.given_to(request.user)
