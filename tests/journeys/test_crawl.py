"""Every page has a way back and no dead link, and no address or field makes the server fall over."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, is_valid_path
from pytest_django import DjangoDbBlocker

from tests import make
from tests.access.matrix import World
from tests.once import made_once

As = Callable[..., Client]
MOST_PAGES, ALIKE = 400, 2
TRAIL = "/manage/audit/"
START = {
    "visitor": ["/"],
    "alice": ["/", "/my/", "/start/"],
    "bob": ["/my/"],
    "rita": ["/my/"],
    "nadia": ["/clinic/", "/start/"],
    "tessa": ["/clinic/"],
    "cora": ["/clinic/"],
    "curt": ["/curate/", "/start/"],
    "percy": ["/manage/audit/", "/start/"],
    "ada": ["/start/", "/manage/people/"],
}


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if tag == "a" and name == "href" and value:
                self.found.add(value)


def links_of(page: str, at: str) -> set[str]:
    parser = Links()
    parser.feed(page)
    absolute = {urldefrag(urljoin(f"http://testserver{at}", link)).url for link in parser.found}
    return {url.removeprefix("http://testserver") for url in absolute if url.startswith("http://testserver/")}


def shape_of(link: str) -> tuple[str, tuple[str, ...]]:
    parts = urlsplit(link)
    return parts.path, tuple(sorted({name for name, _value in parse_qsl(parts.query)}))


def world_with_everything() -> World:
    world = World()
    case = world.triaged()
    released = make.make_released(world.result(), by=world.nadia)
    world.result()
    make.make_reply(case, by=world.nadia)
    make.make_message(case)
    world.red_flag()
    make.make_diary(case)
    make.make_escalation(case)
    world.followup()
    world.reported()
    world.consent()
    world.invitation()
    make.make_patient_invitation(world.enrolled(), by=world.nadia)
    world.access_question()
    world.trusted()
    world.saved_reply()
    make.make_broken_glass(world.bob, by=world.nadia)
    assert released.pk
    return world


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with made_once(django_db_blocker, world_with_everything) as made:
        yield made


@pytest.mark.django_db
@pytest.mark.parametrize("who", sorted(START))
def test_no_dead_link_and_always_a_way_back(who: str, world: World, as_user: As) -> None:
    client = Client() if who == "visitor" else as_user(world.person(who))
    seen: set[str] = set()
    shapes: Counter[tuple[str, tuple[str, ...]]] = Counter()
    ahead = list(START[who])
    while ahead and len(seen) < MOST_PAGES:
        at = ahead.pop(0)
        if at in seen:
            continue
        seen.add(at)
        answer = client.get(at, follow=True)
        assert answer.status_code == 200, f"{who} is led to {at}, which answers {answer.status_code}"
        if "text/html" not in answer["Content-Type"]:
            continue
        final = answer.redirect_chain[-1][0] if answer.redirect_chain else at
        links = links_of(answer.content.decode(), final)
        assert links - {at}, f"{at} has no way back"
        # Of the same page with other values in its query, two: a list has as many addresses as ways to sort it.
        links = {link for link in sorted(links) if link in seen or shapes[shape_of(link)] < ALIKE}
        shapes.update(shape_of(link) for link in links - seen - set(ahead))
        # A look at the trail is an event of it, with a page: who follows all of them never comes to an end.
        left = ("/static/", "/sign-out/", *([TRAIL] if at.startswith(TRAIL) and at not in START[who] else []))
        ahead += sorted(link for link in links if not link.startswith(left))
    assert len(seen) < MOST_PAGES, "the crawl did not come to an end"
    assert len(seen) >= (5 if who != "bob" else 1)


HOSTILE = [
    "x", "0", "-1", "F-0", "F-99999999999999999999", "f-1%00", "..%2f..%2fetc%2fpasswd", "%E2%80%AE", "%ff", "'",
    "é" * 300, "<script>alert(1)</script>",
]  # fmt: skip
TAKES_TEXT = re.compile(r"<(?!uuid:|int:)|\(\?P")
# Of these, what is posted as well.
POSTED = HOSTILE[::3]


def routes(patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "") -> Iterator[str]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def filled(route: str, value: str) -> str:
    path = re.sub(r"<[^>]+>", value, re.sub(r"\(\?P<[^>]+>(\[[^\]]*\][+*]|\.\+|[^)]*)\)", value, route))
    return "/" + path.replace("^", "").replace("$", "").replace("\\Z", "").lstrip("/")


ROUTES = sorted(set(routes()))


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["visitor", "alice", "nadia", "curt", "ada"])
def test_no_address_makes_the_server_fall_over(who: str, world: World, as_user: As) -> None:
    """With ids of what is there, every address is asked by each of the cast in tests/access/test_canaries.py."""
    client = Client() if who == "visitor" else as_user(world.person(who))
    client.raise_request_exception = False
    fallen = []
    for route in ROUTES:
        # Under /api/ stand the same classes and converters as under their pages, and the converters are the same for
        # everybody: all of them are asked by who sees most and by who is nobody. Past a key's converter gets nothing
        # but keys.
        is_asked_by_all = route.startswith("api/") or who not in ("visitor", "nadia") or not TAKES_TEXT.search(route)
        hostile = HOSTILE[:3] if is_asked_by_all else HOSTILE
        for value in [world.case.ref, str(uuid4()), *hostile] if "<" in route else [""]:
            path = filled(route, value)
            # Where no view is, the answer is the same for everybody: who is nobody asks for it.
            if who != "visitor" and not is_valid_path(path):
                continue
            # What a converter makes of an odd value it makes before the method is looked at: half of them are posted
            # too, and to each address a form without a field.
            is_posted = value in ("", world.case.ref) or value in POSTED
            answers = [client.get(path), *([posted(client, path)] if is_posted else [])]
            fallen += [f"{answer.request['REQUEST_METHOD']} {path}" for answer in answers if fell(answer)]
    assert fallen == []


def posted(client: Client, path: str) -> Any:
    """A form without a field; what it did, signing out included, is taken back."""
    signed_in = client.cookies.output(header="")
    with transaction.atomic():
        answer = client.post(path)
        transaction.set_rollback(True)
    client.cookies.load(signed_in)
    return answer


def fell(answer: Any) -> bool:
    """The probe says 503 where a part is not alive."""
    return bool(answer.status_code >= 500 and answer.request["PATH_INFO"] != "/health/")


QUERIES = [
    "q=%F0%9F%A7%A0%27%22%3Cb%3E&page=x&after=x&before=-1&sort=;drop&owner=%27%22",
    "q=!%26%7C(%3A*",
    "page=99999999999999999999&q=" + "a" * 5000,
]


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["visitor", "alice", "nadia", "curt", "ada"])
def test_no_query_makes_the_server_fall_over(who: str, world: World, as_user: As) -> None:
    client = Client() if who == "visitor" else as_user(world.person(who))
    client.raise_request_exception = False
    # Turned away before it is looked who asks.
    assert client.get("/search/?q=%00").status_code == 400
    fallen = []
    for path in filter(is_valid_path, (filled(route, world.case.ref) for route in ROUTES)):
        for query in QUERIES:
            answer = client.get(f"{path}?{query}")
            fallen += [f"{path}?{query[:40]}"] if fell(answer) else []
            if answer.status_code == 405:
                break
    assert fallen == []


class Fields(HTMLParser):
    """Forms of a page: where they post to, and the names of their fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and values.get("method", "").lower() == "post":
            self.forms.append((values.get("action", ""), {}))
        elif self.forms and tag in {"input", "textarea", "select", "button"} and values.get("name"):
            hidden = values.get("type") == "hidden"
            self.forms[-1][1][values["name"]] = values.get("value", "") if hidden else ""


