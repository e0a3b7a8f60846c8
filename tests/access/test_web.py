"""What a browser may be made to do: reading changes nothing, and no post without the token of a page of ours is taken.

Each route is asked for by each of the cast, with things that are there in its address, and with markup in every text.
"""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from faq.models import SearchMiss
from tests.access import tables
from tests.access.crawl import ROUTES, address
from tests.access.posts import POSTS, send
from tests.access.scene import Scene
from tests.access.test_headers import missing
from tests.access.test_markup import make_hostile, strange_in

CAST = ["visitor", "alice", "nadia", "tessa", "cora", "curt", "percy", "ada"]
# Beside GET: what an address takes.
MORE = {"alice": ("OPTIONS",)}
# Who looked at what is written down: that is the trail's purpose. A session is what a browser keeps.
BESIDE = {tables.TRAIL, tables.SESSIONS}
# How often somebody searched in vain, without who: curators ask what is missing. Nothing else is written by a GET.
COUNTED = SearchMiss._meta.db_table


# The library signs out whoever opens the link to confirm an address of somebody else.
ENDS = {"account_confirm_email"}
# Says whether the parts work, to anybody and in the same words.
NOBODYS = {"portal:health"}

# Posted by programs without a cookie: a signature or a signed address lets them in, which do one thing each.
SIGNED = {"portal:stop", "portal:hook-mail", "portal:hook-mail-provider", "portal:hook-sms", "portal:hook-bulksms"}


def lacking(who: str, route: str, answer: Any) -> list[str]:
    """Whoever is signed in leaves nothing in the browser's cache."""
    if who == "visitor" or route in NOBODYS or answer.headers.get("Cache-Control", "") == "no-store":
        return []
    return ["no-store"]


def ask(client: Client, method: str, path: str) -> Any:
    return client.generic(method, path, HTTP_ACCEPT="text/html")


def judged(who: str, route: str, answer: Any) -> list[str]:
    """What one answer breaks, and of which promise."""
    text = answer.content.decode() if is_page(answer) else ""
    return [
        *([f"it fell over: {answer.status_code}"] if answer.status_code >= 500 else []),
        *(f"it lacks the header {name}" for name in missing(answer, route)),
        *(f"a browser may keep it: {name}" for name in lacking(who, route, answer)),
        *(f"markup is not text: {found}" for found in strange_in(text)),
    ]


def is_page(answer: Any) -> bool:
    return not answer.streaming and "html" in answer.headers.get("Content-Type", "")


@pytest.mark.django_db
def test_reading_changes_nothing_is_kept_by_no_browser_and_shows_markup_as_text() -> None:
    """One crawl, and of each answer all that is promised of whatever is read; see `judged` for what it says."""
    scene, wrong, answered = Scene(), list[str](), {}
    asked = [(route, address(route, scene)) for route in ROUTES]
    asked += [("search", "/search/?q=zebra+stripes"), ("search", "/search/?q=xm"), ("patients", "/patients/?q=xm")]
    asked += [("faq:draft", f"/curate/questions/{scene.draft.pk}/?with=1")]
    clients, spare = ({who: scene.client(who) for who in CAST} for _twice in range(2))
    assert make_hostile() > 55
    before, shown = tables.everything(but=BESIDE), Counter[str]()
    for who, (route, path) in product(CAST, asked):
        for method in ("GET", *(MORE.get(who, ()) if route not in ENDS else ())):
            answer = ask((spare if route in ENDS else clients)[who], method, path)
            answered[who, method, route] = answer.status_code
            wrong += [f"{who} {method} {path}: {what}" for what in judged(who, route, answer)]
            shown[who] += is_page(answer) and b"&lt;xm" in answer.content
    after = tables.changed(before, tables.everything(but=BESIDE))
    assert not wrong, "\n".join(wrong[:50])
    assert set(after) <= {COUNTED}, f"reading changed something: {str(after)[:2000]}"
    assert shown.total() > 60, "the pages show what was written, as text"
    opened = {route for (_who, _method, route), status in answered.items() if status == 200}
    assert {
        "patients:case",
        "patients:file",
        "clinicians:api-case",
        "faq:draft",
        "faq:article",
        "portal:audit",
    } <= opened


@pytest.mark.django_db
def test_no_post_is_taken_without_the_token_of_a_page() -> None:
    scene, wrong = Scene(), []
    people = {post.who for posts in POSTS.values() for post in posts}
    clients = {who: scene.client(who, enforce_csrf_checks=True) for who in people}
    before = tables.everything(but=BESIDE)
    for route, posts in sorted(POSTS.items()):
        for post in posts if route not in SIGNED else ():
            with transaction.atomic():
                answer = send(clients[post.who], route, post, scene)
                transaction.set_rollback(answer.status_code != 403)
            if answer.status_code != 403:
                wrong.append(f"{route} {post.way} as {post.who}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert tables.changed(before, tables.everything(but=BESIDE)) == {}


@pytest.mark.django_db
def test_no_unsafe_method_is_taken_without_a_token_anywhere() -> None:
    scene, wrong = Scene(), []
    clients = {who: scene.client(who, enforce_csrf_checks=True) for who in ("alice", "nadia")}
    before = tables.everything(but=BESIDE)
    for route, (who, client) in product(sorted(set(ROUTES) - SIGNED), clients.items()):
        path = address(route, scene)
        for method in ("POST", "DELETE") if who == "alice" else ("POST", "PUT", "PATCH"):
            answer = ask(client, method, path)
            # 405: this address takes no such thing from anybody. 302: to the page where it begins.
            if answer.status_code not in (302, 403, 405):
                wrong.append(f"{method} {path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert tables.changed(before, tables.everything(but=BESIDE)) == {}
