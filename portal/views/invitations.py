"""The page to which an invitation's link leads: what it is, and the way to an account that may accept it.

It tells a visitor that the clinic invites, and nothing of the row: a link may be in the wrong hands.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal import access, keys
from portal.access import SYSTEM, IllegalMove, Permission, Refused
from portal.actions import invitations
from portal.asked import Asked
from portal.keys import KeyTooOld, WrongKey
from portal.models import Invitation, User
from portal.models.invited import Invited, State

WRONG = "wrong"
# A link that opens nothing is one that is not there (any more).
STATUS = {WRONG: 404, State.EXPIRED: 410, State.ACCEPTED: 410, State.REVOKED: 410}


def with_key(key: str) -> Invitation:
    rows = Invitation.objects.visible_to(SYSTEM).select_related("invited_by", "department")
    return keys.opened(rows, key)


@never_cache
@require_safe
def invitation(request: Asked, key: str) -> HttpResponse:
    try:
        row = with_key(key)
    except WrongKey as wrong:
        return closed(request, why(wrong))
    if row.state is not State.OPEN:
        return closed(request, row.state)
    return page(request, row, key, is_theirs(request, row))


def page(request: Asked, row: Invitation, key: str, theirs: bool, problem: str = "", status: int = 200) -> HttpResponse:
    context = {"row": row, "key": key, "theirs": theirs, "problem": problem, "sign_in": sign_in_to(request.path)}
    return render(request, "portal/invitation.html", context, status=status)


def is_theirs(request: Asked, row: Invited) -> bool:
    """Whether who is signed in has confirmed the address to which this was sent."""
    return request.user.is_authenticated and access.can(request.actor, Permission.INVITATION_ACCEPT, row)


@require_POST
def accept(request: Asked, key: str) -> HttpResponse:
    if not request.user.is_authenticated:
        # Signed out meanwhile: back to the page with the button, not to the address that it posts to.
        return redirect(sign_in_to(request.path.removesuffix("accept/")))
    try:
        row = with_key(key)
    except WrongKey as wrong:
        return closed(request, why(wrong))
    if row.state is not State.OPEN:
        return closed(request, row.state)
    try:
        membership = invitations.accept(row, by=request.user)
    except Refused as refused:
        return answered(request, refused, page(request, row, key, theirs=False, status=403))
    except IllegalMove as move:
        return answered(request, move, page(request, row, key, theirs=True, problem=move.reason, status=409))
    messages.success(request, welcome(membership.role, row))
    return redirect("portal:landing")


def welcome(role: str, row: Invitation) -> str:
    where = str(row.department) if row.department else _("the whole clinic")
    return _("Welcome. You are now: %(role)s, %(where)s.") % {"role": access.Role(role).label, "where": where}


def answered(request: Any, refusal: access.Refusal, response: HttpResponse) -> HttpResponse:
    """A page of its own for what was refused; the middleware rolls back and writes the refusal down."""
    request.refusal = refusal
    return response


@require_POST
def register(request: Asked, key: str) -> HttpResponse:
    """To the sign-up page, with the address that the invitation was sent to: who has the key has its mail."""
    try:
        row = with_key(key)
    except WrongKey as wrong:
        return closed(request, why(wrong))
    return to_sign_up(request, row, request.path.removesuffix("register/"))


def to_sign_up(request: HttpRequest, row: Invited, back: str) -> HttpResponse:
    if row.state is not State.OPEN:
        return closed(request, row.state)
    if User.objects.visible_to(SYSTEM).filter(email__iexact=row.email).exists():
        messages.info(request, _("There is an account with this address already. Sign in to accept the invitation."))
        return redirect(sign_in_to(back))
    get_adapter().stash_verified_email(request, row.email)
    return redirect(f"/register/?{urlencode({'next': back})}")


def sign_in_to(path: str) -> str:
    return f"/sign-in/?{urlencode({'next': path})}"


def why(wrong: WrongKey) -> str:
    return State.EXPIRED if isinstance(wrong, KeyTooOld) else WRONG


def closed(request: HttpRequest, state: str) -> HttpResponse:
    """What happened to it, and what to do."""
    return render(request, "portal/invitation_closed.html", {"state": str(state)}, status=STATUS[state])