BODIES = ["", "\x00", "a" * 100_000, "\u202eevil\u202c", "\x1b[31m", "<script>alert(1)</script>", "9" * 400, "🧠" * 50]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "page"),
    [
        ("visitor", "/sign-in/"), ("visitor", "/register/"), ("visitor", "/recover/"),
        ("alice", "/ask/"), ("alice", "/my/cases/{ref}/"), ("alice", "/my/medicines/"), ("alice", "/my/settings/"),
        ("alice", "/my/trust/give/"), ("nadia", "/clinic/emergency/"),
        ("nadia", "/cases/{ref}/"), ("nadia", "/cases/{ref}/publish/"), ("nadia", "/clinic/enrol/"),
        ("ada", "/manage/people/"), ("ada", "/manage/people/invite/"),
    ],
)  # fmt: skip
def test_no_field_makes_the_server_fall_over(who: str, page: str, world: World, as_user: As) -> None:
    """Each form of the page with each bad value in every field: a message, and never a broken server."""
    client = Client() if who == "visitor" else as_user(world.person(who))
    client.raise_request_exception = False
    at = page.format(ref=world.case.ref)
    parser = Fields()
    parser.feed(client.get(at).content.decode())
    assert parser.forms, f"{at} has no form"
    fallen = []
    for action, fields in parser.forms:
        to = urlsplit(urljoin(f"http://testserver{at}", action)).path
        for body in BODIES:
            answer = client.post(to, {name: value or body for name, value in fields.items()})
            if answer.status_code >= 500:
                fallen.append(f"{to} with {body[:12]!r}: {answer.status_code}")
    assert fallen == []
