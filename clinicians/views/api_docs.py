"""The API's own description for people: a page of ours, made of the schema, without a line of script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.encoding import force_str
from django.views.decorators.http import require_safe

from clinicians.api.form_schemas import Schema
from clinicians.api.openapi import schema
from portal import problems
from portal.access import Refused
from portal.asked import SignedIn
from portal.second_factor import is_staff

METHODS = ("get", "post")


@require_safe
@login_required
def described(request: SignedIn) -> HttpResponse:
    must_work_here(request)
    found = schema()
    return render(request, "clinicians/api_docs.html", {"groups": groups(found)})


@require_safe
@login_required
def explained(request: SignedIn) -> HttpResponse:
    must_work_here(request)
    return render(request, "clinicians/api_problems.html", {"kinds": problems.KINDS.items()})


def must_work_here(request: SignedIn) -> None:
    if not is_staff(request.actor):
        raise Refused("read about the API", request.user)


def groups(found: Schema) -> dict[str, list[dict[str, Any]]]:
    """Operations by what they are about, as the page shows them."""
    shown: dict[str, list[dict[str, Any]]] = {}
    for path, methods in found["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                shown.setdefault(operation["tags"][0], []).append(operation_shown(found, path, method, operation))
    return shown


def operation_shown(found: Schema, path: str, method: str, operation: Schema) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    good = [code for code in operation["responses"] if code.startswith("2")]
    told = operation["responses"][good[0]].get("content", {}).get("application/json", {}).get("schema", {})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "about": operation.get("description", ""),
        "parameters": [
            {"name": one["name"], "in": one["in"], "kind": kind_of(one["schema"]), "about": one.get("description", "")}
            for one in operation.get("parameters", ())
        ],
        "takes": list(fields(found, body)),
        "tells": list(fields(found, told)),
        "answers": [(code, force_str(one["description"])) for code, one in sorted(operation["responses"].items())],
    }


def fields(found: Schema, part: Schema, before: str = "", depth: int = 3) -> Iterator[dict[str, Any]]:
    """Each field with those above it: `case.title`, `rows[].ref`."""
    part = resolved(found, part)
    needed = part.get("required", ())
    for name, inner in part.get("properties", {}).items():
        inner, path = resolved(found, inner), f"{before}{name}"
        yield {
            "name": path,
            "kind": kind_of(inner),
            "about": inner.get("description", ""),
            "needed": name in needed,
        }
        items = resolved(found, inner.get("items", {}))
        if depth and "properties" in inner:
            yield from fields(found, inner, f"{path}.", depth - 1)
        elif depth and "properties" in items:
            yield from fields(found, items, f"{path}[].", depth - 1)


def resolved(found: Schema, part: Schema) -> Schema:
    """What a reference stands for; of several ways, the one that is not null."""
    for several in ("allOf", "oneOf", "anyOf"):
        if several in part:
            part = next((one for one in part[several] if one.get("type") != "null"), part)
    name = part.get("$ref", "").rpartition("/")[2]
    return found["components"]["schemas"][name] if name else part


def kind_of(part: Mapping[str, Any]) -> str:
    kinds = part.get("type", "")
    kind = " | ".join(kinds) if isinstance(kinds, list) else kinds
    details = [str(part["format"])] if "format" in part else []
    if "enum" in part and len(part["enum"]) <= 20:
        details.append(", ".join("null" if one is None else str(one) or "“”" for one in part["enum"]))
    details += [f"≤ {part['maxLength']}"] if "maxLength" in part else []
    return f"{kind} ({'; '.join(details)})" if details else kind
