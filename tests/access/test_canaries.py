"""The canary crawl: every address × method × actor × foreign id, and nowhere a word of somebody else's record.

Everybody of the cast, and who is nobody, asks for every address there is, with ids of things that are not theirs.
Bodies and headers are searched for marks that the asker may not see; logs, mails, broker and cache for any mark. Then
the same with each wall taken away: what Python forgets the database still holds, and the other way round.

A new address is crawled by itself; one whose parameter `tests/access/canaries.py` does not know fails the build.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.apps import apps
from django.conf import settings as clinic_settings
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponseBase
from django.test import Client

from portal import access
from portal.channels.email import write_mail
from portal.models import Delivery, KeptForm, User
from portal.walls import Rule
from tests.access.canaries import MARK, RECORD, Clinic, filled, kind_of, mark, routes

As = Callable[..., Client]
pytestmark = pytest.mark.django_db
ROUTES = routes()
# Asked in every mode, and the others only while both walls stand: they are refused before anything is read.
ASKED = ("get", "post")
BESIDES = ("head", "options", "put", "patch", "delete")
# These no address of ours takes, from anybody, and HEAD is GET without its body: two of the cast ask them all the same.
ASK_ALL = ("alice", "nadia")
CAST = ("visitor", "alice", "bob", "nadia", "karl", "tom", "tessa", "cora", "rita", "curt", "percy", "ada")
# With a wall taken away, each way to a record once: Bob is as Alice, and Karl as Nadia and Tom.
WAYS = ("visitor", "alice", "karl", "tessa", "cora", "rita", "curt", "percy", "ada")
# Answers without end, or of the server itself; nothing of a record is behind them.
NOT_ASKED = {"health/"}


def test_every_address_is_in_the_crawl() -> None:
    assert len(ROUTES) > 80
    unknown = []
    for route in ROUTES:
        try:
            kind_of(route)
        except LookupError as wrong:
            unknown.append(str(wrong))
    assert unknown == []


@pytest.fixture
def _python_says_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wall one taken away: every row is visible, every permission held, everywhere."""

    def every(_self: Any, *_args: Any, **_kwargs: Any) -> Q:
        # Not Q(): or'ed with a condition, an empty one would be that condition.
        return ~Q(pk__in=[])

    monkeypatch.setattr(Rule, "q", every)
    for rule in every_rule():
        monkeypatch.setattr(rule, "q", every)
    monkeypatch.setattr(access.Reach, "in_departments", every)
    monkeypatch.setattr(access.Reach, "as_staff", property(lambda _self: True))
    monkeypatch.setattr(access, "can", lambda *_args: True)
    monkeypatch.setattr(access, "has", lambda *_args: True)


def every_rule(kind: type[Rule] = Rule) -> Iterator[type[Rule]]:
    for child in kind.__subclasses__():
        yield child
        yield from every_rule(child)


@pytest.mark.parametrize("who", CAST)
def test_nobody_is_shown_what_is_not_theirs(who: str, as_user: As, caplog: pytest.LogCaptureFixture) -> None:
    clinic = Clinic()
    # But for one line for each variable that a template lacks: its name, and nothing of what people wrote.
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.INFO, logger="django.template"):
        found = crawl(clinic, who, as_user, ASKED + (BESIDES if who in ASK_ALL else ()), of_both=True)
    assert found == set()
    assert MARK.findall(caplog.text) == []


@pytest.mark.parametrize("who", WAYS)
@pytest.mark.usefixtures("_python_says_yes")
def test_what_python_forgets_the_database_still_holds(who: str, as_user: As) -> None:
    """All but drafts of the library, which has one wall (docs/architecture.md), and names of accounts."""
    found = crawl(Clinic(), who, as_user, ASKED, besides=frozenset({"draft"}))
    assert found == set()


@pytest.mark.parametrize("who", WAYS)
def test_what_the_database_forgets_python_still_holds(who: str, as_user: As, settings: Any) -> None:
    """Wall two taken away: requests work as the owner, whom no policy holds."""
    clinic = Clinic()
    settings.APPLICATION_ROLE = ""
    assert crawl(clinic, who, as_user, ASKED) == set()


