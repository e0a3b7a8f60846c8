"""Coming into the record that the clinic has opened: by the address it was sent to, and the date of birth.

Until both are right, the page says nothing of the record, not even whose it is.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from patients.actions import patient_invitations
from patients.forms.invitations import BirthDateForm
from patients.models import PatientInvitation
from portal import keys
from portal.access import SYSTEM, IllegalMove, Refused
from portal.asked import Asked
from portal.keys import WrongKey
from portal.models.invited import State
from portal.views.invitations import answered, closed, is_theirs, sign_in_to, to_sign_up, why


def with_key(key: str) -> PatientInvitation:
    return keys.opened(PatientInvitation.objects.visible_to(SYSTEM), key)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: Asked, key: str) -> HttpResponse:
    try:
        row = with_key(key)
    except WrongKey as wrong:
        return closed(request, why(wrong))
    if row.state is not State.OPEN:
        return closed(request, row.state)
    form = BirthDateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and request.user.is_authenticated and form.is_valid():
        return opened(request, row, key, form)
    return page(request, row, key, form, status=422 if form.errors else 200)


def opened(request: Asked, row: PatientInvitation, key: str, form: BirthDateForm) -> HttpResponse:
    """One try with this date."""
    assert request.user.is_authenticated
    try:
        tried = patient_invitations.accept(row, by=request.user, born_on=form.cleaned_data["born_on"])
    except Refused as refused:
        return answered(request, refused, page(request, row, key, form, status=403))
    except IllegalMove as move:
        form.add_error(None, move.reason)
        return answered(request, move, page(request, row, key, form, status=409))
    if tried.state is State.ACCEPTED:
        messages.success(request, _("This is your record. You can ask the clinic here, and read what it answers."))
        return redirect("patients:home")
    if tried.state is State.REVOKED:
        return closed(request, State.REVOKED)
    form.add_error("born_on", not_that(tried.tries_left))
    return page(request, tried, key, form, status=422)


def not_that(left: int) -> str:
    words = ngettext(
        "This is not the date that the clinic has. You can try %(left)d more time; then the invitation closes.",
        "This is not the date that the clinic has. You can try %(left)d more times.",
        left,
    )
    return words % {"left": left}


def page(request: Asked, row: PatientInvitation, key: str, form: BirthDateForm, status: int) -> HttpResponse:
    context = {"key": key, "theirs": is_theirs(request, row), "form": form, "sign_in": sign_in_to(request.path)}
    return render(request, "patients/invitation.html", context, status=status)


@require_POST
def register(request: Asked, key: str) -> HttpResponse:
    try:
        row = with_key(key)
    except WrongKey as wrong:
        return closed(request, why(wrong))
    return to_sign_up(request, row, request.path.removesuffix("register/"))
