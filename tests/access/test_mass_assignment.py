"""No form and no endpoint takes a field that it does not ask for: what else is posted changes nothing at all.

Each post of posts.py is sent as it is, and sent again with the names of other columns beside it; both must leave the
same rows, in every table, column by column, and answer the same.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import connection, transaction
from django.test import Client

from clinicians.models import Occurrence, Webhook, WorkItem
from patients.models.calendar_feeds import CalendarFeed
from portal.models import ApiToken, ContactPoint
from tests.access import tables
from tests.access.crawl import ROUTES, address
from tests.access.posts import POSTS, Post, send
from tests.access.scene import Scene

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
IGNORED = {tables.TRAIL, tables.SESSIONS}
# Made anew each time by its maker: a salt, and the history's own clock.
UNLIKE = {"password", "pgh_created_at"}
# Drawn anew as well: the secret behind recovery codes, and the key of a session.
SECRET = {
    (Authenticator._meta.db_table, "data"),
    (UserSession._meta.db_table, "session_key"),
    (ApiToken._meta.db_table, "prefix"),
    (ApiToken._meta.db_table, "digest"),
    (Webhook._meta.db_table, "secret"),
    (CalendarFeed._meta.db_table, "key_digest"),
    # Of the row's own key.
    (ContactPoint._meta.db_table, "code_digest"),
    (WorkItem._meta.db_table, "number"),
    # Of a number that the database draws.
    (Occurrence._meta.db_table, "case_ref"),
}

# Taken as a whole, with the signature or the secret of who sent it (tests/portal/test_contacts.py).
SIGNED = {"portal:hook-mail", "portal:hook-mail-provider", "portal:hook-sms", "portal:hook-bulksms"}


def extras(scene: Scene) -> dict[str, str]:
    """Names of columns that no form asks for, with values that would do harm."""
    bob, user, ada = scene.world.bob, scene.world.bob.user, scene.world.person("ada")
    assert user
    flags = ["is_active", "is_staff", "is_superuser", "published", "verified", "primary", "has_consent", "agreed",
             "is_sample", "has_hard_stop", "possible_duplicate"]  # fmt: skip
    people = ["owner", "author", "recorded_by", "approved_by", "edited_by", "answered_by", "added_by", "asked_by",
              "released_by", "closed_by", "ended_by", "settled_by", "approver", "recipient", "user", "actor", "by",
              "as"]  # fmt: skip
    return {
        **dict.fromkeys(flags, "on"),
        **{name: str(ada.pk) for name in people},
        **{f"{name}_id": str(ada.pk) for name in people},
        "role": "administrator", "roles": "administrator", "groups": "1", "permissions": "all",
        "status": "published", "state": "sent", "outcome": "answered", "origin": "prescribed",
        "id": str(bob.pk), "pk": str(bob.pk), "patient": str(bob.pk), "patient_id": str(bob.pk),
        "case": str(scene.bobs.pk), "case_id": str(scene.bobs.pk), "ref": scene.bobs.ref, "number": "7",
        "record_number": "R000000007", "department": str(scene.world.cardiology.pk),
        "department_id": str(scene.world.cardiology.pk), "question": str(scene.published.pk),
        "created_at": "2001-01-01T00:00:00Z", "changed_at": "2001-01-01T00:00:00Z",
        "published_at": "2001-01-01T00:00:00Z", "released_at": "2001-01-01T00:00:00Z", "closed_at": "2001-01-01",
        "answer_due_at": "2001-01-01T00:00:00Z", "waiting_since": "2001-01-01", "review_on": "2099-01-01",
        "version": "77", "urgency": "1", "email": "attacker@example.org", "password": "attacker-password",
        "title": "Taken over", "slug": "taken-over", "born_on": "1900-01-01", "findings": "[]", "acknowledged": "all",
        "needs_consent": "", "consent_digest": "0" * 64, "text_digest": "0" * 64, "text": "Taken over",
        "form_key": str(bob.pk), "dedupe_key": "taken", "path": "/taken/", "purpose": "new_reply", "import_key": "x",
        "source_url": "https://example.org/", "words": "{}", "ended_reason": "x", "closing_note": "x",
        "safety_net": "x", "comment": "Taken over", "impression": "x", "evidence": "declined",
    }  # fmt: skip


def beside(post: Post, scene: Scene) -> dict[str, str]:
    """All that this form does not ask for itself; in the rows of a form of rows too."""
    asked = post.data(scene)
    more = extras(scene)
    rows = {name.rpartition("-")[0] for name in asked if re.search(r"-\d+-", name)}
    spread = {f"{row}-{name}": value for row in rows for name, value in more.items()}
    return {name: value for name, value in {**more, **spread}.items() if name not in asked}


def drawn() -> set[tuple[str, str]]:
    """Columns whose numbers the database draws: a draw is not taken back with its transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND (column_default LIKE 'nextval%' OR is_identity = 'YES')"
        )
        return set(cursor.fetchall())