@pytest.mark.usefixtures("_python_says_yes")
def test_the_crawl_finds_a_mark_where_both_walls_are_gone(as_user: As, settings: Any) -> None:
    """Else the tests above could not fail."""
    clinic = Clinic()
    settings.APPLICATION_ROLE = ""
    found = crawl(clinic, "karl", as_user, ("get",))
    kinds = {MARK.search(word).group(2) for _where, word in found}  # type: ignore[union-attr]
    assert kinds >= {"person", "case", "result", "medicine", "followup", "file"}


def test_no_mark_in_mails_broker_or_cache(as_user: As) -> None:
    clinic = Clinic()
    crawl(clinic, "nadia", as_user, ("get",))
    for delivery in Delivery.objects.select_related("recipient"):
        if delivery.recipient:
            # The greeting is the recipient's own name.
            delivery.recipient.name = "Somebody"
        assert MARK.search(write_mail(delivery).as_string()) is None, delivery.purpose
    for number in (0, 1):
        with redis.Redis.from_url(f"{clinic_settings.REDIS_URL}/{number}") as store:
            for key in store.scan_iter(count=500):
                assert MARK.search(key.decode(errors="replace")) is None
                assert MARK.search(repr(store.dump(key))) is None


def crawl(
    clinic: Clinic,
    who: str,
    as_user: As,
    methods: tuple[str, ...],
    besides: frozenset[str] = frozenset(),
    *,
    of_both: bool = False,
) -> set[tuple[str, str]]:
    """Where somebody was shown a mark that is not theirs to see: (what was asked, the mark).

    `of_both`: who may see neither record asks with the ids of both, else with those of one.
    """
    allowed = clinic.allowed[who] | {mark(of, kind) for of in ("alice", "bob") for kind in besides}
    client = Client() if who == "visitor" else as_user(clinic.cast[who])
    client.raise_request_exception = False
    signed_in, found = client.cookies.output(), set()
    for method, path, data in questions(clinic, who, methods, of_both=of_both):
        client.cookies.load(signed_in.replace("Set-Cookie: ", ""))
        # Whatever it did, signing out included, is taken back.
        with transaction.atomic():
            answer = getattr(client, method)(path, data)
            found |= {(f"{method} {path}", word) for word in marks_in(answer) - allowed}
            transaction.set_rollback(True)
    return found


def questions(
    clinic: Clinic, who: str, methods: tuple[str, ...], *, of_both: bool
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every address with ids of what is not theirs; for who may see neither or both, of Alice's."""
    theirs = clinic.alices if who in ("bob", "karl", "tom") else clinic.bobs
    foreign = [theirs] if who in ("alice", "nadia", "cora", "bob", "karl", "tom") else [clinic.alices, clinic.bobs]
    foreign = foreign if of_both else foreign[:1]
    for route in ROUTES:
        if route in NOT_ASKED:
            continue
        kind = kind_of(route)
        for marked in foreign if kind else foreign[:1]:
            for value in marked.ids[kind] if kind else [""]:
                for method in methods if marked is foreign[0] else ASKED:
                    yield method, filled(route, value), body_of(marked)


def body_of(marked: Any) -> dict[str, str]:
    """In the query or the body: what a form would say, and the ids of somebody else's things."""
    ids = {name: values[0] for name, values in marked.ids.items() if values}
    return {
        **ids, "q": marked.patient.record_number, "person": ids["patient"], "owner": str(marked.by.pk),
        "body": "Hello", "story": "Hello", "title": "Hello", "reason": "It is urgent, at once", "note": "Hello",
        "for": ids["patient"], "patient_id": ids["patient"], "mine": "1",
    }  # fmt: skip


def marks_in(answer: HttpResponseBase) -> set[str]:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    text = content.decode(errors="replace") + " ".join(f"{name}: {value}" for name, value in answer.items())
    return {found.group().lower() for found in MARK.finditer(text)}


def test_every_kind_of_the_record_is_marked() -> None:
    clinic = Clinic()
    assert {kind for kind in RECORD if mark("alice", kind) not in words_of(clinic)} == set()
    assert all(isinstance(actor, User) or name in ("visitor", "system") for name, actor in clinic.cast.items())


def words_of(clinic: Clinic) -> str:
    """All texts of Alice's record, as the tables hold them."""
    rows = []
    for model in (model for name in ("patients", "clinicians") for model in apps.get_app_config(name).get_models()):
        if not hasattr(model, "pgh_tracked_model"):
            rows += [repr(row) for row in model._default_manager.values()]
    return " ".join(rows) + repr(KeptForm.objects.values()) + mark("alice", "file")
