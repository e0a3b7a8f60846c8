"""Which state of a case was read (ETag, If-Match), and a post that is done once (Idempotency-Key)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from patients.models import Case, FollowUp, Message, Patient
from portal.models import AuditEvent, KeptAnswer, User
from portal.tasks import let_go
from tests import make
from tests.access.test_races import race
from tests.portal.test_api_tokens import program

SignIn = Callable[[User | Patient], Client]
pytestmark = pytest.mark.django_db
THIRTY = 30


def post(client: Client, case: Case, verb: str, said: dict[str, Any], **headers: str) -> Any:
    sent = {"patient": str(case.patient_id), **said}
    return client.post(f"/api/v1/cases/{case.ref}/{verb}/", sent, "application/json", headers=headers)


def tag(client: Client, case: Case) -> str:
    return str(client.get(f"/api/v1/cases/{case.ref}/")["ETag"])


def test_if_match_says_what_was_read(triaged: Case, nadia: User, as_user: SignIn) -> None:
    desk = as_user(nadia)
    read = tag(desk, triaged)
    unsaid = post(desk, triaged, "assign", {"owner": ""})
    assert (unsaid.status_code, unsaid.json()["status"]) == (428, 428)
    assert post(desk, triaged, "assign", {"owner": ""}, **{"If-Match": "*"}).status_code == 428
    assert post(desk, triaged, "assign", {"owner": ""}, **{"If-Match": f"W/{read}"}).status_code == 428
    assert post(desk, triaged, "assign", {"owner": ""}, **{"If-Match": f'"other", {read}'}).status_code == 200
    late = post(desk, triaged, "assign", {"owner": ""}, **{"If-Match": read})
    assert (late.status_code, late["Content-Type"]) == (412, "application/problem+json")
    assert tag(desk, triaged).startswith(late["ETag"].rstrip('"'))
    assert AuditEvent.objects.get(kind="refusal").outcome == "changed"
    assert post(desk, triaged, "assign", {"owner": ""}, **{"If-Match": late["ETag"]}).status_code == 200


def test_it_is_asked_of_rows_of_the_case_too(triaged: Case, nadia: User, as_user: SignIn) -> None:
    desk, row = as_user(nadia), make.make_followup(triaged, by=nadia)
    read = tag(desk, triaged)
    make.make_message(triaged)
    sent = {"patient": str(triaged.patient_id), "evidence": "attended", "note": ""}
    path = f"/api/v1/follow-ups/{row.pk}/close/"
    assert desk.post(path, sent, "application/json", headers={"If-Match": read}).status_code == 412
    assert desk.post(path, sent, "application/json").status_code == 200


def test_who_has_it_is_not_told_again_and_a_new_result_is_news(triaged: Case, nadia: User, as_user: SignIn) -> None:
    desk, path = as_user(nadia), f"/api/v1/cases/{triaged.ref}/"
    read = tag(desk, triaged)
    same = desk.get(path, headers={"If-None-Match": read})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", read)
    make.make_result(triaged, by=nadia)
    news = desk.get(path, headers={"If-None-Match": read})
    assert news.status_code == 200
    assert news["ETag"] != read
    # And yet a reply may be sent: nothing was said since.
    assert post(desk, triaged, "assign", {"owner": ""}, **{"If-Match": read}).status_code == 200


def plan(desk: Client, case: Case, key: str, kind: str = "call") -> Any:
    return post(
        desk, case, "follow-ups/plan", {"period": "3m", "kind": kind, "reason": "?"}, **{"Idempotency-Key": key}
    )


def test_the_same_post_twice_is_done_once(triaged: Case, nadia: User, as_user: SignIn) -> None:
    desk = as_user(nadia)
    first, second = plan(desk, triaged, "one"), plan(desk, triaged, '"one"')
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert FollowUp.objects.count() == 1
    # Said again, it is on record whose it is.
    assert AuditEvent.objects.get(name="read portal.keptanswer").people == [triaged.patient_id]
    assert plan(desk, triaged, "one", kind="visit").status_code == 422, "another question with this key"
    assert plan(desk, triaged, "two", kind="visit").status_code == 201
    for wrong in ("", "x" * 256, "with blank", "é"):
        assert plan(desk, triaged, wrong or " ", kind="laboratory").status_code == 400, wrong


def test_a_key_is_its_accounts(triaged: Case, nadia: User, cora: User, as_user: SignIn) -> None:
    assert plan(as_user(nadia), triaged, "one").status_code == 201
    assert plan(as_user(cora), triaged, "one").status_code == 409, "promised already: nothing is told of the first"
    _token, secret = make.make_token(nadia)
    assert plan(program(secret), triaged, "one")["Idempotent-Replayed"] == "true"


def test_a_refusal_is_not_kept(triaged: Case, nadia: User, as_user: SignIn) -> None:
    desk = as_user(nadia)
    assert plan(desk, triaged, "one", kind="nothing").status_code == 422
    assert plan(desk, triaged, "one").status_code == 201
    assert plan(desk, triaged, "two").status_code == 409
    assert KeptAnswer.objects.count() == 1


def test_after_a_day_it_is_let_go_of(triaged: Case, nadia: User, as_user: SignIn) -> None:
    desk = as_user(nadia)
    plan(desk, triaged, "one")
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        again = as_user(nadia)
        assert plan(again, triaged, "one", kind="visit").status_code == 201, "a new day, a new question"
    plan(desk, triaged, "old", kind="laboratory")
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    let_go()
    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_thirty_at_once_are_one(triaged: Case, nadia: User) -> None:
    secrets = [make.make_token(nadia)[1] for _two in range(2)]
    read = tag(program(secrets[0]), triaged)
    outcomes = {str(question.pk): "answered" for question in triaged.questions.all()}
    said = {"body": "Once.", "safety_net": "Call us.", "outcomes": outcomes}
    headers = {"If-Match": read, "Idempotency-Key": "reply-1"}

    def ask(number: int) -> Callable[[], Any]:
        return lambda: post(program(secrets[number % 2]), triaged, "reply", said, **headers)

    answers = race([ask(number) for number in range(THIRTY)])
    codes = Counter(answer.status_code for answer in answers)
    assert set(codes) <= {201, 409}, codes
    assert Message.objects.filter(body="Once.").count() == 1
    assert sum("Idempotent-Replayed" not in answer for answer in answers if answer.status_code == 201) == 1
    assert post(program(secrets[0]), triaged, "reply", said, **headers)["Idempotent-Replayed"] == "true"
