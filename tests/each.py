"""One law, asked of many files in one test, which names each that breaks it. A test for each file and law were eight
thousand, and cost more to list, hand out and report than to ask."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def for_each(paths: Iterable[Path]) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    asked = sorted(paths)

    def law(test: Callable[[Path], None]) -> Callable[[], None]:
        def run() -> None:
            assert asked, "no file is asked"
            if wrong := [fault for path in asked if (fault := fault_of(test, path))]:
                pytest.fail("\n\n".join(wrong), pytrace=False)

        run.__name__, run.__doc__, run.__module__ = test.__name__, test.__doc__, test.__module__
        return run

    return law


def fault_of(test: Callable[[Path], None], path: Path) -> str:
    """Whatever is raised: a template that does not compile breaks its law as well."""
    try:
        test(path)
    except Exception as wrong:
        return f"{short(path)}: {type(wrong).__name__}: {wrong}"
    return ""


class Call(NamedTuple):
    """What a file calls: as it is written, and what stands there instead of names."""

    name: str
    line: int
    on: type[ast.expr] | None
    first: type[ast.expr] | None


class Code(NamedTuple):
    # Each module, and each thing taken from one.
    imports: tuple[str, ...]
    modules: tuple[str, ...]
    calls: tuple[Call, ...]
    in_functions: tuple[int, ...]
    words: tuple[str, ...]
    lines: int


@cache
def code_of(path: Path) -> Code:
    """Read once for all laws: a tree of each file would not fit, and to grow it is most of the work."""
    text = path.read_text()
    nodes = list(ast.walk(ast.parse(text)))
    inner = {
        node.lineno
        for function in nodes
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    words = (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return Code(
        tuple(name for node in nodes for name in imported(node)),
        tuple(name for node in nodes for name in modules(node)),
        tuple(call(node) for node in nodes if isinstance(node, ast.Call)),
        tuple(sorted(inner)),
        tuple(words),
        len(text.splitlines()),
    )


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def call(node: ast.Call) -> Call:
    on = type(node.func.value) if isinstance(node.func, ast.Attribute) else None
    return Call(ast.unparse(node.func), node.lineno, on, type(node.args[0]) if node.args else None)
