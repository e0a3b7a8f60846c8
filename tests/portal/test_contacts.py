"""What people choose, and what is reported to us: honoured at once, believed only when signed, and told another way."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from patients.models import FollowUp, Telling
from portal.access import SYSTEM
from portal.acting import acting_as
from portal.actions import contacts
from portal.actions.turns import Lines, Turn
from portal.channels import facts, signatures, stopping
from portal.models import AuditEvent, ContactPoint, ContactPreference, Delivery, Suppression, User
from portal.models.contact_points import CODE_TRIES
from portal.models.deliveries import Channel, Purpose, State
from tests import make
from tests.access.matrix import World

NUMBER = "+4915112345678"
SECRET = "a-secret-of-the-clinic-that-is-long"
WORDS = {"path": "/my/", "day": "2027-03-04", "zone": "Europe/Warsaw", "with": "Nadia North"}


@pytest.fixture
def reader(db: None, settings: Any) -> User:
    settings.HOOK_SECRET = SECRET
    return make.make_user("Rea Reader", email="rea@example.org")


def numbered(user: User, number: str = NUMBER) -> ContactPoint:
    return ContactPoint.objects.create(user=user, system="sms", value=number, confirmed_at=timezone.now())


def post(at: str, said: Any, *, secret: str = SECRET, named: str = "one", **headers: str) -> int:
    body = json.dumps(said).encode()
    signed = signatures.signed(secret, named, timezone.now(), body) | headers
    signed.pop("Content-Type")
    return Client().post(at, body, content_type="application/json", headers=signed).status_code


def stopped() -> list[tuple[str, str, str]]:
    return list(Suppression.objects.standing().order_by("pk").values_list("channel", "address", "reason"))


def code_of(point: ContactPoint) -> str:
    row = Delivery.objects.filter(purpose=Purpose.CONTACT_CODE, words__point=str(point.pk)).latest("created_at")
    return str(facts.facts_of(row)["code"])


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_number_is_confirmed_by_the_code_that_was_sent_to_it(reader: User) -> None:
    old = numbered(reader, "+4915100000000")
    with acting_as(reader):
        point = contacts.add_number(reader, by=reader, number=NUMBER)
    code = code_of(point)
    with acting_as(reader):
        for _try in range(CODE_TRIES - 1):
            assert contacts.confirm_number(point, by=reader, code=wrong(code)).confirmed_at is None
        assert contacts.confirm_number(point, by=reader, code=code).confirmed_at
    old.refresh_from_db()
    assert old.removed_at, "the one before was in use until then"


def test_a_code_has_five_tries_and_ten_minutes(reader: User) -> None:
    with acting_as(reader):
        point = contacts.add_number(reader, by=reader, number=NUMBER)
    code = code_of(point)
    with acting_as(reader):
        for _try in range(CODE_TRIES):
            contacts.confirm_number(point, by=reader, code=wrong(code))
        assert contacts.confirm_number(point, by=reader, code=code).confirmed_at is None
    with time_machine.travel(timezone.now() + timedelta(seconds=1)), acting_as(reader):
        point = contacts.send_code(point, by=reader)
    another = code_of(point)
    assert another != code
    with time_machine.travel(timezone.now() + timedelta(minutes=11)), acting_as(reader):
        assert contacts.confirm_number(point, by=reader, code=another).confirmed_at is None


def test_stop_holds_what_is_leased_already(reader: User) -> None:
    numbered(reader)
    with acting_as(SYSTEM):
        row = Delivery.queue(reader, Purpose.FOLLOWUP_REMINDER, key="one", words=WORDS, channel=Channel.SMS)
    with Lines() as lines:
        turn = Turn(lines)
        [leased] = turn.claim(1)
        assert post("/hooks/sms/", {"event": "received", "number": NUMBER, "text": " Stop. "}) == 204
        assert not turn.arm([leased])
    row.refresh_from_db()
    assert (row.state, row.trouble) == (State.CANCELLED, "stopped")
    assert post("/hooks/sms/", {"event": "received", "number": NUMBER, "text": "start"}, named="two") == 204
    assert stopped() == []
    # What may mean the appointment stops nothing.
    assert post("/hooks/sms/", {"event": "received", "number": NUMBER, "text": "cancel"}, named="three") == 204
    assert stopped() == []


def test_what_bounces_is_told_the_other_way_from_then_on(reader: User) -> None:
    world = World()
    alice = world.person("alice")
    numbered(alice)
    ContactPreference.objects.create(user=alice, first="email", second="sms")
    followup: FollowUp = world.followup()
    first = Delivery.objects.get(telling__reminder__slot="booked", telling__channel="email")
    Delivery.objects.filter(pk=first.pk).update(state=State.SENT, sent_at=timezone.now())
    told = {"event": "bounce", "message_id": first.message_id, "why": "550 no such user"}
    assert post("/hooks/mail/", told) == 204
    first.refresh_from_db()
    assert (first.bounced_at is not None, first.trouble) == (True, "came back: 550 no such user")
    assert [row.outcome for row in first.attempts.all()] == ["never"]
    assert stopped() == [("email", alice.email, "bounce")]
    waiting = Telling.objects.filter(followup=followup, delivery__state=State.PENDING, reminder__slot="day_before")
    assert set(waiting.values_list("channel", flat=True)) == {"sms", "in_app"}
    assert AuditEvent.objects.filter(name="contacts.suppress", actor_name="system").exists()
    # Told a second time, it is the same.
    assert post("/hooks/mail/", told, named="again") == 204
    assert (first.attempts.count(), len(stopped())) == (1, 1)


def test_forged_late_and_repeated_reports_are_refused(reader: User, settings: Any) -> None:
    told = {"event": "bounce", "address": "rea@example.org"}
    assert post("/hooks/mail/", told, secret="another-secret-that-is-long-enough") == 401
    assert post("/hooks/mail/", told, **{"webhook-id": "another"}) == 401
    with time_machine.travel(timezone.now() - timedelta(minutes=6)):
        body = json.dumps(told).encode()
        late = signatures.signed(SECRET, "late", timezone.now(), body)
    late.pop("Content-Type")
    assert Client().post("/hooks/mail/", body, content_type="application/json", headers=late).status_code == 401
    assert Client().post("/hooks/mail/", body, content_type="application/json").status_code == 401
    assert stopped() == []
    assert (post("/hooks/mail/", told), post("/hooks/mail/", told)) == (204, 409)
    unread: list[Any] = [[], {"event": "start"}, {"event": "?"}]
    for said in unread:
        assert post("/hooks/mail/", said, named=f"{said}") == 400
    settings.HOOK_SECRET = ""
    assert post("/hooks/mail/", told, named="off") == 404


def test_bulksms_reports_by_a_secret_in_its_address(reader: User, settings: Any) -> None:
    settings.SMS_PROVIDER = "bulksms"
    numbered(reader)
    with acting_as(SYSTEM):
        row = Delivery.queue(reader, Purpose.FOLLOWUP_REMINDER, key="one", words=WORDS, channel=Channel.SMS)
    Delivery.objects.update(state=State.SENT, sent_at=timezone.now(), provider_id="77")
    sent = {
        "type": "SENT",
        "id": "77",
        "to": NUMBER[1:],
        "body": "",
        "status": {"type": "FAILED", "subtype": "NOT_SENT"},
    }
    at = f"/hooks/sms/bulksms/?secret={SECRET}"

    def tell(address: str, *messages: Any) -> int:
        return Client().post(address, json.dumps(messages), content_type="application/json").status_code

    assert (tell("/hooks/sms/bulksms/", sent), tell(f"{at}x", sent)) == (401, 401)
    assert tell(at) == 204, "so it tries the address when it is set up"
    assert tell(at, {**sent, "status": {"type": "FAILED", "subtype": "HANDSET_ERROR"}}) == 204
    row.refresh_from_db()
    assert (row.trouble, stopped()) == ("came back: handset_error", [])
    received = {"type": "RECEIVED", "id": "9", "from": NUMBER[1:], "to": "1", "body": "STOP", "status": {}}
    assert tell(at, sent, received) == 204
    assert stopped() == [("sms", NUMBER, "bounce")], (
        "the first reason stands: it is for good, and START does not heal it"
    )


def test_a_provider_of_mail_reports_in_its_own_words(reader: User, settings: Any) -> None:
    """Postmark's, as django-anymail reads them, behind its own secret."""
    with acting_as(SYSTEM):
        row = Delivery.queue(reader, Purpose.FOLLOWUP_REMINDER, key="one", words=WORDS)
    Delivery.objects.update(state=State.SENT, sent_at=timezone.now())
    bounce = {
        "RecordType": "Bounce", "ID": 42, "Type": "HardBounce", "TypeCode": 1, "MessageID": "883953f4",
        "Metadata": {"delivery": str(row.pk)}, "Email": "rea@example.org", "BouncedAt": "2027-03-01T10:00:00Z",
        "Details": "", "Description": "",
    }  # fmt: skip
    basic = {"Authorization": f"Basic {b64encode(b'hook:secret').decode()}"}

    def tell(said: Any, headers: dict[str, str]) -> int:
        at, body = "/hooks/mail/postmark/", json.dumps(said)
        return Client().post(at, body, content_type="application/json", headers=headers).status_code

    assert tell(bounce, basic) == 404, "not the provider of the settings"
    settings.MAIL_PROVIDER, settings.ANYMAIL = "postmark", {}
    assert tell(bounce, basic) == 404, "it signs nothing, and no secret is set"
    settings.ANYMAIL = {"WEBHOOK_SECRET": "hook:secret"}
    assert tell(bounce, {}) == 400
    assert tell({**bounce, "Type": "SoftBounce", "TypeCode": 4096}, basic) == 200
    assert stopped() == []
    assert tell(bounce, basic) == 200
    row.refresh_from_db()
    assert row.bounced_at
    assert stopped() == [("email", "rea@example.org", "bounce")]
    complaint = {**bounce, "RecordType": "SpamComplaint", "Type": "SpamComplaint", "TypeCode": 512}
    Suppression.objects.update(lifted_at=timezone.now())
    assert tell(complaint, basic) == 200
    assert stopped() == [("email", "rea@example.org", "complaint")]


def test_one_click_ends_reminders_by_mail_and_nothing_else(reader: User) -> None:
    at = stopping.address(reader.pk)
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(at).headers["Referrer-Policy"] == "no-referrer"
    assert stopped() == [], "programs that look at mail open its links"
    answer = strict.post(at, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, stopped()) == (200, [("email", "rea@example.org", "stop")])
    assert strict.post(at, {"List-Unsubscribe": "One-Click"}).status_code == 200
    event = AuditEvent.objects.filter(name="contacts.stop_mail").latest("id")
    assert event.actor_name == "link"
    for bad in (f"{at[:-3]}/", "/stop/abc/"):
        assert strict.post(bad).status_code == 404
    with acting_as(SYSTEM):
        Delivery.queue(reader, Purpose.FOLLOWUP_REMINDER, key="one", words=WORDS)
        Delivery.queue(reader, Purpose.NEW_REPLY, key="two", words=WORDS)
    with Lines() as lines:
        turn = Turn(lines)
        leased = turn.claim(5)
        armed = {row.purpose: bool(turn.arm([row])) for row in leased}
    assert armed == {"followup_reminder": False, "new_reply": True}
