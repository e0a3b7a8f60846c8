"""The canary crawl: every address × method × actor × foreign id, and nowhere a word of somebody else's record.

Everybody of the cast, and who is nobody, asks for every address there is, with ids of things that are not theirs.
Bodies and headers are searched for marks that the asker may not see; logs, mails, broker and cache for any mark; and
no answer may say that the server fell over. Then the same with each wall taken away: what Python forgets the database
still holds, and the other way round.

A new address is crawled by itself; one whose parameter `tests/access/canaries.py` does not know fails the build.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
import redis
from django.apps import apps
from django.conf import settings as clinic_settings
from django.core.cache import caches
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponseBase
from django.test import Client, override_settings
from django.urls import is_valid_path
from pytest_django import DjangoDbBlocker

from portal import access
from portal.channels.email import write_mail
from portal.models import Delivery, KeptForm, User
from portal.walls import Rule
from tests.access.canaries import MARK, RECORD, Clinic, filled, kind_of, mark, routes
from tests.once import made_once

As = Callable[..., Client]
pytestmark = pytest.mark.django_db
ROUTES = routes()
# Asked in every mode, and the others only while both walls stand: they are refused before anything is read.
ASKED = ("get", "post")
BESIDES = ("head", "options", "put", "patch", "delete")
# These no address of ours takes, from anybody, and HEAD is GET without its body: who sees most asks them all the same,
# and then a patient, of what did not tell the former that it takes no such thing.
ASK_ALL = {"nadia": BESIDES, "alice": BESIDES[1:]}
CAST = ("nadia", "alice", "visitor", "bob", "karl", "tom", "tessa", "cora", "rita", "curt", "percy", "ada")
# With a wall taken away, each way to a record once: Bob is as Alice, and Karl as Nadia and Tom.
WAYS = ("visitor", "alice", "karl", "tessa", "cora", "rita", "curt", "percy", "ada")
# (method, route) that were answered 405, or that such an answer does not allow: by the view, which looks at the method
# alone, before it reads anything. That none of them is taken without a token is asked in test_web.py, of each.
TAKEN_FROM_NOBODY: set[tuple[str, str]] = set()
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


@pytest.fixture(scope="module", autouse=True)
def _files_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """As for the other tests here, but as long as the clinic is."""
    location = str(tmp_path_factory.mktemp("files"))
    kept = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": location}}
    with override_settings(STORAGES={**clinic_settings.STORAGES, "default": kept}):
        yield


@pytest.fixture(scope="module")
def clinic(_files_of_its_own: None, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Clinic]:
    with made_once(django_db_blocker, Clinic) as made:
        yield made


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
def test_nobody_is_shown_what_is_not_theirs(
    who: str, clinic: Clinic, as_user: As, caplog: pytest.LogCaptureFixture
) -> None:
    # But for one line for each variable that a template lacks: its name, and nothing of what people wrote.
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.INFO, logger="django.template"):
        found = crawl(clinic, who, as_user, ASKED + ASK_ALL.get(who, ()), of_both=True, again=who != CAST[0])
    assert found.shown == set()
    assert found.fallen == [], "the server fell over"
    assert MARK.findall(caplog.text) == []


@pytest.mark.parametrize("who", WAYS)
@pytest.mark.usefixtures("_python_says_yes")
def test_what_python_forgets_the_database_still_holds(who: str, clinic: Clinic, as_user: As) -> None:
    """All but drafts of the library, which has one wall (docs/architecture.md), and names of accounts."""
    found = crawl(clinic, who, as_user, ASKED, besides=frozenset({"draft"}), again=True)
    assert found.shown == set()


@pytest.mark.parametrize("who", WAYS)
def test_what_the_database_forgets_python_still_holds(who: str, clinic: Clinic, as_user: As, settings: Any) -> None:
    """Wall two taken away: requests work as the owner, whom no policy holds."""
    settings.APPLICATION_ROLE = ""
    assert crawl(clinic, who, as_user, ASKED, again=True).shown == set()


@pytest.mark.usefixtures("_python_says_yes")
def test_the_crawl_finds_a_mark_where_both_walls_are_gone(clinic: Clinic, as_user: As, settings: Any) -> None:
    """Else the tests above could not fail."""
    settings.APPLICATION_ROLE = ""
    found = crawl(clinic, "karl", as_user, ("get",)).shown
    kinds = {MARK.search(word).group(2) for _where, word in found}  # type: ignore[union-attr]
    assert kinds >= {"person", "case", "result", "medicine", "followup", "file"}


def test_no_mark_in_mails_broker_or_cache(clinic: Clinic, as_user: As) -> None:
    crawl(clinic, "nadia", as_user, ("get",))
    for delivery in Delivery.objects.select_related("recipient"):
        if delivery.recipient:
            # The greeting is the recipient's own name.
            delivery.recipient.name = "Somebody"
        assert MARK.search(write_mail(delivery).message().as_string()) is None, delivery.purpose
    for number in (0, 1):
        with redis.Redis.from_url(f"{clinic_settings.REDIS_URL}/{number}") as store:
            for key in store.scan_iter(count=500):
                assert MARK.search(key.decode(errors="replace")) is None
                assert MARK.search(repr(store.dump(key))) is None


class Found(NamedTuple):
    """What was asked, with the mark in its answer that is not theirs to see; and what the server fell over."""

    shown: set[tuple[str, str]]
    fallen: list[str]


def crawl(
    clinic: Clinic,
    who: str,
    as_user: As,
    methods: tuple[str, ...],
    besides: frozenset[str] = frozenset(),
    *,
    of_both: bool = False,
    again: bool = False,
) -> Found:
    """Everything asked by one of them.

    `of_both`: who stands to the two records otherwise asks with the ids of both, else with those of one. `again`: what
    an address takes from nobody, as it told somebody before, is not asked of it; of methods that none of ours takes
    that is so from the first.
    """
    allowed = clinic.allowed[who] | {mark(of, kind) for of in ("alice", "bob") for kind in besides}
    client = Client() if who == "visitor" else as_user(clinic.cast[who])
    client.raise_request_exception = False
    signed_in, found, too_often = client.cookies.output(), Found(set(), []), False
    for method, route, path, data in questions(clinic, who, methods, of_both=of_both):
        if (again or method in BESIDES) and (method, route) in TAKEN_FROM_NOBODY:
            continue
        # So that nobody has asked too often, and is shown nothing for that.
        caches["default"].key_prefix = uuid4().hex
        client.cookies.load(signed_in.replace("Set-Cookie: ", ""))
        # Whatever it did, signing out included, is taken back.
        with transaction.atomic():
            answer = getattr(client, method)(path, data)
            found.shown.update((f"{method} {path}", word) for word in marks_in(answer) - allowed)
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            found.fallen.append(f"{method} {path}: {answer.status_code}")
        if answer.status_code == 405:
            refused = {method, *BESIDES[1:]} - {name.strip().lower() for name in answer.headers["Allow"].split(",")}
            TAKEN_FROM_NOBODY.update((name, route) for name in refused)
        too_often |= answer.status_code == 429
    assert not too_often
    return found


def questions(
    clinic: Clinic, who: str, methods: tuple[str, ...], *, of_both: bool
) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """Every address with ids of what is not theirs; for who may see neither, of Alice's.

    Tessa sees both in part, and Rita is trusted by one and no more by the other. To whoever sees neither, one record is
    as the other.
    """
    theirs = clinic.bobs if who in ("alice", "nadia", "cora") else clinic.alices
    foreign = [clinic.alices, clinic.bobs] if who in ("tessa", "rita") else [theirs]
    foreign = foreign if of_both else foreign[:1]
    for route in ROUTES:
        if route in NOT_ASKED:
            continue
        kind = kind_of(route)
        for marked in foreign if kind else foreign[:1]:
            for value in marked.ids[kind] if kind else [""]:
                path = filled(route, value)
                # Where no view is, there is nothing that could tell one method from another.
                of_path = (methods if marked is foreign[0] else ASKED) if is_valid_path(path) else methods[:1]
                for method in of_path:
                    yield method, route, path, body_of(marked)


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


def test_every_kind_of_the_record_is_marked(clinic: Clinic) -> None:
    assert {kind for kind in RECORD if mark("alice", kind) not in words_of(clinic)} == set()
    assert all(isinstance(actor, User) or name in ("visitor", "system") for name, actor in clinic.cast.items())


def words_of(clinic: Clinic) -> str:
    """All texts of Alice's record, as the tables hold them."""
    rows = []
    for model in (model for name in ("patients", "clinicians") for model in apps.get_app_config(name).get_models()):
        if not hasattr(model, "pgh_tracked_model"):
            rows += [repr(row) for row in model._default_manager.values()]
    return " ".join(rows) + repr(KeptForm.objects.values()) + mark("alice", "file")
