"""The API's own description: for programs as OpenAPI, for people as a page of ours without a line of script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.encoding import force_str
from drf_spectacular.renderers import OpenApiYamlRenderer
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinicians.api.openapi import Schema, schema
from portal import problems
from portal.second_factor import is_staff

METHODS = ("get", "post")


class IsStaff(BasePermission):
    """Whoever works here, or a program of theirs. It speaks of no patient."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return is_staff(request._request.actor)  # type: ignore[attr-defined]


class Yaml(OpenApiYamlRenderer):
    media_type = "application/yaml"
    format = "yaml"


class SchemaFile(APIView):
    """JSON, or YAML to who asks for application/yaml."""

    schema = None
    permission_classes = (IsStaff,)
    renderer_classes = (JSONRenderer, Yaml)
    http_method_names = ["get", "head"]

    def get(self, request: Request) -> Response:
        return Response(schema())


class Page(APIView):
    schema = None
    permission_classes = (IsStaff,)
    renderer_classes = (JSONRenderer,)
    http_method_names = ["get", "head"]
    template_name = "clinicians/api_docs.html"

    def get(self, request: Request) -> HttpResponse:
        return render(request._request, self.template_name, self.context())

    def context(self) -> dict[str, Any]:
        found = schema()
        return {"nav": "api-docs", "groups": groups(found), "version": found["info"]["version"]}


class ProblemsPage(Page):
    template_name = "clinicians/api_problems.html"

    def context(self) -> dict[str, Any]:
        return {"nav": "api-docs", "kinds": problems.KINDS.items()}


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