def plain(before: tables.Rows, after: tables.Rows, unlike: set[tuple[str, str]]) -> dict[str, list[str]]:
    """What has changed, with every new key written as one."""
    known = {key for rows in before.values() for row in rows for key in UUID.findall(row)}
    found = {}
    for name, rows in tables.changed(before, after).items():
        kept = [
            {column: value for column, value in row.items() if (name, column) not in unlike and column not in UNLIKE}
            for row in rows
        ]
        texts = (json.dumps(row, sort_keys=True) for row in kept)
        found[name] = sorted(UUID.sub(lambda key: key[0] if key[0] in known else "new", text) for text in texts)
    return found


def told(answer: Any) -> tuple[int, str]:
    place = re.sub(r"F-\d+", "F-", UUID.sub("new", answer.headers.get("Location", "")))
    return answer.status_code, place.partition("?")[0]


@pytest.mark.django_db
def test_every_route_is_in_the_table_or_takes_no_post() -> None:
    scene = Scene()
    clients = {who: scene.client(who) for who in ("alice", "nadia", "curt", "ada")}
    taking = set()
    for route in sorted(set(ROUTES) - set(POSTS) - SIGNED):
        path = address(route, scene)
        said = {client.post(path).status_code for client in clients.values()}
        # 403: not their desk. 302: no record of their own, so the page that opens one comes first.
        if 405 not in said or said - {302, 403, 405}:
            taking.add(f"{route} {said}")
    assert taking == set(), "put what they take into tests/access/posts.py"
    assert set(POSTS) <= set(ROUTES)


@pytest.mark.django_db
def test_what_no_form_asks_for_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # Stands still, and where the database is: its walls ask its own clock whether trust has run out.
    with time_machine.travel(datetime.now(UTC), tick=False):
        scene, unlike = Scene(), drawn() | SECRET
        monkeypatch.setattr("patients.actions.patients.randbelow", lambda _most: 42)
        wrong = []
        for route, posts in sorted(POSTS.items()):
            for post in posts:
                before: tables.Rows = {}
                said = sent(route, post, scene, {}, unlike, before)
                if said[0][0] >= 400 or (post.writes and not said[1]):
                    wrong.append(f"{route} {post.way}: the post itself does nothing: {said}")
                elif (more := sent(route, post, scene, beside(post, scene), unlike, before)) != said:
                    wrong.append(f"{route} {post.way}: {difference(said, more)}")
    assert not wrong, "\n".join(wrong)


def sent(
    route: str, post: Post, scene: Scene, extra: dict[str, str], unlike: set[tuple[str, str]], before: tables.Rows
) -> Any:
    """What was answered and what has changed since `before`, which is filled by the first of two equal posts."""
    client: Client = scene.twin(post.who)
    post.data(scene)
    with transaction.atomic():
        post.at(scene)
        before.update({} if before else tables.everything(but=IGNORED))
        answer = send(client, route, post, scene, extra)
        found = plain(before, tables.everything(but=IGNORED), unlike)
        transaction.set_rollback(True)
    return told(answer), found


def difference(one: Any, other: Any) -> str:
    rows = {name for name in {*one[1], *other[1]} if one[1].get(name) != other[1].get(name)}
    return f"{one[0]} became {other[0]}; " + str([(name, one[1].get(name), other[1].get(name)) for name in rows])
