"""Water runs one way: between packages (import-linter, `make check`), between shelves, and for the clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from tests.each import code_of, for_each, short

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("portal", "faq", "patients", "clinicians")
# Django looks for a database backend in a module of this name, and nowhere else.
NAMED_BY_DJANGO = {"portal/database/base.py"}
BANNED_NAMES = {"utils", "helpers", "common", "base", "services", "managers", "signals"}
# What each shelf may not import, of any package: water runs from asking to doing to what is.
FORBIDDEN = {
    "rules": ("models", "actions", "views", "api", "tasks", "exchange"),
    "exchange": ("models", "actions", "views", "api", "tasks"),
    "models": ("actions", "views", "api", "tasks"),
    "actions": ("views", "api", "tasks"),
}
UPWARD_STRINGS = {"settings.py", "urls.py", "celery.py"}


def files() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (p for p in (ROOT / package).rglob("*.py") if "migrations" not in p.parts)


FILES = sorted(files())


def shelf_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[1].removesuffix(".py") if len(parts) > 1 else ""


@for_each(FILES)
def test_a_shelf_imports_only_shelves_below_it(path: Path) -> None:
    banned = FORBIDDEN.get(shelf_of(path), ())
    wrong = [
        name
        for name in code_of(path).imports
        for package in PACKAGES
        for shelf in banned
        if f"{name}.".startswith(f"{package}.{shelf}.")
    ]
    assert wrong == []


@for_each(path for path in FILES if shelf_of(path) == "rules")
def test_rules_know_no_framework(path: Path) -> None:
    roots = {name.split(".")[0] for name in code_of(path).imports}
    assert roots & {"django", "rest_framework", "celery", "psycopg", "redis"} == set()


@for_each(FILES)
def test_names_say_something(path: Path) -> None:
    assert path.stem not in BANNED_NAMES or short(path) in NAMED_BY_DJANGO
    assert path.parent.name not in BANNED_NAMES


@for_each(FILES)
def test_no_import_hides_in_a_function(path: Path) -> None:
    assert code_of(path).in_functions == ()


@for_each(FILES)
def test_packages_above_are_named_only_where_strings_may(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    above = PACKAGES[PACKAGES.index(package) + 1 :]
    if path.name in UPWARD_STRINGS and package == "portal":
        return
    named = [word for word in code_of(path).words if word.startswith(tuple(f"{p}." for p in above))]
    assert named == []


@for_each(FILES)
def test_no_signal_receivers(path: Path) -> None:
    assert not [
        name for name in code_of(path).imports if name.startswith(("django.dispatch", "django.db.models.signals"))
    ]


@for_each(FILES)
def test_files_stay_readable(path: Path) -> None:
    assert code_of(path).lines <= 400
