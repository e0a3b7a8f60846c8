"""What somebody writes stands in their record and nowhere else: not in a log, an address, the broker, the cache, or on
the page that says that something broke.

Each post of posts.py is sent with a mark in every text, held and refused, and falling over in the middle.
"""

from __future__ import annotations

import json
import logging
from base64 import b64decode
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any, cast
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.db import DataError, connection, transaction
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.urls import reverse
from django.utils.module_loading import import_string

from patients.models import Case
from portal.channels.email import write_mail
from portal.models import Delivery
from portal.models.deliveries import Purpose
from portal.tasks import deliver
from tests import make
from tests.access.posts import POSTS, Data, Post, is_json
from tests.access.scene import Scene

# The fields of forms in which people write.
WRITTEN = {
    "title", "story", "body", "since", "answer", "safety_net", "comment", "next_step", "impression", "performer",
    "reason", "note", "name", "synonyms", "indication", "override_reason", "medicine", "question-0-text",
    "medicine-0-medicine", "text", "full_name", "relationship",
}  # fmt: skip
CHOSEN = {"patients:answer_consent"}


@pytest.fixture
def canary() -> str:
    return f"xyzzy{uuid4().hex}"


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """All that any logger says at any level, but for the statements that settings.LOGGING never logs."""
    told, line = StringIO(), cast(Any, settings.LOGGING)["formatters"]["line"]
    handler = logging.StreamHandler(told)
    handler.setFormatter(import_string(line["()"])("%(levelname)s %(name)s %(message)s"))
    names = ["", *(name for name in logging.root.manager.loggerDict if name != "django.db.backends")]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
        if not name or not logging.getLogger(name).propagate:
            logging.getLogger(name).addHandler(handler)
    yield told
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)
        logging.getLogger(name).removeHandler(handler)


def with_mark(route: str, data: Data, canary: str) -> Data:
    marked = WRITTEN - ({"answer"} if route in CHOSEN else set())
    return {name: f"{value} {canary}" if name in marked else value for name, value in data.items()}


def post_it(client: Client, route: str, post: Post, scene: Scene, data: Data) -> Any:
    kind = "application/json" if is_json(route) else MULTIPART_CONTENT
    return client.post(reverse(route, kwargs=post.at(scene)), data, kind, HTTP_ACCEPT="text/html")


READ: dict[bytes, Callable[[Any, bytes], Any]] = {
    b"string": lambda server, key: [server.get(key)],
    b"list": lambda server, key: server.lrange(key, 0, -1),
    b"set": lambda server, key: server.smembers(key),
    b"hash": lambda server, key: [part for pair in server.hgetall(key).items() for part in pair],
    # Gone since it was named: another worker's.
    b"none": lambda _server, _key: [],
    b"zset": lambda server, key: server.zrange(key, 0, -1),
}


def everything_in(address: str) -> str:
    """Keys and values of one numbered database of the broker's server; the body of a message as Celery reads it."""
    found: list[bytes] = []
    with redis.Redis.from_url(address) as server:
        for key in server.scan_iter(count=1000):
            values = [value or b"" for value in READ[server.type(key)](server, key)]
            found += [key, *values, *(opened(value) for value in values)]
    return b"\n".join(found).decode(errors="replace")


def opened(value: bytes) -> bytes:
    try:
        return b64decode(json.loads(value)["body"])
    except (ValueError, KeyError, TypeError):
        return b""


@pytest.mark.django_db
def test_what_is_written_is_in_no_log_address_broker_or_cache(canary: str, logged: StringIO) -> None:
    scene, kept, leaked = Scene(), 0, []
    for route, post in ((route, post) for route, posts in POSTS.items() for post in posts):
        data = with_mark(route, post.data(scene), canary)
        refused = {**data, "patient": "nobody", "department": "nowhere", "body": f"{canary}\x07"}
        for sent in (data,) if is_json(route) else (data, refused):
            client = scene.twin(post.who)
            with transaction.atomic():
                answer = post_it(client, route, post, scene, sent)
                kept += answer.status_code in (200, 201, 302)
                transaction.set_rollback(True)
            if canary in answer.headers.get("Location", ""):
                leaked.append(f"{route} leads to {answer.headers['Location']}")
    deliver.delay()
    assert kept > len(POSTS) / 2
    assert "django.request" in logged.getvalue()
    assert canary not in logged.getvalue()
    assert not leaked, "\n".join(leaked)
    waiting, cached = everything_in(f"{settings.REDIS_URL}/1"), everything_in(f"{settings.REDIS_URL}/0")
    assert "portal.tasks.deliver" in waiting
    assert "[[], {}, {" in waiting, "a hint without arguments"
    assert canary not in waiting + cached


def refuse(case: Case, *, body: str, **_about: object) -> None:
    """What the database says when a value does not fit holds the value."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(%s AS integer)", [body])


@pytest.mark.django_db
def test_what_breaks_says_where_and_not_what_was_written(
    canary: str, logged: StringIO, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.DEBUG = False
    scene = Scene()
    monkeypatch.setattr("patients.actions.cases.send_message", refuse)
    client = scene.client("alice")
    client.raise_request_exception = False
    answer = client.post(f"/my/cases/{scene.case.ref}/say", {"body": canary})
    assert answer.status_code == 500
    assert canary not in answer.content.decode()
    said = logged.getvalue()
    assert "psycopg.errors.InvalidTextRepresentation" in said
    assert f"{DataError.__module__}.DataError" in said
    assert "test_leaks.py" in said
    assert canary not in said


@pytest.mark.django_db
def test_a_name_makes_no_header_of_a_mail() -> None:
    """Carriage return and newline in what people are called, past every form."""
    user = make.make_user("Alice Ash")
    user.name = "Alice\r\nBcc: eve@example.org\r\n\r\nHello"
    user.save()
    for purpose in Purpose:
        row = Delivery.queue(
            user, purpose, key=purpose, words={"path": "/my/", "day": "2026-03-04", "invitation": str(user.pk)}
        )
        mail = write_mail(row).message()
        assert mail["Bcc"] is None
        # Of what can be stopped: who stops it is nobody who is called anything.
        assert set(mail.keys()) - {"List-Unsubscribe", "List-Unsubscribe-Post"} == {
            "Subject", "From", "To", "Message-ID", "Date", "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
        }  # fmt: skip
        assert b"\r\nBcc:" not in mail.as_bytes().split(b"\r\n\r\n")[0]
