"""Who works here: accounts and their roles, for who runs the clinic. Accounts only, never anybody's record.

Patients' accounts are not listed: one is found by its whole address, so that nobody leafs through them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from portal import access
from portal.access import IllegalMove, Permission, Refused, Role
from portal.actions import accounts as account_verbs
from portal.actions import departments
from portal.asked import SignedIn
from portal.forms import PLAIN
from portal.models import Department, Invitation, Membership, User
from portal.models.accounts import MembershipQuerySet, UserQuerySet
from portal.models.departments import DepartmentQuerySet
from portal.models.invitations import InvitationQuerySet
from portal.paging import Pager

INVITATIONS_SHOWN = 50
ROLES = [(role.value, label) for role, label in access.ROLE_LABELS.items() if role is not Role.PATIENT]


class SearchForm(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Name or e-mail address"), max_length=254, validators=[PLAIN], required=False
    )


class AppointForm(forms.Form):
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[("", gettext_lazy("Choose a role")), *ROLES],
        error_messages={"required": gettext_lazy("Choose a role.")},
    )
    department: forms.ModelChoiceField[Department] = forms.ModelChoiceField(
        label=gettext_lazy("Where"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("The whole clinic"),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Department]", self.fields["department"]).queryset = departments_for(by)

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


def departments_for(by: User) -> DepartmentQuerySet:
    return Department.objects.visible_to(by).order_by("name")


def must_run_the_clinic(request: SignedIn) -> None:
    """Of one department is not enough: accounts are the whole clinic's."""
    if not access.reach(request.actor, Permission.MEMBERSHIP_GRANT).whole_clinic:
        raise Refused("open people and roles")


@login_required
@require_safe
def accounts(request: SignedIn) -> HttpResponse:
    must_run_the_clinic(request)
    form = SearchForm(request.GET)
    asked = " ".join(form.cleaned_data["q"].split()) if form.is_valid() else ""
    pager = Pager(request.GET)
    rows = access.read_many(found(asked) if form.is_valid() else nobody(), by=request.actor, page=pager)
    context = {
        "nav": "people",
        "form": form,
        "q": asked,
        "rows": rows,
        "pager": pager,
        "invitations": access.read_many(waiting(), by=request.actor, page=lambda r: list(r[:INVITATIONS_SHOWN])),
    }
    return render(request, "portal/people.html", context, status=200 if form.is_valid() else 422)


def found(asked: str) -> UserQuerySet:
    """Staff by a part of name or address; anybody else by the whole address."""
    is_staff = Exists(Membership.objects.filter(user=OuterRef("pk")))
    like = Q(name__icontains=asked) | Q(email__icontains=asked)
    wanted = Q(is_staff) & like | Q(email__iexact=asked) if asked else Q(is_staff)
    rows: UserQuerySet = with_roles().filter(wanted)
    return rows


def nobody() -> UserQuerySet:
    rows: UserQuerySet = User.objects.none()
    return rows


def with_roles() -> UserQuerySet:
    now: MembershipQuerySet = Membership.objects.current().select_related("department").order_by("created_at")
    rows: UserQuerySet = User.objects.prefetch_related(Prefetch("memberships", queryset=now, to_attr="roles_now"))
    return rows


def waiting() -> InvitationQuerySet:
    rows: InvitationQuerySet = Invitation.objects.unanswered().select_related("invited_by", "department")
    return rows.order_by("-created_at")


@login_required
@require_safe
def account(request: SignedIn, pk: UUID) -> HttpResponse:
    must_run_the_clinic(request)
    return show(request, pk, AppointForm(by=request.user))


def show(request: SignedIn, pk: UUID, form: AppointForm, status: int = 200, problem: str = "") -> HttpResponse:
    person = access.read_one(with_roles(), by=request.actor, pk=pk)
    context = {"nav": "people", "person": person, "form": form, "is_self": person == request.user, "problem": problem}
    return render(request, "portal/person.html", context, status=status)


def refused(request: Any, pk: UUID, move: IllegalMove, form: AppointForm | None = None) -> HttpResponse:
    """The page again, with why; the middleware takes back what was begun, and writes the refusal down."""
    request.refusal = move
    return show(request, pk, form or AppointForm(by=request.user), 409, move.reason)


@login_required
@require_POST
def appoint(request: SignedIn, pk: UUID) -> HttpResponse:
    must_run_the_clinic(request)
    form = AppointForm(request.POST, by=request.user)
    if not form.is_valid():
        return show(request, pk, form, 422)
    person = access.read_one(User.objects.all(), by=request.actor, pk=pk)
    said = form.cleaned_data
    try:
        departments.appoint(person, by=request.user, role=said["role"], department=said["department"])
    except IllegalMove as move:
        return refused(request, pk, move, form)
    where = str(said["department"] or _("the whole clinic"))
    return back(request, pk, _("Appointed: %(role)s, %(where)s.") % {"role": said["role"].label, "where": where})


@login_required
@require_POST
def dismiss(request: SignedIn, pk: UUID) -> HttpResponse:
    """`pk` is the membership's."""
    must_run_the_clinic(request)
    membership = access.read_one(Membership.objects.select_related("user"), by=request.actor, pk=pk)
    try:
        departments.dismiss(membership, by=request.user)
    except IllegalMove as move:
        return refused(request, membership.user_id, move)
    if membership.user == request.user:
        return redirect("portal:landing")
    return back(request, membership.user_id, _("Ended. What it opened is closed from now on, on open pages too."))


@login_required
@require_POST
def disable(request: SignedIn, pk: UUID) -> HttpResponse:
    done = _("Closed: nobody can sign in to this account until you open it again.")
    return to_account(request, pk, account_verbs.disable, done)


@login_required
@require_POST
def reset_second_factor(request: SignedIn, pk: UUID) -> HttpResponse:
    done = _("Reset: with their password they set up a new second step. They are told by mail.")
    return to_account(request, pk, account_verbs.reset_second_factor, done)


@login_required
@require_POST
def enable(request: SignedIn, pk: UUID) -> HttpResponse:
    done = _("Open again: they sign in as before, with the roles they still have.")
    return to_account(request, pk, account_verbs.enable, done)


def to_account(request: SignedIn, pk: UUID, do: Callable[..., User], done: str) -> HttpResponse:
    """Do this to the account, and say so; or the page again, with why not."""
    must_run_the_clinic(request)
    person = access.read_one(User.objects.all(), by=request.actor, pk=pk)
    try:
        do(person, by=request.user)
    except IllegalMove as move:
        return refused(request, pk, move)
    return back(request, pk, done)


def back(request: HttpRequest, pk: UUID, done: str) -> HttpResponse:
    messages.success(request, done)
    return redirect("portal:person", pk)
