"""People and roles: accounts for who runs the clinic, nobody's record, and nothing for anyone else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from patients.models import Patient
from portal.access import SYSTEM, Role
from portal.acting import acting_as
from portal.actions import accounts
from portal.channels.email import write_mail
from portal.models import Delivery, Department, Invitation, User
from portal.models.deliveries import Purpose
from tests import make

SignIn = Callable[[User | Patient], Client]


@pytest.fixture
def desk(ada: User, as_user: SignIn) -> Client:
    return as_user(ada)


def names(page: Any) -> list[str]:
    return [row.name for row in page.context["rows"]]


def test_staff_are_listed_with_their_roles_and_patients_are_not(desk: Client, nadia: User, alice: Patient) -> None:
    page = desk.get("/manage/people/")
    assert names(page) == ["Nadia North", "Ada Amber"]
    text = page.content.decode()
    assert "Clinician" in text
    assert "Neurology" in text
    assert "Alice Ash" not in text


def test_a_patients_account_is_found_by_its_whole_address_only(desk: Client, alice: Patient, nadia: User) -> None:
    assert alice.user
    for part in ("Alice", "alice", alice.user.email[:-1], "example.org"):
        assert "Alice Ash" not in names(desk.get("/manage/people/", {"q": part}))
    found = desk.get("/manage/people/", {"q": alice.user.email.upper()})
    assert names(found) == ["Alice Ash"]
    page = desk.get(f"/manage/people/{alice.user.pk}/").content.decode()
    assert alice.record_number not in page
    assert "1996" not in page
    assert names(desk.get("/manage/people/", {"q": "north"})) == ["Nadia North"]
    assert names(desk.get("/manage/people/", {"q": nadia.email})) == ["Nadia North"]


def test_nobody_fits(desk: Client) -> None:
    page = desk.get("/manage/people/", {"q": "zzz"})
    assert "Nobody fits this" in page.content.decode()
    assert desk.get("/manage/people/", {"q": "x" * 300}).status_code == 422
    assert desk.get("/manage/people/", {"q": "\u202e"}).status_code == 422


def test_many_accounts_come_by_pages_at_a_constant_cost(desk: Client, neurology: Department, ada: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert desk.get("/manage/people/").status_code == 200
        return len(asked)

    make.make_user("One", role=Role.CLINICIAN, department=neurology)
    make.make_invitation(ada, department=neurology)
    first = cost()
    for number in range(26):
        make.make_user(f"Person {number:02}", role=Role.CLINICIAN, department=neurology)
        make.make_invitation(ada, department=neurology)
    assert cost() == first
    page = desk.get("/manage/people/")
    assert len(names(page)) == 25
    older = desk.get(f"/manage/people/{page.context['pager'].older}")
    assert names(older) == ["Person 00", "One", "Ada Amber"]


PAGES = ("/manage/people/", "/manage/people/invite/", "/manage/people/{user}/")
DEEDS = (
    "/manage/people/{user}/appoint/",
    "/manage/people/{user}/disable/",
    "/manage/people/{user}/enable/",
    "/manage/roles/{role}/end/",
    "/manage/people/invite/",
    "/manage/invitations/{invitation}/resend/",
    "/manage/invitations/{invitation}/revoke/",
)


@pytest.mark.parametrize("who", ["alice", "nadia", "tessa", "curt", "percy", "lou", "visitor"])
def test_only_who_runs_the_whole_clinic_comes_in(
    who: str, request: pytest.FixtureRequest, ada: User, neurology: Department, as_user: SignIn, client: Client
) -> None:
    target = make.make_user("Tara Target", role=Role.CURATOR)
    invitation = make.make_invitation(ada, "ines@example.org", role=Role.CURATOR)
    if who == "lou":
        actor: Any = make.make_user("Lou Lane", role=Role.ADMINISTRATOR, department=neurology)
    else:
        actor = None if who == "visitor" else request.getfixturevalue(who)
    browser = as_user(actor) if actor else client
    ids = {"user": target.pk, "role": target.memberships.get().pk, "invitation": invitation.pk}
    said = {"role": "administrator", "name": "x", "email": "x@example.org"}
    for answer in (
        *(browser.get(page.format(**ids)) for page in PAGES),
        *(browser.post(deed.format(**ids), said) for deed in DEEDS),
    ):
        if who == "visitor":
            assert answer["Location"].startswith("/sign-in/")
        else:
            assert answer.status_code == 403
        assert "Tara" not in answer.content.decode()
    target.refresh_from_db()
    invitation.refresh_from_db()
    assert target.is_active
    assert [(row.role, row.ends_on) for row in target.memberships.all()] == [("curator", None)]
    assert (invitation.state, invitation.times_sent, Invitation.objects.count()) == ("open", 1, 1)


def test_a_deed_is_a_post(desk: Client, nadia: User) -> None:
    ids = {"user": nadia.pk, "role": nadia.memberships.get().pk, "invitation": nadia.pk}
    for deed in DEEDS:
        if deed not in PAGES:
            assert desk.get(deed.format(**ids)).status_code == 405


def test_a_role_is_given_and_ended(desk: Client, curt: User, neurology: Department) -> None:
    path = f"/manage/people/{curt.pk}/"
    given = desk.post(f"{path}appoint/", {"role": "clinician", "department": neurology.pk}, follow=True)
    assert "Appointed: Clinician, Neurology." in given.content.decode()
    membership = curt.memberships.get(role="clinician")
    ended = desk.post(f"/manage/roles/{membership.pk}/end/", follow=True)
    assert "closed from now on" in ended.content.decode()
    assert [role.role for role in ended.context["person"].roles_now] == ["curator"]


def test_a_role_must_be_chosen_and_what_was_chosen_is_kept(desk: Client, curt: User, neurology: Department) -> None:
    page = desk.post(f"/manage/people/{curt.pk}/appoint/", {"role": "", "department": neurology.pk})
    assert page.status_code == 422
    assert "Choose a role." in page.content.decode()
    assert f'value="{neurology.pk}" selected' in page.content.decode()
    for wrong in ({"role": "patient"}, {"role": "clinician", "department": curt.pk}, {"role": "x" * 500}):
        assert desk.post(f"/manage/people/{curt.pk}/appoint/", wrong).status_code == 422
    assert curt.memberships.count() == 1


def test_the_page_says_why_it_did_not(desk: Client, ada: User) -> None:
    path = f"/manage/people/{ada.pk}/"
    for deed in (f"{path}appoint/", f"{path}disable/", f"/manage/roles/{ada.memberships.get().pk}/end/"):
        answer = desk.post(deed, {"role": "clinician"})
        assert answer.status_code == 409
        assert "Nothing was changed" in answer.content.decode()
    ada.refresh_from_db()
    assert ada.is_active
    assert ada.memberships.current().count() == 1


def test_an_account_is_closed_and_opened(desk: Client, nadia: User) -> None:
    page = desk.post(f"/manage/people/{nadia.pk}/disable/", follow=True).content.decode()
    assert "Closed account" in page
    assert "Open it again" in page
    assert not User.objects.get(pk=nadia.pk).is_active
    desk.post(f"/manage/people/{nadia.pk}/enable/")
    assert User.objects.get(pk=nadia.pk).is_active


def test_inviting_from_the_page(desk: Client, ada: User, neurology: Department) -> None:
    said = {"name": " Ines  Inman ", "email": "Ines@Example.org", "role": "triage", "department": neurology.pk}
    wrong = desk.post("/manage/people/invite/", {**said, "email": "not an address"})
    assert wrong.status_code == 422
    assert 'value="not an address"' in wrong.content.decode()
    page = desk.post("/manage/people/invite/", said, follow=True).content.decode()
    assert "on its way to ines@example.org" in page
    row = Invitation.objects.get()
    assert (row.name, row.email, row.role, row.department) == ("Ines Inman", "ines@example.org", "triage", neurology)
    again = desk.post("/manage/people/invite/", said)
    assert again.status_code == 409
    assert "invited to this already" in again.content.decode()
    own = desk.post("/manage/people/invite/", {**said, "email": ada.email})
    assert own.status_code == 409
    assert Invitation.objects.count() == 1


def test_an_invitation_is_sent_again_and_taken_back(desk: Client, ada: User) -> None:
    row = make.make_invitation(ada, "ines@example.org")
    assert "Sent again" in desk.post(f"/manage/invitations/{row.pk}/resend/", follow=True).content.decode()
    row.refresh_from_db()
    assert row.times_sent == 2
    page = desk.post(f"/manage/invitations/{row.pk}/revoke/", follow=True)
    assert "Taken back" in page.content.decode()
    assert list(page.context["invitations"]) == []
    assert desk.post(f"/manage/invitations/{row.pk}/resend/").status_code == 409


def test_an_administrator_lands_here(desk: Client) -> None:
    assert desk.get("/start/")["Location"] == "/manage/people/"


def test_a_lost_second_step_is_reset_and_told(desk: Client, ada: User, nadia: User) -> None:
    with acting_as(SYSTEM):
        accounts.give_authenticator(nadia, by=SYSTEM, secret="A" * 32)
    assert desk.post(f"/manage/people/{nadia.pk}/second-step/reset/").status_code == 302
    assert not Authenticator.objects.filter(user=nadia).exists()
    mail = write_mail(Delivery.objects.get(recipient=nadia, purpose=Purpose.ACCOUNT_CHANGED)).message().as_string()
    assert "An administrator took away your passkeys" in " ".join(mail.replace("=\n", "").split())
    again = desk.post(f"/manage/people/{nadia.pk}/second-step/reset/")
    assert again.status_code == 409
    assert "no second step to reset" in again.content.decode()
    assert desk.post(f"/manage/people/{ada.pk}/second-step/reset/").status_code == 409
