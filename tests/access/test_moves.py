"""Every verb from every state of what it is done to: it leads where the table says, or is refused and changes nothing.

The table (`moves.py`) is complete or the build fails: every verb on a noun with states, every noun with a MOVES.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from django.db import transaction

from clinicians.models import WebhookDelivery
from faq.models import Article, Question
from patients.models import Case, Consent, FollowUp, Prescription
from portal.access import IllegalMove, Refused
from portal.acting import acting_as
from portal.models import Delivery
from portal.models.record import Record
from tests.access import tables
from tests.access.matrix import ROWS, World
from tests.access.moves import NOUNS, TRIES, Noun, Try, of_delivery
from tests.access.test_matrix import DOORS

PACKAGES = ("portal", "faq", "patients", "clinicians")
ATTEMPTS = [(name, attempt) for name, attempts in sorted(TRIES.items()) for attempt in attempts]
# Refused as 403 and not as 409: in these states the row is out of that person's reach.
UNREACHED = {"feedback.give"}


def state_tables() -> Iterator[dict[Any, frozenset[Any]]]:
    for package in PACKAGES:
        shelf = import_module(f"{package}.models")
        for module in iter_modules(shelf.__path__):
            found = vars(import_module(f"{shelf.__name__}.{module.name}")).get("MOVES")
            if found:
                yield found


def test_every_state_table_is_a_noun_here_and_names_each_of_its_states() -> None:
    known = {noun.states for noun in NOUNS.values()}
    for table in state_tables():
        states = type(next(iter(table)))
        assert states in known, f"{states} has no noun in tests/access/moves.py"
        assert set(table) == set(states)
    assert len(list(state_tables())) == len(NOUNS) - 1  # a result has two states and one step: no table


@pytest.mark.django_db
def test_every_verb_on_a_noun_with_states_is_tried() -> None:
    moving, world = set(), World()
    for name, row in ROWS.items():
        with transaction.atomic():
            if type(row.subject(world)) in NOUNS:
                moving.add(name)
            transaction.set_rollback(True)
    assert set(TRIES) == moving


def put(world: World, row: Any, state: Any) -> Any:
    """The row in this state, past all verbs; the database's own constraints still hold."""
    noun = NOUNS[type(row)]
    values = {noun.column: state, **noun.also(world, row, state)}
    type(row)._base_manager.filter(pk=row.pk).update(**values)
    return type(row)._base_manager.get(pk=row.pk)


def state_of(row: Any, noun: Noun) -> Any:
    return noun.states(type(row)._base_manager.values_list(noun.column, flat=True).get(pk=row.pk))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "attempt"), ATTEMPTS, ids=[f"{name} {attempt.way}".strip() for name, attempt in ATTEMPTS]
)
def test_a_verb_in_every_state(name: str, attempt: Try) -> None:
    world, row = World(), ROWS[name]
    subject = row.subject(world)
    noun = NOUNS[type(subject)]
    actor = world.cast[sorted(row.may)[0]]
    wrong = []
    for state in noun.states:
        with transaction.atomic():
            was = put(world, subject, state)
            call = {**row.call(world), **attempt.call}
            before = tables.everything()
            found = do(name, was, actor, call)
            is_now, same = state_of(was, noun), not tables.changed(before, tables.everything())
            transaction.set_rollback(True)
        if (found, is_now, same) != expected(name, state, attempt):
            wrong.append(f"{state}: {found}, is {is_now} now, {'nothing' if same else 'something'} changed")
    assert wrong == []


def do(name: str, subject: Any, actor: Any, call: dict[str, Any]) -> str:
    try:
        with acting_as(actor):
            DOORS[name](subject, by=actor, **call)
    except (IllegalMove, Refused) as refusal:
        return "refused" if isinstance(refusal, Refused) else "illegal"
    return "done"


def expected(name: str, state: Any, attempt: Try) -> tuple[str, Any, bool]:
    """How it ends, the state after it, and whether nothing was written."""
    if state in attempt.idle:
        return "done", state, True
    if state in attempt.leads:
        return "done", attempt.leads[state], False
    return "refused" if name in UNREACHED else "illegal", state, True


# A verb whose row of the matrix makes one.
A_VERB_ON: dict[type[Record], str] = {
    Case: "cases.close",
    Prescription: "prescriptions.stop",
    FollowUp: "followups.close",
    Consent: "consents.answer",
    Question: "questions.edit",
    Article: "articles.approve",
    Delivery: "deliveries.recover",
    WebhookDelivery: "webhooks.settle",
}


def step(row: Any, target: Any, world: World) -> bool:
    """Whether the row takes it; a row that doesn't is left as it was, in memory too."""
    needs = {Case: {"by": world.nadia}, Prescription: {"by": world.nadia}, Delivery: of_delivery(world, row, target)}
    for name, value in NOUNS[type(row)].also(world, row, target).items():
        setattr(row, name, value)
    before = {**vars(row)}
    try:
        row.move_to(target, **needs.get(type(row), {}))
    except IllegalMove:
        assert {**vars(row)} == before
        return False
    return True


WITH_STEPS = {model: noun for model, noun in NOUNS.items() if hasattr(model, "move_to")}


@pytest.mark.django_db
@pytest.mark.parametrize("model", WITH_STEPS, ids=lambda model: model.__name__)
def test_a_row_takes_the_steps_of_its_table_and_no_other(model: type[Record]) -> None:
    """Below the verbs: the sender of mails, for one, moves its rows itself."""
    world, noun = World(), NOUNS[model]
    row = ROWS[A_VERB_ON[model]].subject(world)
    took = set()
    for state in noun.states:
        for target in noun.states:
            with transaction.atomic():
                if step(put(world, row, state), target, world):
                    took.add((state, target))
                transaction.set_rollback(True)
    assert took == {(state, target) for state, targets in noun.moves.items() for target in targets}
