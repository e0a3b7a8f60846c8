"""The API's own description for programs: OpenAPI, as JSON or as YAML."""

from __future__ import annotations

from drf_spectacular.renderers import OpenApiYamlRenderer
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinicians.api.openapi import schema
from portal.second_factor import is_staff


class IsStaff(BasePermission):
    """Whoever works here, or a program of theirs. It speaks of no patient."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return is_staff(request._request.actor)  # type: ignore[attr-defined]


class Yaml(OpenApiYamlRenderer):
    """To who asks for application/yaml."""

    media_type = "application/yaml"


class SchemaFile(APIView):
    schema = None
    permission_classes = (IsStaff,)
    renderer_classes = (JSONRenderer, Yaml)
    http_method_names = ["get", "head"]

    def get(self, request: Request) -> Response:
        return Response(schema())
