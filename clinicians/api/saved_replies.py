"""Saved replies: one's own and the department's, with all their versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.actions import saved_replies
from clinicians.api.acts import Answered, errors_of, problem
from clinicians.api.answers import CURSORS, SavedRepliesAnswer, SavedReplyAnswer, nothing_left
from clinicians.api.desk import Desk, words_of
from clinicians.api.forms.of_patient import PlainForm, flat
from clinicians.api.forms.saved_replies import ReviseForm, WriteForm
from clinicians.api.serializers import SavedReplySerializer, SavedReplyVersionSerializer
from clinicians.models import SavedReply, SavedReplyVersion
from clinicians.rules.placeholders import PLACES
from portal import access
from portal.access import IllegalMove, Permission, Refused
from portal.models import Department
from portal.models.departments import DepartmentQuerySet
from portal.paging import Pager

VERSIONS_SHOWN = 20


class Shelf(Desk):
    """For who answers patients somewhere."""

    nav = "saved-replies"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not access.reach(self.actor, Permission.CASE_REPLY).as_staff:
            raise Refused("saved_replies.write")

    def places(self) -> dict[str, Any]:
        return {"places": [("{" + name + "}", _(meaning)) for name, meaning in PLACES.items()]}

    def conflict(self, form: Any, move: IllegalMove) -> None:
        """A program gets the refusal itself."""
        if not self.wants_page:
            raise move
        self.asked.refusal = move  # type: ignore[attr-defined]
        form.add_error(None, words_of(move))


class SavedReplies(Shelf):
    template_name = "clinicians/saved_replies.html"
    answers = {"get": SavedRepliesAnswer, "post": SavedReplySerializer}
    asks = CURSORS
    made = 201

    def get(self, request: Request) -> Response:
        return self.show(self.form())

    def post(self, request: Request) -> Answered:
        form = self.form(flat(request.data))
        if not form.is_valid():
            return self.show(form, 422) if self.wants_page else problem(422, errors=errors_of(form))
        said = form.cleaned_data
        try:
            saved = saved_replies.write(
                said["department"], by=self.actor, name=said["called"], body=said["body"], is_shared=said["is_shared"]
            )
        except IllegalMove as move:
            self.conflict(form, move)
            return self.show(form, 409)
        if not self.wants_page:
            saved.body = said["body"]  # type: ignore[attr-defined]
            return Response(SavedReplySerializer(saved).data, status=201)
        messages.success(self.asked, _("Saved: “%(name)s” is on the list.") % {"name": saved.name})
        return HttpResponseRedirect(reverse("clinicians:saved-replies"))

    def departments(self) -> DepartmentQuerySet:
        rows: DepartmentQuerySet = Department.objects.visible_to(self.actor, Permission.CASE_REPLY).order_by("name")
        return rows

    def form(self, data: Mapping[str, Any] | None = None) -> WriteForm:
        return WriteForm(data, departments=self.departments())

    def show(self, form: WriteForm, status: int = 200) -> Response:
        pager = Pager(self.asked.GET)
        rows = access.read_many(SavedReply.objects.standing().with_text(), by=self.actor, page=pager)
        data = {
            "saved": SavedReplySerializer(rows, many=True).data,
            "newer": pager.newer,
            "older": pager.older,
        }
        return self.answer(data, status, form=form, **self.places())


class SavedReplyPage(Shelf):
    """One of them: its text to change, and what stood before."""

    template_name = "clinicians/saved_reply.html"
    answers: ClassVar[Mapping[str, Any]] = {"get": SavedReplyAnswer, "post": SavedReplySerializer}
    form_class: ClassVar[type[PlainForm]] = ReviseForm

    def get(self, request: Request, pk: UUID) -> Any:
        saved = self.saved(pk)
        return self.show(saved, ReviseForm(initial={**self.words(saved), "base": saved.version}))

    def post(self, request: Request, pk: UUID) -> Answered:
        saved, form = self.saved(pk), ReviseForm(flat(request.data))
        if not form.is_valid():
            return self.show(saved, form, 422) if self.wants_page else problem(422, errors=errors_of(form))
        said = form.cleaned_data
        try:
            made = saved_replies.revise(
                saved, by=self.actor, version=said["base"], name=said["called"], body=said["body"]
            )
        except IllegalMove as move:
            self.conflict(form, move)
            return self.overtaken(pk, form)
        return self.did(made, _("Saved as version %(number)d.") % {"number": made.version})

    def overtaken(self, pk: UUID, form: ReviseForm) -> Response:
        """Both texts are kept: theirs among the versions, one's own in the form, where saving again is meant."""
        now = self.saved(pk)
        form.data = {**form.data.dict(), "base": str(now.version)}  # type: ignore[attr-defined]
        return self.show(now, form, 409)

    def saved(self, pk: UUID) -> Any:
        return access.read_one(SavedReply.objects.standing().with_text(), by=self.actor, pk=pk)

    def words(self, saved: Any) -> dict[str, str]:
        return {"called": saved.name, "body": saved.body}

    def show(self, saved: Any, form: ReviseForm, status: int = 200) -> Response:
        versions = access.read_many(
            SavedReplyVersion.objects.filter(saved_reply=saved).newest(),
            by=self.actor,
            page=lambda rows: list(rows[:VERSIONS_SHOWN]),
        )
        data = {
            "saved": SavedReplySerializer(saved).data,
            "versions": SavedReplyVersionSerializer(versions, many=True).data,
        }
        return self.answer(data, status, form=form, mine=saved.owner_id == self.actor.pk, **self.places())

    def did(self, made: SavedReply, words: str) -> Answered:
        if not self.wants_page:
            return Response(SavedReplySerializer(self.saved(made.pk)).data)
        messages.success(self.asked, words)
        return HttpResponseRedirect(reverse("clinicians:saved-reply", args=[made.pk]))


class ShareSavedReply(SavedReplyPage):
    api_methods = ("post",)
    answers = {"post": SavedReplySerializer}
    form_class = PlainForm
    done: ClassVar[Any] = gettext_lazy("Shared: your colleagues in the department can use and revise it.")

    def get(self, request: Request, pk: UUID) -> Any:
        return HttpResponseRedirect(reverse("clinicians:saved-reply", args=[self.saved(pk).pk]))

    def post(self, request: Request, pk: UUID) -> Answered:
        return self.did(saved_replies.share(self.saved(pk), by=self.actor), str(self.done))


class UnshareSavedReply(ShareSavedReply):
    done = gettext_lazy("Yours alone again.")

    def post(self, request: Request, pk: UUID) -> Answered:
        return self.did(saved_replies.unshare(self.saved(pk), by=self.actor), str(self.done))


class RetireSavedReply(ShareSavedReply):
    answers = {"post": nothing_left()}
    done = gettext_lazy("Taken off the list. What was sent with it stays as it is.")

    def post(self, request: Request, pk: UUID) -> Answered:
        saved_replies.retire(self.saved(pk), by=self.actor)
        if not self.wants_page:
            return Response({})
        messages.success(self.asked, str(self.done))
        return HttpResponseRedirect(reverse("clinicians:saved-replies"))
