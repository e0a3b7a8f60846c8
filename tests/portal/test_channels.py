"""Text messages, notices and mail through a provider: spoken to real servers, the same facts by each, none lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone
from py_vapid import Vapid02
from py_vapid.utils import b64urlencode

from portal import outbound
from portal.access import SYSTEM
from portal.acting import acting_as
from portal.actions import deliveries
from portal.channels import email, facts, push, signatures, sms
from portal.models import ContactPoint, Delivery, User
from portal.models.contact_points import CODE_FOR
from portal.models.deliveries import Channel, Purpose, State
from tests import make
from tests.gateway import Asked, Gateway, gateway

NUMBER = "+4915112345678"
VAPID = b64urlencode(ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32, "big"))
WORDS = {
    "path": "/my/follow-ups/0198f2f4-0000-7000-8000-000000000000/",
    "day": "2027-03-04",
    "time": "10:30",
    "zone": "Europe/Warsaw",
    "with": "Nadia North",
    "place": "Room 4",
}
FACTS = ("4 March 2027", "10:30", "Europe/Warsaw", "Nadia North", "Room 4")
TOLD_SHORT = [purpose for purpose in facts.SHORT if purpose != Purpose.CONTACT_CODE]
# Of what it is about: no speciality, no illness, no test, no medicine, and no word that hints at one.
CLINICAL = (
    "neuro", "cardio", "psych", "oncol", "clinic visit", "diagnos", "disease", "illness", "symptom", "treatment",
    "therapy", "medic", "drug", "dose", "prescri", "result", "test", "blood", "scan", "mri", "eeg", "biops", "consent",
    "tremor", "epilep", "seizure", "doctor", "patient", "health",
)  # fmt: skip


@pytest.fixture
def reader(db: None) -> User:
    return make.make_user("Rea Reader", email="rea@example.org")


def number(reader: User, value: str = NUMBER) -> ContactPoint:
    return ContactPoint.objects.create(user=reader, system="sms", value=value, confirmed_at=timezone.now())


def queue(reader: User, channel: Channel, purpose: Purpose = Purpose.FOLLOWUP_PLANNED, key: str = "one") -> Delivery:
    with acting_as(SYSTEM):
        return Delivery.queue(reader, purpose, key=key, words=WORDS, channel=channel)


def sweep() -> list[tuple[str, bool]]:
    """Two of them, the second when every back-off is over: what became of each row."""
    for _turn in range(2):
        deliveries.deliver_due()
        Delivery.objects.filter(state=State.PENDING).update(due_at=timezone.now())
    return list(Delivery.objects.order_by("created_at").values_list("state", "possible_duplicate"))


class Bulk:
    """BulkSMS as its documents have it: one number of deduplication is one submission."""

    def __init__(self) -> None:
        self.taken: dict[str, dict[str, Any]] = {}
        self.refuses: list[int] = []

    def __call__(self, asked: Asked) -> tuple[int, str]:
        query = parse_qs(urlsplit(asked.path).query)
        if asked.method == "GET":
            name = parse_qs(query["filter"][0])["userSuppliedId"][0]
            return 200, json.dumps([one for one in self.taken.values() if one["userSuppliedId"] == name])
        if self.refuses:
            return self.refuses.pop(0), "{}"
        [entry] = json.loads(asked.body)
        first = self.taken.setdefault(query["deduplication-id"][0], {**entry, "id": str(len(self.taken) + 1)})
        return 201, json.dumps([first])


@pytest.fixture
def bulk(settings: Any) -> Iterator[tuple[Bulk, Gateway]]:
    double = Bulk()
    with gateway(double) as server:
        settings.SMS_PROVIDER, settings.SMS_URL = "bulksms", server.url
        settings.SMS_USER, settings.SMS_SECRET = "token", "secret"
        yield double, server


def test_a_text_message_is_cut_off_looked_up_and_was_sent_once(reader: User, bulk: tuple[Bulk, Gateway]) -> None:
    double, server = bulk
    number(reader)
    row = queue(reader, Channel.SMS)
    server.cut = 1
    assert sweep() == [("sent", False)]
    assert [one["to"] for one in double.taken.values()] == [NUMBER]
    post = server.asked[0]
    assert post.headers["authorization"] == "Basic dG9rZW46c2VjcmV0"
    assert "from" not in post.headers
    [entry] = json.loads(post.body)
    assert all(fact in entry["body"] for fact in ("10:30", "Nadia North", "Room 4"))
    row.refresh_from_db()
    # Sent twice over all the same, it is submitted once: the second try has the same number.
    Delivery.objects.update(state=State.PENDING, sent_at=None)
    assert sweep() == [("sent", False)]
    assert len(double.taken) == 1
    row.refresh_from_db()
    assert row.provider_id == "1"


def test_two_text_messages_of_one_number_are_both_sent(
    reader: User, bulk: tuple[Bulk, Gateway], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The numbers have 32 bits: whoever meets another's goes under a second one."""
    double, _server = bulk
    number(reader)
    monkeypatch.setattr(
        "portal.channels.bulksms.number_for", lambda row: 7 if "another message" not in row.trouble else row.pk.int % 99
    )
    queue(reader, Channel.SMS, key="one")
    queue(reader, Channel.SMS, key="two", purpose=Purpose.MISSED_YOU)
    assert sweep() == [("sent", False), ("sent", False)]
    assert len(double.taken) == 2


