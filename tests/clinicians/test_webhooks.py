"""Other systems are told that something happened: once, signed, no word of what, and nothing that was undone."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

import patients.models
from clinicians.actions import webhooks
from clinicians.models import Occurrence, Webhook, WebhookDelivery
from clinicians.models.webhooks import KIND_WORDS, KINDS, State
from clinicians.tasks import let_go, send_webhooks
from patients.models import Case, Patient
from portal import masonry, outbound
from portal.access import IllegalMove
from portal.channels.signatures import signature
from portal.models import Department, User
from portal.verbs import VERBS
from tests import make
from tests.portal.test_outbound import HOST, certificate, here, receiver, status

__all__ = ["certificate", "here"]

SignIn = Callable[[User | Patient], Client]
pytestmark = pytest.mark.django_db


def test_every_kind_comes_from_a_verb_or_is_told_by_hand() -> None:
    assert set(KINDS.values()) == set(KIND_WORDS)
    by_hand = {name for name in KINDS if name not in VERBS}
    if hasattr(patients.models, "RedFlag"):
        told = Path("patients/actions/red_flags.py").read_text()
        assert [name for name in by_hand if f'occurrences.tell("{name}"' not in told] == []
    assert by_hand <= {"red_flags.raise_flag"}


def test_what_happens_to_a_case_is_told_in_order(
    case: Case, nadia: User, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.make_webhook(ada)
    make.make_triaged(case, by=nadia, owner=nadia)
    make.make_message(case)
    make.make_reply(case, by=nadia)
    make.make_released(make.make_result(case, by=nadia), by=nadia)
    make.make_followup(case, by=nadia)
    sent = record(monkeypatch)
    assert send_webhooks() == 6
    assert [one["type"] for one in sent] == [
        "case.opened", "case.triaged", "case.message_received", "case.replied", "result.released", "followup.planned",
    ]  # fmt: skip
    assert sent[0]["data"] == {"case": case.ref, "case_id": str(case.pk), "department": "neurology"}
    text = json.dumps(sent)
    assert [word for word in ("Alice", "twitch", "Panel", "visit", case.title) if word in text] == []
    assert send_webhooks() == 0
    assert not Occurrence.objects.exists()


def record(monkeypatch: pytest.MonkeyPatch, code: int = 204) -> list[dict[str, Any]]:
    """In place of the line out: what went, and each answered with this code."""
    sent: list[dict[str, Any]] = []

    def post(url: str, body: bytes, headers: Any) -> int:
        sent.append({**json.loads(body), "id": headers["webhook-id"]})
        return code

    monkeypatch.setattr(outbound, "post", post)
    return sent


def test_only_what_it_asks_for(case: Case, cardiology: Department, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make.make_webhook(ada, kinds=["case.replied"])
    make.make_webhook(ada, department=cardiology)
    paused = make.make_webhook(ada)
    Webhook.objects.filter(pk=paused.pk).update(paused_at=timezone.now())
    record(monkeypatch)
    assert Occurrence.objects.get().kind == "case.opened"
    assert send_webhooks() == 0
    assert not WebhookDelivery.objects.exists()


def test_what_was_undone_never_happened(alice: Patient, neurology: Department) -> None:
    with transaction.atomic():
        make.make_case(alice, neurology)
        transaction.set_rollback(True)
    assert not Occurrence.objects.exists()


def test_an_event_is_told_to_a_webhook_once(case: Case, ada: User) -> None:
    webhook, occurrence = make.make_webhook(ada), Occurrence.objects.get()
    assert webhooks.spread() == 1
    # As if two had spread it at once.
    Occurrence.objects.bulk_create([occurrence])
    webhooks.spread()
    assert WebhookDelivery.objects.get().webhook == webhook


@pytest.mark.usefixtures("here")
def test_it_is_signed_as_the_standard_says(case: Case, ada: User, certificate: Path, settings: Any) -> None:
    """By the sender's own database role, to a receiver that checks as docs/api.md says."""
    webhook = make.make_webhook(ada)
    with receiver(certificate, status(204)) as (port, got):
        Webhook.objects.filter(pk=webhook.pk).update(url=f"https://{HOST}:{port}/hook")
        settings.APPLICATION_ROLE = masonry.SENDER
        assert send_webhooks() == 1
    [(_path, headers, body)] = got
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = b64decode(webhook.secret.removeprefix("whsec_"))
    assert headers["webhook-signature"] == "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()
    assert json.loads(body)["data"]["case"] == case.ref
    assert WebhookDelivery.objects.get().outcome == "HTTP 204"


