"""A database from nothing and one that began earlier have come by different ways, and must be the same."""

from typing import Any

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState
from django.db.migrations.writer import MigrationWriter

APPS = ("portal", "faq", "patients", "clinicians")


def spelt(model: ModelState) -> tuple[Any, ...]:
    """Fields as a migration writes them: those with a field inside are not equal to their like."""
    fields = {name: MigrationWriter.serialize(field)[0] for name, field in model.fields.items()}
    return list(fields.items()), model.options, model.bases, model.managers


def test_one_step_makes_what_those_it_replaces_made() -> None:
    """Of models, fields, constraints, indexes and triggers; what is plain SQL is not seen here."""
    loader = MigrationLoader(None, replace_migrations=False)
    for app in APPS:
        node, squashed = next((node, m) for node, m in loader.disk_migrations.items() if node[0] == app and m.replaces)
        before, after = loader.project_state(squashed.replaces[-1]).models, loader.project_state(node).models
        assert {name for label, name in after if label == app}
        assert {model: spelt(state) for model, state in before.items() if model[0] == app} == {
            model: spelt(state) for model, state in after.items() if model[0] == app
        }


def test_the_first_of_the_ground_is_its_first_file() -> None:
    """Django takes the first root by name for `portal.__first__`, which accounts name. Were that the one step,
    `migrate` would refuse a database that began earlier: its accounts would have come before their portal."""
    first, step = sorted(MigrationLoader(None, replace_migrations=False).graph.root_nodes("portal"))
    assert first == ("portal", "0001_tables")
    assert step[1].startswith("0001_tables_squashed_")