def test_what_a_gateway_answers_decides_what_becomes_of_it(reader: User, bulk: tuple[Bulk, Gateway]) -> None:
    double, _server = bulk
    number(reader)
    double.refuses = [403, 400]
    queue(reader, Channel.SMS)
    assert sweep() == [("dead", False)], "no credit: later; a number that is none: never"
    ContactPoint.objects.all().delete()
    queue(reader, Channel.SMS, key="two")
    assert sweep()[1] == ("dead", False), "there is no number"


def test_any_other_gateway_is_told_by_a_signed_post(reader: User, settings: Any) -> None:
    number(reader)
    with gateway(lambda _asked: (200, '{"id": "abc"}')) as server:
        settings.SMS_PROVIDER, settings.SMS_URL, settings.SMS_SECRET = "webhook", f"{server.url}/send", "s" * 32
        row = queue(reader, Channel.SMS)
        assert sweep() == [("sent", False)]
        [post] = server.asked
        named = signatures.check("s" * 32, post.headers, post.body, timezone.now())
        assert (named, json.loads(post.body)["to"]) == (f"sms_{row.pk.hex}", NUMBER)
        with pytest.raises(signatures.NotBelieved):
            signatures.check("s" * 32, post.headers, post.body + b" ", timezone.now())
        row.refresh_from_db()
        assert row.provider_id == "abc"
        # Whether such a gateway keeps to its word nobody knows: once more, flagged.
        queue(reader, Channel.SMS, key="two")
        server.cut = 1
        assert sweep()[1] == ("sent", True)


@pytest.mark.parametrize("name", ["Nadia North", "Łucja Żółć", "北野 望"])
@pytest.mark.parametrize("place", ["Room 4", "The very last room of the long corridor behind the garden " * 4])
def test_a_text_message_has_two_parts_at_most(reader: User, settings: Any, name: str, place: str) -> None:
    settings.MISSED_VISIT_COST = "about 120 euros"
    for purpose in TOLD_SHORT:
        row = Delivery.made(reader, purpose, key="one", words={**WORDS, "with": name, "place": place})
        said = sms.text_of(row)
        assert sms.fits(said)
        assert "10:30" in said
        assert ("STOP" in said and WORDS["path"] in said) or place != "Room 4" or name == "北野 望" or name[0] == "Ł"


@pytest.mark.parametrize("purpose", TOLD_SHORT)
def test_every_channel_says_the_same_facts_and_no_clinical_word(reader: User, settings: Any, purpose: Purpose) -> None:
    settings.MISSED_VISIT_COST, settings.CLINIC_NAME = "about 120 euros", "Sample house"
    row = Delivery.made(reader, purpose, key="one", words=WORDS)
    mail = email.write_mail(row)
    title, body = facts.in_short(row)
    said = {"mail": mail.get_content(), "text message": sms.text_of(row), "notice": body}
    for channel, text in said.items():
        missing = [fact for fact in FACTS if fact not in text and fact.replace("March", "Mar") not in text]
        assert missing == [], channel
        assert ("120 euros" in text) == (purpose == Purpose.FOLLOWUP_REMINDER), channel
    seen = " ".join([str(mail["Subject"]), title, *said.values()]).lower()
    assert [word for word in CLINICAL if word in seen.replace("stop.", "")] == []
    settings.MISSED_VISIT_COST = ""
    assert "cost" not in sms.text_of(row).lower()


def test_a_code_is_only_in_its_message(reader: User) -> None:
    point = ContactPoint.objects.create(user=reader, system="sms", value=NUMBER)
    until = point.expect_code(timezone.now())
    assert until - timezone.now() <= CODE_FOR
    words = {"point": str(point.pk), "until": until.isoformat()}
    row = Delivery.made(reader, Purpose.CONTACT_CODE, key="one", words=words, channel=Channel.SMS)
    code = facts.facts_of(row)["code"]
    assert code.isdigit()
    assert len(code) == 6
    assert code in sms.text_of(row)
    assert code not in (point.code_digest, *words.values())