def test_the_signature_of_the_standards_own_example() -> None:
    secret, named, body = (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
    )
    assert signature(secret, named, "1614265330", body) == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_it_is_tried_for_a_day_and_then_given_up(case: Case, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make.make_webhook(ada)
    sent, now = record(monkeypatch, 503), timezone.now()
    waits = []
    with time_machine.travel(now, tick=False) as clock:
        send_webhooks()
        while (row := WebhookDelivery.objects.get()).state == State.PENDING:
            assert send_webhooks() == 0
            waits.append(row.due_at - timezone.now())
            clock.move_to(row.due_at)
            send_webhooks()
        assert timezone.now() - now <= timedelta(days=1)
    assert waits[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert max(waits) == timedelta(hours=4)
    assert (row.state, row.outcome, row.tries) == (State.DEAD, "HTTP 503", len(sent))
    assert len({one["id"] for one in sent}) == 1
    assert timedelta(hours=18) < sum(waits, timedelta()) <= timedelta(days=1)


def test_an_address_that_has_moved_inside_is_not_posted_to(
    case: Case, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = make.make_webhook(ada)
    Webhook.objects.filter(pk=webhook.pk).update(url="https://localhost/latest/meta-data")
    assert send_webhooks() == 0
    row = WebhookDelivery.objects.get()
    assert (row.state, row.outcome) == (State.PENDING, "the name leads to an address inside a network")


def test_a_lost_sender_loses_nothing(case: Case, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make.make_webhook(ada)
    webhooks.spread()
    claimed = webhooks._claim()
    assert claimed
    sent = record(monkeypatch)
    assert send_webhooks() == 0, "held"
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert send_webhooks() == 1
    assert len(sent) == 1


def test_after_thirty_days_it_is_let_go_of(case: Case, ada: User, settings: Any) -> None:
    make.make_webhook(ada)
    webhooks.spread()
    WebhookDelivery.objects.update(created_at=timezone.now() - timedelta(days=31))
    settings.APPLICATION_ROLE = masonry.SENDER
    let_go()
    settings.APPLICATION_ROLE = masonry.APPLICATION
    assert not WebhookDelivery.objects.exists()


# The pages.


def test_who_runs_the_clinic_adds_one_and_sees_what_came_of_it(
    case: Case, ada: User, as_user: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = as_user(ada)
    said = {"name": "Ward", "url": make.HOOK, "department": "", "kinds": ["case.opened", "case.replied"]}
    made = desk.post("/manage/webhooks/add/", said)
    row = Webhook.objects.get()
    page = f"/manage/webhooks/{row.pk}/"
    assert (made.status_code, row.secret in made.content.decode()) == (201, True)
    assert row.secret not in desk.get(page).content.decode()
    assert desk.post("/manage/webhooks/add/", said).status_code == 409
    record(monkeypatch)
    send_webhooks()
    told = desk.get(page).content.decode()
    assert case.ref in told
    assert "HTTP 204" in told
    delivery = WebhookDelivery.objects.get()
    assert desk.post(f"/manage/webhooks/deliveries/{delivery.pk}/again/").status_code == 302
    assert send_webhooks() == 1
    desk.post(f"{page}pause/")
    assert "Paused" in desk.get("/manage/webhooks/").content.decode()
    desk.post(f"{page}resume/")
    renewed = desk.post(f"{page}secret/").content.decode()
    assert row.secret not in renewed
    row.refresh_from_db()
    assert row.secret in renewed
    assert row.paused_at is None


BAD = (
    "http://example.org/",
    "https://localhost/",
    "https://10.0.0.1/",
    "https://[::1]/",
    "https://a b/",
    "javascript:x",
)


@pytest.mark.parametrize("url", BAD)
def test_an_address_that_will_not_do_comes_back_with_the_form(url: str, ada: User, as_user: SignIn) -> None:
    answer = as_user(ada).post("/manage/webhooks/add/", {"name": "Ward", "url": url, "kinds": ["case.opened"]})
    assert answer.status_code == 422
    assert "be told anything" in answer.content.decode()
    assert 'value="Ward"' in answer.content.decode()
    assert not Webhook.objects.exists()


def test_nobody_else_opens_them(nadia: User, percy: User, cora: User, ada: User, as_user: SignIn) -> None:
    row = make.make_webhook(ada)
    for who in (nadia, percy, cora):
        for path in ("/manage/webhooks/", "/manage/webhooks/add/", f"/manage/webhooks/{row.pk}/"):
            assert as_user(who).get(path).status_code == 403
        assert as_user(who).post(f"/manage/webhooks/{row.pk}/secret/").status_code == 403


def test_what_waits_anyway_is_not_sent_again(case: Case, ada: User, as_user: SignIn) -> None:
    make.make_webhook(ada)
    webhooks.spread()
    row = WebhookDelivery.objects.get()
    assert as_user(ada).post(f"/manage/webhooks/deliveries/{row.pk}/again/").status_code == 409
    with pytest.raises(IllegalMove):
        row.state = State.SENT
        row.move_to(State.DEAD)
