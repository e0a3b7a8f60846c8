"""Water runs one way: between packages (import-linter, `make check`), between shelves, and for the clock."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

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


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def shelf_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[1].removesuffix(".py") if len(parts) > 1 else ""


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_shelf_imports_only_shelves_below_it(path: Path) -> None:
    banned = FORBIDDEN.get(shelf_of(path), ())
    wrong = [
        name
        for name in imported(path)
        for package in PACKAGES
        for shelf in banned
        if f"{name}.".startswith(f"{package}.{shelf}.")
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "path", sorted(p for p in files() if shelf_of(p) == "rules"), ids=lambda p: str(p.relative_to(ROOT))
)
def test_rules_know_no_framework(path: Path) -> None:
    roots = {name.split(".")[0] for name in imported(path)}
    assert roots & {"django", "rest_framework", "celery", "psycopg", "redis"} == set()


@pytest.mark.parametrize("path", FILES, ids=short)
def test_names_say_something(path: Path) -> None:
    assert path.stem not in BANNED_NAMES or short(path) in NAMED_BY_DJANGO
    assert path.parent.name not in BANNED_NAMES


@pytest.mark.parametrize("path", FILES, ids=short)
def test_no_import_hides_in_a_function(path: Path) -> None:
    hidden = [
        node.lineno
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


@pytest.mark.parametrize("path", FILES, ids=short)
def test_packages_above_are_named_only_where_strings_may(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    above = PACKAGES[PACKAGES.index(package) + 1 :]
    if path.name in UPWARD_STRINGS and package == "portal":
        return
    named = [
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith(tuple(f"{p}." for p in above))
    ]
    assert named == []


@pytest.mark.parametrize("path", FILES, ids=short)
def test_no_signal_receivers(path: Path) -> None:
    assert not [name for name in imported(path) if name.startswith(("django.dispatch", "django.db.models.signals"))]


@pytest.mark.parametrize("path", FILES, ids=short)
def test_files_stay_readable(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400
