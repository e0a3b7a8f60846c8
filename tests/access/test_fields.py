"""What a program is told, key by key, and nothing more to a role that may not read it.

`api_fields.txt` lists every path of keys of every endpoint that answers JSON. A new field fails until it stands there:
then somebody has decided that it may be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from clinicians.models.queue import Queue
from patients.models import Case
from patients.models.followups import FollowUpKind
from patients.models.results import ResultKind
from tests import make
from tests.access.crawl import ROUTES, address
from tests.access.posts import POSTS, is_json, send
from tests.access.scene import Scene
from tests.clinicians.test_api_case import NERVES

LIST = Path(__file__).with_name("api_fields.txt")
# Written of what a finding is about: the names are the rule's, and its numbers.
OPEN = ("numbers",)
CANARY = "xyzzy"
# What a role does not read, as the parts of a case that must be empty for it. (portal/access.py: ROLES)
HIDDEN = {"tessa": {"results", "followups"}, "cora": {"results", "medicines", "stops"}, "nadia": set[str]()}
EEG = {"duration_min": 30, "channels": 21, "background": "Alpha of 10 Hz", "significance": "normal"}


def paths(value: Any, at: str = "") -> Iterator[str]:
    """Each key with those above it; a list is [], whatever its length."""
    if isinstance(value, dict) and at.rpartition(".")[2] not in OPEN:
        for name, inner in value.items():
            yield from paths(inner, f"{at}.{name}" if at else name)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from paths(inner, f"{at}[]")
    else:
        yield at


def a_full_scene() -> Scene:
    scene = Scene()
    nadia, case = scene.world.nadia, scene.case
    make.make_result(case, by=nadia, kind=ResultKind.NERVE_CONDUCTION, title="Nerves", measurements=NERVES)
    make.make_result(case, by=nadia, kind=ResultKind.EEG, title="EEG", eeg=EEG)
    thyroid = [{**make.TSH, "value": "6.1"}, {"loinc": "14920-3", "name": "Free T4", "value": "15", "unit": "pmol/L"}]
    make.make_result(case, by=nadia, title="Thyroid", observations=thyroid)
    make.make_prescription(case, by=nadia, medicine="Madeupinol", dose=Decimal(5))
    make.make_message(case)
    make.make_diary(scene.flag.case)
    make.make_escalation(case)
    # Of cardiology: Nadia reads it through broken glass only.
    make.make_broken_glass(scene.world.bob, by=nadia)
    return scene


def test_the_answers_hold_exactly_the_listed_fields(db: None) -> None:
    scene = a_full_scene()
    scene.seen = scene._seen("nadia", scene.case)
    found = {f"{route} {path}".rstrip(".") for route, body in answers(scene) for path in paths(body)}
    listed = set(LIST.read_text().splitlines())
    assert found - listed == set(), "told, and not listed"
    assert listed - found == set(), "listed, and no longer told"


def answers(scene: Scene) -> Iterator[tuple[str, Any]]:
    nadia = scene.client("nadia")
    for route in (route for route in ROUTES if is_json(route)):
        path = address(route, scene)
        if route in POSTS:
            post = POSTS[route][0]
            with transaction.atomic():
                answer = send(scene.client(post.who), route, post, scene)
                assert answer.status_code in (200, 201), route
                yield route, answer.json()
                transaction.set_rollback(True)
        else:
            yield route, nadia.get(path + ("?q=Alice" if route.endswith("search") else "")).json()
    for case in (scene.bobs, scene.flag.case, scene.resting):
        yield "clinicians:api-case", nadia.get(f"/api/v1/cases/{case.ref}/").json()
    merged = make.make_merged(scene.answering, scene.resting, by=scene.world.nadia)
    for case in (merged, scene.resting):
        yield "clinicians:api-case", nadia.get(f"/api/v1/cases/{case.ref}/").json()
    yield "clinicians:api-views", nadia.get("/api/v1/clinic/views/").json()


@pytest.mark.django_db
@pytest.mark.parametrize("who", sorted(HIDDEN))
def test_a_role_is_told_nothing_that_it_may_not_read(who: str) -> None:
    """In the JSON and on the pages, by what the rows say: the same case, as each role sees it."""
    scene = Scene()
    case, nadia = scene.case, scene.world.nadia
    kinds = {
        "results": f"Panel{CANARY}", "medicines": f"Pill{CANARY}", "followups": f"Why{CANARY}",
    }  # fmt: skip
    make.make_released(make.make_result(case, by=nadia, title=kinds["results"]), by=nadia, comment=kinds["results"])
    make.make_result(case, by=nadia, title=f"{kinds['results']}, not released")
    make.make_prescription(case, by=nadia, medicine=kinds["medicines"], note=kinds["medicines"])
    make.make_followup(case, by=nadia, kind=FollowUpKind.CALL, reason=kinds["followups"])
    client = scene.client(who)
    told = client.get(f"/api/v1/cases/{case.ref}/").json()
    lists = {"results", "medicines", "stops", "followups"}
    assert {name for name in lists if not told[name]} == HIDDEN[who] | ({"stops"} if who != "cora" else set())
    seen = all_of_the_desk(client, case)
    assert {kind for kind, word in kinds.items() if word in seen} == set(kinds) - HIDDEN[who]


def all_of_the_desk(client: Client, case: Case) -> str:
    pages = ["clinic/", *(f"clinic/{queue}/" for queue in Queue), "patients/?q=Alice", f"cases/{case.ref}/"]
    every = [*(f"/{page}" for page in pages), *(f"/api/v1/{page}" for page in pages)]
    return "\n".join(client.get(page, HTTP_ACCEPT="text/html,*/*").content.decode() for page in every)