class Browser:
    """With the keys that a browser makes, and what its push service was sent."""

    def __init__(self) -> None:
        self.key, self.auth = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
        self.got: list[tuple[str, bytes, dict[str, str]]] = []
        self.answers: list[int] = []

    @property
    def keys(self) -> dict[str, str]:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": b64urlencode(point), "auth": b64urlencode(self.auth)}

    def read(self, body: bytes) -> dict[str, Any]:
        said = http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        read: dict[str, Any] = json.loads(said)
        return read


@pytest.fixture
def browser(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Posted to as far as outbound.py, which has tests of its own for what it lets out."""
    settings.VAPID_PRIVATE_KEY = VAPID
    found = Browser()

    def post(url: str, body: bytes, headers: dict[str, str]) -> int:
        outbound.checked(url)
        found.got.append((url, body, headers))
        return found.answers.pop(0) if found.answers else 201

    monkeypatch.setattr(outbound, "post", post)
    return found


def test_a_notice_is_sealed_for_its_browser_and_signed(reader: User, browser: Browser) -> None:
    at = "https://push.example.org/v1/abc"
    ContactPoint.objects.create(user=reader, system="push", value=at, keys=browser.keys, confirmed_at=timezone.now())
    row = queue(reader, Channel.PUSH)
    assert sweep() == [("sent", False)]
    [(url, body, headers)] = browser.got
    said = browser.read(body)
    assert (url, said["tag"], said["path"]) == (at, row.pk.hex, WORDS["path"])
    assert "Nadia North" in said["body"]
    assert Vapid02.verify(headers["Authorization"])
    assert push.public_key() in headers["Authorization"]
    assert len(headers["Topic"]) <= 32
    # It has taken its leave: nobody is there, and it is used no more.
    browser.answers = [410]
    queue(reader, Channel.PUSH, key="two")
    assert sweep()[1] == ("dead", False)
    assert ContactPoint.objects.get().removed_at
    queue(reader, Channel.PUSH, key="three")
    sweep()
    assert len(browser.got) == 2


def test_a_browser_can_name_no_address_inside(reader: User, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = VAPID
    keys = Browser().keys
    for place in ("https://127.0.0.1:8000/", "https://10.0.0.8/", "http://push.example.org/"):
        ContactPoint.objects.create(user=reader, system="push", value=place, keys=keys, confirmed_at=timezone.now())
    queue(reader, Channel.PUSH)
    assert sweep() == [("dead", False)]
    assert not ContactPoint.objects.usable().exists()


def test_mail_goes_through_a_provider(reader: User, settings: Any) -> None:
    """Mailgun's API, as django-anymail speaks it."""
    settings.MAIL_PROVIDER = "mailgun"
    answers = [(429, "{}"), (200, '{"id": "<mailgun-1>", "message": "Queued"}')]
    with gateway(lambda _asked: answers.pop(0)) as server:
        settings.ANYMAIL = {"MAILGUN_API_KEY": "key", "MAILGUN_API_URL": server.url, "MAILGUN_SENDER_DOMAIN": "e.org"}
        row = queue(reader, Channel.EMAIL)
        assert sweep() == [("sent", False)]
        sent = unquote_plus(server.asked[-1].body.decode())
        row.refresh_from_db()
        assert row.provider_id == "<mailgun-1>"
        for part in (row.message_id, "List-Unsubscribe=One-Click", str(row.pk), "Nadia North", "rea@example.org"):
            assert part in sent, part
        answers += [(200, "{}"), (200, '{"id": "<mailgun-2>", "message": "Queued"}'), (400, "{}")]
        server.cut = 1
        queue(reader, Channel.EMAIL, key="two")
        assert sweep()[1] == ("sent", True), "cut off, and nobody can be asked: once more, flagged"
        queue(reader, Channel.EMAIL, key="three")
        assert sweep()[2] == ("dead", False)


def test_a_mail_says_how_to_end_such_mails_and_others_do_not(reader: User) -> None:
    world_free = Delivery.made(reader, Purpose.NEW_REPLY, key="one", words=WORDS)
    promised = email.write_mail(Delivery.made(reader, Purpose.FOLLOWUP_REMINDER, key="two", words=WORDS))
    assert email.write_mail(world_free)["List-Unsubscribe"] is None
    assert promised["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = promised["List-Unsubscribe"].strip("<>")
    whole = message_from_bytes(promised.as_bytes(), policy=policy.default)
    assert link in whole.get_content()
