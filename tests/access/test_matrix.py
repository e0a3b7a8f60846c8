"""The matrix: every verb × everyone in the cast. Who may, can, and leaves one audit row; who may not, is refused,
changes nothing, and is on record."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from django.db import transaction

from portal.access import Actor, Refused
from portal.acting import acting_as
from portal.models import AuditEvent
from portal.verbs import VERBS
from tests.access.matrix import ROWS, World

DOORS: dict[str, Any] = {}
for package in ("portal", "faq", "patients", "clinicians"):
    shelf = import_module(f"{package}.actions")
    for module in iter_modules(shelf.__path__):
        for name, member in vars(import_module(f"{shelf.__name__}.{module.name}")).items():
            DOORS.setdefault(f"{module.name}.{name}", member)


def test_every_verb_has_a_row_and_every_row_a_verb() -> None:
    assert set(ROWS) == set(VERBS)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ROWS))
def test_who_may(name: str) -> None:
    row, world = ROWS[name], World()
    subject = row.subject(world)
    allowed = {who for who, actor in world.cast.items() if attempt(name, world, subject, actor)}
    assert allowed == row.may


def attempt(name: str, world: World, subject: object, actor: Actor) -> bool:
    """Whether it was done; whatever happened is taken back."""
    events = AuditEvent.objects.filter(name=name)
    before = events.count()
    kwargs = ROWS[name].call(world)
    with transaction.atomic():
        try:
            with acting_as(actor):
                DOORS[name](subject, by=actor, **kwargs)
            done = True
        except Refused:
            done = False
        written = [event.kind for event in events.order_by("id")[before:]]
        transaction.set_rollback(True)
    assert written == (["verb"] if done else ["refusal"])
    return done
