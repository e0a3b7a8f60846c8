"""The law of the two doors: writes through verbs, reads through access, each on record."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from django.apps import apps
from django.conf import settings

from portal.access import VISITOR, Permission
from portal.models.record import Record, RecordQuerySet
from portal.verbs import VERBS
from tests.each import for_each

PACKAGES = ("portal", "faq", "patients", "clinicians")
ROOT = Path(settings.BASE_DIR)
# Functions of actions/ that are no verbs: they take part in one, or send what verbs have written down.
NOT_VERBS = {
    # The hot path: each attempt leaves an `Attempt` in the transaction that settles it, append-only as the trail is.
    # Were it a verb, a mail would cost an event, its seal, and twice the time. Recovery, holding, and whatever a
    # person decides are verbs.
    "portal.actions.deliveries": {"deliver_due"},
    "portal.actions.outbox": {"is_held", "note_sweep", "trouble", "reconcile_since"},
    "portal.actions.turns": {"outcome_of", "next_of", "settle_failed", "settle_uncertain"},
    # Asks the record's own verb.
    "portal.actions.contacts": {"follow"},
    # A verb would leave an event, which needs a seal, which would leave an event.
    "portal.actions.seals": {"seal_and_tell", "seal_due", "export_tip", "newest", "unsealed_since", "is_late"},
    "clinicians.actions.webhooks": {"send_due", "spread"},
    "patients.actions.prescriptions": {"write_reported"},
    "patients.actions.red_flags": {"raise_flag"},
    "patients.actions.examining": {"examine", "cleaned", "recording_is_readable"},
    "patients.actions.attachments": {"make_room", "old_files", "key_of"},
    "portal.actions.sign_ins": {"tell_of_change"},
    "patients.actions.patients": {"new_record_number"},
    "clinicians.actions.checks": {"check", "order_from", "order_of", "context_of", "as_json"},
}
# Words that say nothing about what somebody does.
VAGUE = ("update_", "handle_", "process_", "do_", "manage_")


def action_modules() -> Iterator[str]:
    for package in PACKAGES:
        name = f"{package}.actions"
        yield from (f"{name}.{module.name}" for module in iter_modules(import_module(name).__path__))


# A verb is known once its module is loaded.
LOADED = [import_module(name) for name in sorted(action_modules())]


def public_functions(module: str) -> Iterator[tuple[str, object]]:
    loaded = import_module(module)
    for name, member in vars(loaded).items():
        if inspect.isfunction(member) and member.__module__ == module and not name.startswith("_"):
            yield name, member


@pytest.mark.parametrize("module", sorted(action_modules()))
def test_every_public_function_of_actions_is_a_verb(module: str) -> None:
    shelf = module.rsplit(".", 1)[-1]
    strangers = {name for name, _f in public_functions(module) if f"{shelf}.{name}" not in VERBS}
    assert strangers - NOT_VERBS.get(module, set()) == set()


def test_verbs_say_what_somebody_does() -> None:
    assert [name for name in VERBS if name.rsplit(".", 1)[-1].startswith(VAGUE)] == []


def test_every_permission_is_used_by_a_verb_or_a_reading() -> None:
    for module in action_modules():
        import_module(module)
    reading = {permission for permission in Permission if permission.value.endswith(".read")}
    assert set(Permission) - set(VERBS.values()) - reading == set()


@pytest.mark.parametrize("model", [m for m in apps.get_models() if issubclass(m, Record)], ids=lambda m: m.__name__)
@pytest.mark.django_db
def test_every_record_says_who_may_see_it(model: type[Record]) -> None:
    """It says so itself, and to a visitor it shows nothing that is not public."""
    rows = model._default_manager.all()
    assert isinstance(rows, RecordQuerySet)
    assert list(rows.visible_to(VISITOR)) == []


def test_a_record_without_a_rule_raises() -> None:
    class Forgetful(RecordQuerySet[Record]):
        pass

    with pytest.raises(NotImplementedError, match="who may see"):
        Forgetful(model=apps.get_model("patients", "Case")).visible_to(VISITOR)


SHELVES_THAT_ASK = ("views", "api")


def asking_files() -> Iterator[Path]:
    for package in PACKAGES:
        for shelf in SHELVES_THAT_ASK:
            yield from (ROOT / package / shelf).glob("**/*.py")


@for_each(asking_files())
def test_views_evaluate_no_rows_themselves(path: Path) -> None:
    """`.objects` may be named only inside a call of access.read_one, read_many or a `visible_to`.

    And views write nothing: no save, create, delete or update on a model.
    """
    tree = ast.parse(path.read_text())
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    offences = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and (
            (node.attr in {"objects", "_default_manager", "_base_manager"} and not _is_gated(node, parents))
            or (node.attr in {"save", "delete", "bulk_create", "bulk_update"} and _is_called(node, parents))
        )
    ]
    assert offences == []


def _is_called(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    parent = parents.get(node)
    return isinstance(parent, ast.Call) and parent.func is node


def _is_gated(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Inside a call of a gate, or of `visible_to` somewhere along its own chain; or a builder of querysets."""
    while (parent := parents.get(node)) is not None:
        if isinstance(parent, ast.Call):
            name = ast.unparse(parent.func)
            if name.startswith(("access.read_", "read_")) or name.endswith((".visible_to", "paging.page")):
                return True
        if isinstance(parent, ast.Attribute) and parent.attr == "visible_to":
            return True
        if isinstance(parent, ast.FunctionDef):
            return "QuerySet" in ast.unparse(parent.returns) if parent.returns else False
        node = parent
    return False
