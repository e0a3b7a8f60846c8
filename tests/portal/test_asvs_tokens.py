"""What we sign is believed only as we signed it, for what we signed it, and for as long as we said."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail, signing
from django.test import Client, RequestFactory
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from gunicorn.http.parser import RequestParser  # type: ignore[import-untyped]

from patients.models import Patient
from patients.views import sendings
from portal.models import User

pytestmark = pytest.mark.django_db
OTHER_KEY = "another key that is as long as it has to be"


def key_in(token: str, patient: Patient) -> object:
    request: Any = RequestFactory().post("/ask/", {sendings.NAME: token})
    request.user = patient.user
    return sendings.key_of(request)


def test_a_token_is_signed_by_us_for_one_purpose(alice: Patient) -> None:
    assert alice.user
    said = ["0198a7c2-0000-7000-8000-000000000000", str(alice.user.pk)]
    token = signing.dumps(said, salt=sendings.SALT)
    assert str(key_in(token, alice)) == said[0]
    body, stamp, seal = token.split(":")
    forged = [
        signing.dumps(said, salt="portal.another"),
        signing.dumps(said, salt=sendings.SALT, key=OTHER_KEY),
        f"{body}:{stamp}:{seal[::-1]}",
        f"{body}:{stamp}:",
        f"{body}:{stamp}",
        f"{signing.b64_encode(b'[]').decode()}:{stamp}:{seal}",
        # A header of its own choosing, as other kinds of token have one, is just a wrong body.
        f"eyJhbGciOiJub25lIn0.{body}:{stamp}:{seal}",
    ]
    assert [key_in(token, alice) for token in forged] == [None] * len(forged)


def confirmation() -> str:
    Client().post("/register/", {"name": "Nia New", "email": "nia@example.org", "password1": "a-long-enough-password"})
    found = re.search(r"https?://[^/\s]+(/register/confirm/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def is_confirmed() -> bool:
    return bool(User.objects.get(email="nia@example.org").emailaddress_set.get().verified)


def test_a_confirmation_is_good_for_three_days(time_machine: Any) -> None:
    time_machine.move_to("2027-03-01T00:00:00Z", tick=True)
    link = confirmation()
    time_machine.move_to("2027-03-04T01:00:00Z", tick=True)
    Client().post(link)
    assert not is_confirmed()
    time_machine.move_to("2027-03-03T23:00:00Z", tick=True)
    forged = link.rstrip("/")[:-3] + "abc/"
    Client().post(forged)
    Client().get(link)
    assert not is_confirmed()
    Client().post(link)
    assert is_confirmed()


def test_a_secret_key_can_be_changed_in_daylight(
    alice: Patient, as_user: Callable[[Patient], Client], settings: Any
) -> None:
    client, before = as_user(alice), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OTHER_KEY, [before]
    assert client.get("/my/settings/").status_code == 200
    untouched = as_user(alice)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "yet another key that is as long as that", []
    assert untouched.get("/my/settings/").status_code == 302


@pytest.mark.parametrize(
    "heads",
    [
        "Content-Length: 6\r\nTransfer-Encoding: chunked",
        "Content-Length: 6\r\nContent-Length: 0",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
        "Content-Length: +6",
    ],
)
def test_a_message_has_one_length(heads: str) -> None:
    """The web server takes no message of which a proxy might think that it ends elsewhere."""
    text = f"POST / HTTP/1.1\r\nHost: x\r\n{heads}\r\n\r\n0\r\n\r\nGET /my/ HTTP/1.1\r\n\r\n"
    with pytest.raises(ParseException):
        next(RequestParser(Config(), iter([text.encode()]), ("127.0.0.1", 1)))


def test_a_newline_in_a_name_starts_no_header_of_a_mail() -> None:
    sent = {"name": "Nia\r\nBcc: thief@example.org", "email": "nia@example.org", "password1": "a-long-enough-password"}
    Client().post("/register/", sent)
    for message in mail.outbox:
        assert message.recipients() == ["nia@example.org"]
        assert message.message()["Bcc"] is None
    for email in ("nia@example.org\nBcc: thief@example.org", "a@example.org,thief@example.org"):
        before = len(mail.outbox)
        Client().post("/recover/", {"email": email})
        assert len(mail.outbox) == before
