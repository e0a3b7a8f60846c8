"""What a browser may be made to do: reading changes nothing, and no post without the token of a page of ours is taken.

Each route is asked for by each of the cast, with things that are there in its address.
"""

from __future__ import annotations

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

CAST = ["visitor", "alice", "nadia", "cora", "curt", "percy", "ada"]
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


@pytest.mark.django_db
def test_reading_changes_nothing_and_is_never_kept_by_a_browser() -> None:
    scene, wrong = Scene(), []
    paths = {route: address(route, scene) for route in ROUTES}
    paths["search"] = "/search/?q=zebra+stripes"
    clients, spare = ({who: scene.client(who) for who in CAST} for _twice in range(2))
    before = tables.everything(but=BESIDE)
    answered = {}
    for who in CAST:
        methods = ("GET", *MORE.get(who, ()))
        for route, method in product(paths, methods):
            if route in ENDS and method != "GET":
                continue
            answer = ask((spare if route in ENDS else clients)[who], method, paths[route])
            answered[who, method, route] = answer.status_code
            lacks = [*missing(answer), *lacking(who, route, answer)]
            if answer.status_code >= 500 or lacks:
                wrong.append(f"{who} {method} {paths[route]}: {answer.status_code}, without {lacks}")
    after = tables.changed(before, tables.everything(but=BESIDE))
    assert not wrong, "\n".join(wrong)
    assert set(after) <= {COUNTED}, str(after)[:2000]
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
