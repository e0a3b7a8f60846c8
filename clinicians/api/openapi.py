"""The API as OpenAPI 3.1, made of the endpoints themselves: their forms, their serializers, the problems they tell.

An endpoint says nothing of its own for it but `answers` (what it tells, by method) and, for a list, `asks`. What it
takes is its form's (form_schemas.py). One that says nothing still stands here, with an object of any shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, cast

from django.conf import settings
from django.urls import URLPattern, get_resolver
from django.utils.encoding import force_str
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from clinicians.api.answers import ELSEWHERE, ProblemSerializer
from clinicians.api.form_schemas import ANYTHING, Schema
from portal import problems

PREFIX = "api/v1/"
JSON = "application/json"
ALWAYS = (400, 401, 403, 404, 405, 406, 429, 503)
WRITING = (409, 413, 415, 422)
ABOUT = "What staff do at the desk, for programs of theirs: the same rows and the same permissions as on the pages."
SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "Your own, made at /account/tokens/."},
    "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
}
KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Up to 255 visible ASCII characters, new for each thing you do: sent twice, it is done once.",
)
REPLAYED = OpenApiParameter(
    "Idempotent-Replayed",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    response=[200, 201],
    description="“true” where this is the kept answer of the first time.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag of the case as you read it, in place of the field seen.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The ETag of what you have."
)
ETAG = OpenApiParameter(
    "ETag", OpenApiTypes.STR, OpenApiParameter.HEADER, response=[200], description="Which state of the case this is."
)
PATHS: dict[str, tuple[str, Schema]] = {
    "ref": ("The case's number.", {"type": "string", "examples": ["F-1287"]}),
    "id": ("The row's id.", {"type": "string", "format": "uuid"}),
}


class DeskSchema(AutoSchema):
    """What one method of one endpoint of the desk takes and tells."""

    def is_excluded(self) -> bool:
        return self.method.lower() not in self.view.http_method_names

    def _is_list_view(self, serializer: Any = None) -> bool:
        """The answer of a list is an object with its rows: never a bare array."""
        return False

    def said(self, name: str, default: Any) -> Any:
        elsewhere = ELSEWHERE.get(type(self.view).__name__, {}).get(name)
        return getattr(self.view, name, None) or elsewhere or default

    def get_operation_id(self) -> str:
        name = self.path.removeprefix(f"/{PREFIX}").strip("/").replace("{", "").replace("}", "").replace("/", "_")
        return f"{self.method.lower()}_{name.replace('-', '_') or 'root'}"

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix(f"/{PREFIX}").strip("/").partition("/")[0] or "root"]

    def get_description(self) -> str:  # type: ignore[override]
        return (type(self.view).__doc__ or "").strip()

    def get_auth(self) -> list[dict[str, list[str]]]:
        return [{name: []} for name in SECURITY]

    def get_override_parameters(self) -> list[Any]:
        found = list(self.said("asks", ())) if self.method == "GET" else [KEY, REPLAYED]
        if self.is_act:
            found.append(IF_MATCH)
        if self.has_tag:
            found += [IF_NONE_MATCH, ETAG]
        return found

    def _resolve_path_parameters(self, variables: Iterable[str]) -> list[Schema]:
        within = self.said("within", {})
        found = []
        for name in variables:
            about, schema = PATHS.get(name, ("", {"type": "string"}))
            schema = {**schema, "enum": [str(one) for one in within[name]]} if name in within else schema
            found.append({"in": "path", "name": name, "required": True, "description": about, "schema": schema})
        return found

    def get_request_serializer(self) -> Any:
        """`seen` is not required of a program: If-Match says the same."""
        takes: Schema = cast("Any", self.view).takes()
        needed = [name for name in takes.get("required", ()) if name != "seen"]
        return {JSON: {**takes, "required": needed} if needed else takes}

    def get_response_serializers(self) -> Any:
        told: Any = self.said("answers", {}).get(self.method.lower(), ANYTHING)
        status = getattr(self.view, "made", 200) if self.method == "POST" else 200
        answers = told if isinstance(told, Mapping) and told is not ANYTHING else {status: told}
        found: dict[Any, Any] = {
            (code, JSON): OpenApiResponse(one, description="Done: the row." if self.method == "POST" else "The rows.")
            for code, one in answers.items()
        }
        if self.has_tag:
            found[304] = OpenApiResponse(description="You have it: nothing has changed.")
        for code in self.problems():
            means = force_str(problems.KINDS[code].means)
            found[code, problems.JSON] = OpenApiResponse(ProblemSerializer, description=means)
        return found

    def problems(self) -> list[int]:
        reading = self.method == "GET"
        return sorted({*ALWAYS, *(self.said("refuses", ()) if reading else WRITING), *self.of_states()})

    def of_states(self) -> tuple[int, ...]:
        if not self.is_act:
            return ()
        return (412, 428) if cast("Any", self.view).asks_for_seen() else (412,)

    @property
    def is_act(self) -> bool:
        return self.method == "POST" and hasattr(self.view, "asks_for_seen")

    @property
    def has_tag(self) -> bool:
        return self.method == "GET" and bool(getattr(self.view, "has_tag", False))


def endpoints() -> list[URLPattern]:
    """What is mounted under /api/v1/, and nothing else."""
    return [
        pattern
        for resolver in get_resolver().url_patterns
        for pattern in getattr(resolver, "url_patterns", ())
        if isinstance(pattern, URLPattern) and str(pattern.pattern).startswith(PREFIX)
        if hasattr(pattern.callback, "cls")
    ]


@cache
def schema() -> Schema:
    """Made once: it is the same for everybody, and says nothing of any row."""
    generator: Any = cast("Any", SchemaGenerator)(patterns=endpoints())
    found: Schema = generator.get_schema(request=None, public=True)
    found["info"] |= {"title": f"{settings.CLINIC_NAME}: the desk", "description": ABOUT}
    found["components"]["securitySchemes"] = SECURITY
    return found
