"""A token stands for its account under /api/ and nowhere else, and ends with what it stands on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.utils import timezone

from patients.models import Case, Patient
from portal.access import SYSTEM, Role
from portal.acting import acting_as
from portal.actions import accounts, departments
from portal.models import ApiToken, AuditEvent, User
from portal.models.api_tokens import Scope
from portal.timeouts import SEEN
from portal.tokens import MOST
from tests import make
from tests.portal.entering import with_app

SignIn = Callable[[User | Patient], Client]
CLINIC = "/api/v1/clinic/"
pytestmark = pytest.mark.django_db


def program(secret: str) -> Client:
    """Without cookies, and as strict as a real one."""
    return Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret}"})


def test_it_reads_and_writes_as_its_account_and_the_trail_says_how(triaged: Case, nadia: User) -> None:
    token, secret = make.make_token(nadia)
    desk = program(secret)
    told = desk.get(f"/api/v1/cases/{triaged.ref}/")
    assert told.status_code == 200
    assert not told.cookies
    said = {"patient": str(triaged.patient_id), "seen": told.json()["seen"], "owner": ""}
    assert desk.post(f"/api/v1/cases/{triaged.ref}/assign/", said, "application/json").status_code == 200
    event = AuditEvent.objects.get(name="cases.assign")
    assert (event.actor_id, event.actor_name) == (nadia.pk, "token")
    token.refresh_from_db()
    assert token.last_used_on == timezone.localdate()
    assert secret not in str(ApiToken.objects.values())


def test_one_for_reading_writes_nothing(triaged: Case, nadia: User) -> None:
    _token, secret = make.make_token(nadia, Scope.READ)
    assert program(secret).get(CLINIC).status_code == 200
    refused = program(secret).post(f"/api/v1/cases/{triaged.ref}/close/", {}, "application/json")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")


def test_it_opens_no_page_and_no_session(triaged: Case, nadia: User) -> None:
    _token, secret = make.make_token(nadia)
    client = program(secret)
    for path in ("/clinic/", f"/cases/{triaged.ref}/", "/account/tokens/", "/start/"):
        assert client.get(path, HTTP_ACCEPT="text/html")["Location"].startswith("/sign-in/"), path
    assert client.get(CLINIC).status_code == 200
    assert "sessionid" not in client.cookies


def test_with_a_cookie_beside_it_the_token_counts(nadia: User, karl: User, as_user: SignIn, triaged: Case) -> None:
    """And the session is neither used nor ended by it."""
    browser = as_user(karl)
    _token, secret = make.make_token(nadia)
    case = f"/api/v1/cases/{triaged.ref}/"
    assert browser.get(case).status_code == 404
    assert browser.get(case, HTTP_AUTHORIZATION=f"Bearer {secret}").status_code == 200
    assert browser.get(case, HTTP_AUTHORIZATION="Bearer wrong").status_code == 401
    assert browser.get(case).status_code == 404
    assert SEEN in browser.session


def test_what_ends_it(neurology: Any, nadia: User, ada: User) -> None:
    def in_a_new_clinic(name: str) -> tuple[User, Client]:
        user = make.make_user(name, role=Role.CLINICIAN, department=neurology)
        client = program(make.make_token(user)[1])
        assert client.get(CLINIC).status_code == 200
        return user, client

    closed, by_closed = in_a_new_clinic("Clara")
    dismissed, by_dismissed = in_a_new_clinic("Dan")
    renewed, by_renewed = in_a_new_clinic("Rena")
    with acting_as(ada):
        accounts.disable(closed, by=ada)
        departments.dismiss(dismissed.memberships.get(), by=ada)
    renewed.set_password("quite-another-password")
    renewed.save()
    assert [one.get(CLINIC).status_code for one in (by_closed, by_dismissed, by_renewed)] == [401, 403, 401]
    with acting_as(ada):
        accounts.enable(closed, by=ada)
    assert by_closed.get(CLINIC).status_code == 401, "opened again, it has no tokens"
    token, secret = make.make_token(nadia)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert program(secret).get(CLINIC).status_code == 401
    assert program(secret).get(CLINIC).status_code == 200
    ApiToken.objects.filter(pk=token.pk).revoke()
    answer = program(secret).get(CLINIC)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


def test_a_reset_second_factor_takes_the_tokens_along(ada: User, nadia: User) -> None:
    _token, secret = make.make_token(nadia)
    with acting_as(SYSTEM):
        accounts.give_authenticator(nadia, by=SYSTEM, secret="JBSWY3DPEHPK3PXP")
    with acting_as(ada):
        accounts.reset_second_factor(nadia, by=ada)
    assert program(secret).get(CLINIC).status_code == 401


def test_wrong_ones_are_counted(nadia: User) -> None:
    _token, secret = make.make_token(nadia)
    wrong = program("fsc_" + "x" * 43)
    codes = [wrong.get(CLINIC).status_code for _try in range(MOST + 2)]
    assert codes == [401] * MOST + [429] * 2
    assert program(secret).get(CLINIC).status_code == 200, "a good one is no guess"


def test_over_http_a_program_is_refused_and_not_led_on(nadia: User) -> None:
    _token, secret = make.make_token(nadia)
    with override_settings(SECURE_SSL_REDIRECT=True):
        plain, secured = program(secret).get(CLINIC), program(secret).get(CLINIC, secure=True)
    assert (plain.status_code, plain["Content-Type"]) == (403, "application/problem+json")
    assert secured.status_code == 200


def test_no_token_lives_longer_than_a_year(nadia: User) -> None:
    with pytest.raises(IntegrityError, match="token_ends"), transaction.atomic():
        make.make_token(nadia, life=timedelta(days=400))


def test_making_one_shows_its_secret_once(nadia: User, as_user: SignIn) -> None:
    desk, page = as_user(nadia), "/account/tokens/"
    made = desk.post(page, {"name": " Ward  screen ", "scope": "read", "days": "90"})
    assert made.status_code == 201
    token = ApiToken.objects.get(name="Ward screen")
    secret = made.context["secret"]
    assert f">{secret}<" in made.content.decode()
    assert secret not in desk.get(page).content.decode()
    assert token.prefix in desk.get(page).content.decode()
    assert program(secret).get(CLINIC).status_code == 200
    twice = desk.post(page, {"name": "Ward screen", "scope": "read", "days": "90"})
    assert (twice.status_code, ApiToken.objects.count()) == (409, 1)
    assert desk.post(page, {"name": "", "scope": "all", "days": "9999"}).status_code == 422
    assert desk.post(f"{page}{token.pk}/revoke/").status_code == 302
    assert program(secret).get(CLINIC).status_code == 401


def test_who_shows_nothing_again_makes_none(nadia: User, as_user: SignIn) -> None:
    """Neither one who has nothing to show, nor one who has: both sign in anew, or show it again."""
    desk = as_user(nadia)
    session = desk.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    assert desk.post("/account/tokens/", {"name": "X", "scope": "write", "days": "30"}).status_code == 302
    with_app(nadia)
    desk = as_user(nadia)
    session = desk.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    asked = desk.post("/account/tokens/", {"name": "X", "scope": "write", "days": "30"})
    assert asked["Location"].startswith("/account/sign-in-again/")
    assert not ApiToken.objects.exists()


def test_nobody_revokes_or_sees_anothers(nadia: User, karl: User, alice: Patient, as_user: SignIn) -> None:
    token, _secret = make.make_token(nadia)
    assert as_user(karl).post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    assert token.name not in as_user(karl).get("/account/tokens/").content.decode()
    assert as_user(alice).get("/account/tokens/").status_code in (302, 403)
    token.refresh_from_db()
    assert token.revoked_at is None
