"""The API does what its schema says: every address is asked what the schema allows, and what it doesn't.

Schemathesis makes up the questions; a clinician's token asks them of a clinic with one of everything. What is answered
must be one of the documented codes, of the documented kind, and of the documented shape; and never a fault of ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import uuid4

import pytest
import schemathesis
from django import forms
from django.core.cache import caches
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from clinicians.api.acts import Act
from clinicians.api.form_schemas import ANYTHING, schema_of
from clinicians.api.openapi import endpoints, schema
from clinicians.urls import ENDPOINTS, FOR_PROGRAMS
from patients.models import Patient
from portal import problems
from portal.models import User
from tests import make
from tests.access.crawl import own, things
from tests.access.posts import POSTS
from tests.access.scene import Scene
from tests.access.test_fields import a_full_scene

SignIn = Callable[[User | Patient], Client]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Of each address and each way of asking: enough to meet every kind of field, few enough for a minute in all.
EXAMPLES = 6
ALL = list(HealthCheck)
# Endpoints of which nobody has said what they take or tell. Empty: say it with `answers`, and by the form's own class.
UNSAID: set[str] = set()
# For people, or the description itself.
UNDESCRIBED = {"/api/v1/schema/"}
PARAMETER = re.compile(r"<[^>]+>|\{[^}]+\}")


def test_every_endpoint_says_what_it_takes_and_tells() -> None:
    found = schema()
    assert found["openapi"].startswith("3.1")
    mounted = {"/" + PARAMETER.sub("{}", str(pattern.pattern)) for pattern in endpoints()}
    assert {PARAMETER.sub("{}", path) for path in found["paths"]} == mounted - UNDESCRIBED
    unsaid = {
        f"{method} {path}: {what}"
        for path, methods in found["paths"].items()
        for method, operation in methods.items()
        for what, part in (("takes", operation.get("requestBody")), ("tells", good_answer(operation)))
        if part and part["content"]["application/json"]["schema"] == ANYTHING
    }
    assert unsaid == UNSAID


def test_acts_that_what_was_said_since_would_change_ask_what_was_read() -> None:
    """As docs/api.md lists them; a draft is kept whatever was said since."""
    asking = {
        path.rstrip("/").rpartition("/")[2]
        for path, methods in schema()["paths"].items()
        if "428" in methods.get("post", {}).get("responses", {})
    }
    assert asking == {"triage", "assign", "reply", "close", "hand-over", "refer", "snooze", "merge"}


def good_answer(operation: dict[str, Any]) -> dict[str, Any]:
    good = min(code for code in operation["responses"] if code.startswith("2"))
    answer: dict[str, Any] = operation["responses"][good]
    return answer


class Described(forms.Form):
    """One of each kind of field."""

    name = forms.CharField(label="Name", max_length=9)
    urgency = forms.TypedChoiceField(choices=[(1, "now"), (2, "soon")], coerce=int)
    day = forms.DateField(required=False)
    tick = forms.BooleanField(required=False)


Described.base_fields["outcomes-one"] = forms.ChoiceField(choices=[("", "Choose"), ("yes", "Yes")])


def test_a_form_is_its_schema() -> None:
    found = schema_of(Described)
    assert found["required"] == ["name", "urgency", "outcomes"]
    assert found["properties"]["name"] == {"type": "string", "maxLength": 9, "description": "Name"}
    assert found["properties"]["urgency"] == {"type": "integer", "enum": [1, 2]}
    assert found["properties"]["day"] == {"type": ["string", "null"], "format": "date"}
    assert found["properties"]["tick"] == {"type": ["boolean", "null"]}
    nested = found["properties"]["outcomes"]
    assert nested == {
        "type": "object", "properties": {"one": {"type": "string", "enum": ["yes"]}}, "required": ["one"]
    }  # fmt: skip


def test_a_new_endpoint_describes_itself() -> None:
    """By what its `form` returns; and says an object of any shape where it returns none that is known."""

    class Told(Act):
        def form(self, subject: Any, data: Any) -> Described:
            return Described(data)

    class Untold(Act):
        pass

    assert Told.takes() == schema_of(Described)
    assert Untold.takes() is ANYTHING
    assert not Untold.asks_for_seen()


@pytest.mark.django_db
def test_people_read_it_on_a_page_of_ours(nadia: User, alice: Patient, as_user: SignIn) -> None:
    desk = as_user(nadia)
    page = desk.get("/api/v1/docs/", HTTP_ACCEPT="text/html")
    text = page.content.decode()
    assert page.status_code == 200
    assert [path for path in schema()["paths"] if f" {path}<" not in text] == []
    assert re.findall(r"<script(?![^>]* src=\"/static/)| style=|(?:src|href)=\"(?:https?:)?//", text) == []
    explained = desk.get(problems.EXPLAINED).content.decode()
    assert [kind.code for kind in problems.KINDS.values() if f'id="{kind.code}"' not in explained] == []
    assert b"openapi: 3.1" in desk.get("/api/v1/schema/", HTTP_ACCEPT="application/yaml").content
    for path, visitor in (("/api/v1/schema/", 401), ("/api/v1/docs/", 302), (problems.EXPLAINED, 302)):
        assert [client.get(path).status_code for client in (Client(), as_user(alice))] == [visitor, 403], path


@contextmanager
def kept_open() -> Iterator[None]:
    """As Django's own client does it: a request ends no connection in the middle of a test."""
    ends = (request_started, request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    yield
    for end in ends:
        end.connect(close_old_connections)


@pytest.mark.django_db
def test_every_answer_is_as_the_schema_says() -> None:
    scene = a_full_scene()
    scene.seen = scene._seen("nadia", scene.case)
    _token, secret = make.make_token(scene.world.nadia)
    headers = {"Authorization": f"Bearer {secret}"}
    api = schemathesis.openapi.from_dict(Client(headers=headers).get("/api/v1/schema/").json())
    api.validate()
    api.app = WSGIHandler()
    wrong: list[str] = []
    with kept_open():
        for result in api.get_all_operations():
            # All that is asked here is more than an account may ask in a minute.
            caches["default"].key_prefix = uuid4().hex
            operation = cast("Any", result).ok()
            wrong += done(operation, scene)
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                wrong += ask(operation, mode, headers, scene)
    assert not wrong, "\n".join(wrong)


def ask(operation: Any, mode: GenerationMode, headers: dict[str, str], scene: Scene) -> list[str]:
    real = at(operation, scene)

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=ALL)
    @given(case=operation.as_strategy(generation_mode=mode), is_real=st.booleans())
    def one(case: Any, is_real: bool) -> None:
        if is_real:
            mend(case, real, scene)
        with transaction.atomic():
            answer = case.call(headers=headers)
            transaction.set_rollback(True)
        case.validate_response(answer, checks=CHECKS)

    try:
        one()
    except FailureGroup as failed:
        return [f"{operation.label}, {mode.value}: {failed.exceptions}\n{failed}"]
    return []


