"""An event that can't be written takes back what it speaks of: nothing is shown, nothing is done."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from patients.models import Case, Message, Patient
from portal.models import AuditEvent, User
from tests import make

SignIn = Callable[[User | Patient], Client]
STORY = "Canary-story-4711"
# The two ways in which an INSERT falls: an error of the database, and one that looks as if a part were down.
FALLS = {
    "refused": "RAISE EXCEPTION 'no room for this'",
    "full": "RAISE EXCEPTION 'disk full' USING ERRCODE = 'disk_full'",
    "down": "RAISE EXCEPTION 'going down' USING ERRCODE = 'admin_shutdown'",
    "constraint": "RAISE EXCEPTION 'taken' USING ERRCODE = 'unique_violation'",
}


@pytest.fixture
def told(alice: Patient, neurology: object, nadia: User) -> Case:
    return make.make_triaged(make.make_case(alice, neurology, story=STORY), by=nadia, owner=nadia)  # type: ignore[arg-type]


@pytest.fixture(params=sorted(FALLS))
def broken(request: pytest.FixtureRequest, told: Case) -> None:
    """From here on the trail takes nothing in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION fall() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {FALLS[request.param]}; END $$;"
            "CREATE TRIGGER fall BEFORE INSERT ON portal_auditevent FOR EACH ROW EXECUTE FUNCTION fall()"
        )


def quiet(client: Client) -> Client:
    client.raise_request_exception = False
    return client


def pages(case: Case) -> list[str]:
    return ["/my/", f"/my/cases/{case.ref}/", "/my/access-log/", "/my/settings/"]


def test_the_pages_show_it_while_the_trail_is_whole(told: Case, alice: Patient, as_user: SignIn) -> None:
    assert STORY in as_user(alice).get(f"/my/cases/{told.ref}/").content.decode()


@pytest.mark.usefixtures("broken")
def test_what_can_not_be_recorded_is_not_shown(told: Case, alice: Patient, nadia: User, as_user: SignIn) -> None:
    patient, clinician = quiet(as_user(alice)), quiet(as_user(nadia))
    answers = [patient.get(path) for path in pages(told)]
    answers += [clinician.get(path) for path in (f"/cases/{told.ref}/", f"/api/v1/cases/{told.ref}/")]
    assert {answer.status_code for answer in answers} <= {409, 500, 503}
    for answer in answers:
        for secret in (STORY, told.ref, "Alice", "Ash", "Twitching"):
            assert secret.encode() not in answer.content


@pytest.mark.usefixtures("broken")
def test_what_can_not_be_recorded_is_not_done(told: Case, alice: Patient, as_user: SignIn) -> None:
    before = (Message.objects.count(), AuditEvent.objects.count())
    answer = quiet(as_user(alice)).post(f"/my/cases/{told.ref}/say", {"body": "Canary-said-4712"})
    assert answer.status_code in {409, 500, 503}
    assert b"Canary" not in answer.content
    assert (Message.objects.count(), AuditEvent.objects.count()) == before
