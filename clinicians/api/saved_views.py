"""Lists that somebody keeps under a name: made from the list they look at, let go of one by one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.actions import saved_views
from clinicians.api.acts import Answered, errors_of, problem
from clinicians.api.desk import Desk
from clinicians.api.forms.of_patient import PlainForm, flat
from clinicians.api.forms.saved_views import SavedViewForm
from clinicians.api.queue import Asked, url_of
from clinicians.models import SavedView
from portal import access
from portal.access import IllegalMove


class SavedViewSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    queue = serializers.CharField()
    query = serializers.CharField()


class SavedViewsAnswer(serializers.Serializer[Any]):
    rows = SavedViewSerializer(many=True)


class GoneSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()


class SavedViews(Desk):
    """GET lists them; POST keeps one. A list of the same name is replaced."""

    template_name = "clinicians/saved_views.html"
    nav = "views"
    answers = {"get": SavedViewsAnswer, "post": SavedViewSerializer}
    form_class = SavedViewForm
    made = 201

    def get(self, request: Request) -> Response:
        return self.shown(SavedViewForm(initial={"queue": "all"}))

    def post(self, request: Request) -> Answered:
        form = SavedViewForm(flat(request.data))
        if not form.is_valid():
            return self.shown(form, 422) if self.wants_page else problem(422, errors=errors_of(form))
        said = form.cleaned_data
        asked = Asked.of(form.asked, sees_medicines=self.desk.sees_medicines)
        kept = {"name": said["name"], "queue": said["queue"], "query": asked.query()}
        try:
            view = saved_views.keep(self.actor, by=self.actor, **kept)
        except IllegalMove as full:
            if not self.wants_page:
                raise
            self.asked.refusal = full  # type: ignore[attr-defined]
            form.add_error("name", full.reason)
            return self.shown(form, 409)
        if not self.wants_page:
            return Response(SavedViewSerializer(view).data, status=201)
        messages.success(self.asked, _("Kept as “%(name)s”.") % {"name": view.name})
        return HttpResponseRedirect(url_of(view))

    def shown(self, form: SavedViewForm, status: int = 200) -> Response:
        views = access.read_many(SavedView.objects.all(), by=self.actor)
        rows = SavedViewSerializer(views, many=True).data
        return self.answer(
            {"rows": rows}, status, form=form, views=[{"view": view, "url": url_of(view)} for view in views]
        )


class LetGo(Desk):
    """POST: not wanted any more."""

    api_methods = ("post",)
    answers = {"post": GoneSerializer}
    form_class = PlainForm

    def get(self, request: Request, pk: UUID) -> HttpResponseRedirect:
        """The address of the button, asked for by itself: the lists are the page to read."""
        return HttpResponseRedirect(reverse("clinicians:views"))

    def post(self, request: Request, pk: UUID) -> Answered:
        view = access.read_one(SavedView.objects.all(), by=self.actor, pk=pk)
        saved_views.let_go(view, by=self.actor)
        if not self.wants_page:
            return Response({"id": pk})
        messages.success(self.asked, _("“%(name)s” is gone.") % {"name": view.name})
        return HttpResponseRedirect(reverse("clinicians:views"))