def at(operation: Any, scene: Scene) -> dict[str, Any]:
    """Things that are there, for this address."""
    route = f"clinicians:api-{name_of(operation)}"
    place = POSTS[route][0].at(scene) if route in POSTS else own(scene).get(route, things(scene))
    return {to: str(place[key]) for key, to in (("ref", "ref"), ("pk", "id")) if f"{{{to}}}" in operation.path}


def name_of(operation: Any) -> str:
    path = PARAMETER.sub("{}", operation.path.removeprefix("/api/v1/"))
    return next(
        (name for address, _endpoint, name in (*ENDPOINTS, *FOR_PROGRAMS) if PARAMETER.sub("{}", address) == path), ""
    )


def mend(case: Any, real: dict[str, Any], scene: Scene) -> None:
    """Of something that is there, for whom it is meant, and as it was read: else nothing gets any further."""
    case.path_parameters = {**case.path_parameters, **real}
    case.headers = {name: value for name, value in case.headers.items() if name != "If-Match"}
    meant = {"patient": str(scene.case.patient_id), "seen": scene.seen}
    if isinstance(case.body, dict):
        case.body = {name: meant.get(name, value) for name, value in case.body.items()}
    if case.operation.path.endswith("/patients/"):
        case.query = {**case.query, "q": "Alice"}


def done(operation: Any, scene: Scene) -> list[str]:
    """What the forms of the pages send, sent by a program: each is done, and answered as the schema says."""
    post = POSTS.get(f"clinicians:api-{name_of(operation)}", [None])[0] if operation.method == "post" else None
    if post is None:
        return []
    user = scene.who(post.who)
    assert user
    case = operation.Case(path_parameters=at(operation, scene), body=post.data(scene), media_type="application/json")
    with transaction.atomic():
        headers = {"Authorization": f"Bearer {make.make_token(user)[1]}"}
        answer = case.call(headers=headers)
        transaction.set_rollback(True)
    return checked(case, answer) + ([] if answer.status_code in (200, 201) else [f"{operation.label}: {answer.text}"])


def checked(case: Any, answer: Any) -> list[str]:
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as failed:
        return [f"{case.operation.label}: {failed}"]
    return []
