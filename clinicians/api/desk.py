"""What every endpoint of the desk shares: a page for a browser and JSON for a program, from the same data.

Each class is mounted twice (see urls): under its page address HTML comes first, under /api/v1/ JSON does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer, TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinicians.api import once
from clinicians.api.form_schemas import ANYTHING, Schema, form_class_of, schema_of
from clinicians.api.once import Replay
from clinicians.api.openapi import DeskSchema
from clinicians.models import queue
from portal import access
from portal.access import IllegalMove, Permission, Refusal, Refused
from portal.asked import SignedIn
from portal.models import User


class Page(TemplateHTMLRenderer):
    """The same data as the JSON, with what only a page needs: forms, places, the numbers in the rail."""

    def get_template_context(self, data: Any, renderer_context: Mapping[str, Any]) -> dict[str, Any]:
        desk = cast(Desk, renderer_context["view"])
        # On a page, `messages` are what the site has just told the reader.
        said = {"said" if name == "messages" else name: value for name, value in data.items()}
        return {"nav": desk.nav, "queue_counts": desk.counts(), **said, **desk.page}


PAGE_FIRST = (Page, JSONRenderer)
JSON_FIRST = (JSONRenderer, Page)


class Desk(APIView):
    """Asks for staff; answers a refusal as a page or as problem+json."""

    schema = DeskSchema()
    renderer_classes = PAGE_FIRST
    template_name: ClassVar[str] = ""
    # What htmx asks for by the id of its place: a part of the same page, drawn by the page's own template.
    fragments: ClassVar[Mapping[str, str]] = {}
    nav: ClassVar[str] = "worklist"
    # What one must be allowed somewhere, and what was asked for where one is not; besides working at the desk.
    needs: ClassVar[tuple[Permission, str] | None] = None
    # What it tells, by method, and what a list may be asked: for the schema (openapi.py).
    answers: ClassVar[Mapping[str, Any]] = {}
    asks: ClassVar[Sequence[Any]] = ()
    # Problems that a list tells beside those that any reading may: for the schema too.
    refuses: ClassVar[Sequence[int]] = ()
    # Under /api/v1/; pages of forms are for people alone.
    api_methods: ClassVar[Sequence[str]] = ("get", "head", "post")
    # Nothing of ours asks with OPTIONS, and no page could be drawn from what the framework says to it.
    http_method_names = ["get", "head", "post"]

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.page: dict[str, Any] = {}
        self._counts: dict[str, int] | None = None
        self._desk: queue.Desk | None = None

    @classmethod
    def takes(cls) -> Schema:
        """What is posted to it, as JSON schema: what its form asks for."""
        form = form_class_of(cls)
        return schema_of(form) if form else ANYTHING

    @property
    def asked(self) -> SignedIn:
        """Django's own request, with the actor that the middleware named."""
        return cast(SignedIn, self.request._request)

    @property
    def actor(self) -> User:
        return self.asked.actor

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not access.reach(self.actor, Permission.CASE_READ).as_staff:
            raise Refused("open the desk")
        if self.needs and not access.has(self.actor, self.needs[0]):
            raise Refused(self.needs[1])
        self.once_key = "" if request.method != "POST" or self.wants_page else once.key_of(self.asked)
        if self.once_key:
            once.must_be_new(self.asked, self.once_key)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if getattr(self, "once_key", "") and isinstance(response, Response):
            response.add_post_render_callback(lambda rendered: once.keep(self.asked, self.once_key, rendered))
        return response

    def counts(self) -> dict[str, int]:
        """How many rows each queue has, for the rail and the tiles; asked once."""
        if self._counts is None:
            self._counts = self.desk.counts(timezone.now())
        return self._counts

    @property
    def desk(self) -> queue.Desk:
        """Where this person works, and what may be asked of them there."""
        if self._desk is None:
            self._desk = queue.Desk.of(self.actor)
        return self._desk

    @property
    def wants_page(self) -> bool:
        return isinstance(getattr(self.request, "accepted_renderer", None), TemplateHTMLRenderer)

    def answer(self, data: Mapping[str, Any], status: int = 200, **page: Any) -> Response:
        """`data` is the answer; `page` is added for the template only."""
        self.page.update(page)
        fragment = self.fragments.get(self.asked.htmx.target or "")
        neighbours = {} if self.wants_page else self._neighbours(data)
        return Response({**data, **neighbours}, status=status, template_name=fragment)

    def _neighbours(self, data: Mapping[str, Any]) -> dict[str, str | None]:
        """Of a list, as links that a program follows as they are."""
        return {
            name: self.asked.build_absolute_uri(data[side]) if data[side] else None
            for name, side in (("next", "older"), ("previous", "newer"))
            if side in data
        }

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Replay):
            self.once_key = ""
            return cast(Response, exc.answer())
        if not self.wants_page:
            return super().handle_exception(exc)
        if isinstance(exc, Refusal):
            self.asked.refusal = exc  # type: ignore[attr-defined]
        answer = self._error_page(exc)
        return cast(Response, answer) if answer is not None else super().handle_exception(exc)

    def _error_page(self, exc: Exception) -> HttpResponseBase | None:
        """The clinic's own page for what went wrong, by the same codes as everywhere."""
        if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
            return redirect_to_login(self.asked.get_full_path())
        if isinstance(exc, exceptions.PermissionDenied) and "CSRF" in str(exc.detail):
            return self._plain("403_csrf.html", 403)
        if isinstance(exc, Refused | PermissionDenied | exceptions.PermissionDenied):
            return self._plain("403.html", 403)
        if isinstance(exc, Http404 | exceptions.NotFound):
            return self._plain("404.html", 404)
        if isinstance(exc, IllegalMove):
            return self._plain("409.html", 409, reason=words_of(exc))
        if isinstance(exc, exceptions.MethodNotAllowed | exceptions.ParseError | exceptions.UnsupportedMediaType):
            return self._plain("400.html", exc.status_code)
        return None

    def _plain(self, template: str, status: int, **context: object) -> HttpResponse:
        return render(self.asked, template, context, status=status)


def words_of(refusal: Refusal) -> str:
    """The reason, when it is a sentence; the state table's own notation is not."""
    return "" if "→" in refusal.reason else refusal.reason
