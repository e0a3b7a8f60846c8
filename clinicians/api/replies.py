"""Answering the patient: writing with a draft that is kept, a look at it as they will see it, sending, undoing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.actions import cases, claims, reply_drafts
from clinicians.api import case_page, composer, workspace
from clinicians.api.acts import Act, Answered, CaseAct, case_of
from clinicians.api.answers import ComposeAnswer, PreviewAnswer, SavedDraftAnswer, nothing_left
from clinicians.api.composer import Tools
from clinicians.api.form_schemas import Schema, schema_of
from clinicians.api.forms.followups import PERIODS
from clinicians.api.forms.of_patient import OfPatient, flat
from clinicians.api.forms.replies import ReplyForm, Things
from clinicians.api.forms.saved_replies import ComposeForm
from clinicians.api.serializers import MessageSerializer, ReplyDraftSerializer
from clinicians.api.workspace import case_url
from clinicians.models import Claim, ReplyDraft, SavedReply, SentReply
from patients.models import Case, Message
from portal import access
from portal.access import IllegalMove
from portal.models import User


class OfReply(CaseAct):
    """What is posted by the reply form. It comes back into its place on the case page."""

    name = "reply"
    anchor = "reply"
    is_draft: ClassVar[bool] = False

    @classmethod
    def takes(cls) -> Schema:
        """A draft as far as it is written."""
        takes = super().takes()
        return {**takes, "required": ["patient"]} if cls.is_draft else takes

    @classmethod
    def asks_for_seen(cls) -> bool:
        """While one writes, what was said since does not matter."""
        return not cls.is_draft and super().asks_for_seen()

    def form(self, subject: Case, data: Mapping[str, Any]) -> ReplyForm:
        questions = composer.open_questions(subject, by=self.actor)
        return ReplyForm(data, questions=questions, find=self.things, is_draft=self.is_draft)

    def things(self, keys: Sequence[str]) -> Things:
        return composer.things(keys, by=self.actor)

    def page_with(self, case: Case, form: ReplyForm, tools: Tools) -> Answered:
        """The case page with this form in its place. What it says was read stays what was read when it was begun."""
        space = workspace.open_workspace(case, by=self.actor)
        data, bound = case_page.data_of(space), {(self.name, ""): form}
        return self.answer(data, **case_page.page_of(space, data, by=self.actor, bound=bound, tools=tools))


class Reply(OfReply):
    answers = {"post": MessageSerializer}
    anchor = "messages"
    made = 201
    done = gettext_lazy("Sent: the patient can read your reply now.")
    overtaken = gettext_lazy("This case does not wait for a reply any more: somebody else has answered or closed it.")

    def act(self, subject: Case, form: ReplyForm) -> Message:
        said = form.cleaned_data
        return cases.reply(
            subject,
            by=self.actor,
            body=said["body"],
            safety_net=said["safety_net"],
            outcomes=form.outcomes,
            articles=said["articles"],
            followup=form.followup,
            suggest=said["suggest"],
        )

    def acted(self, subject: Case, made: Message) -> Answered:
        if not self.wants_page:
            return Response(self.data(made), status=self.made)
        if not made.visible_at:
            messages.success(self.asked, str(self.done))
        if flat(self.request.data).get("suggest"):
            return HttpResponseRedirect(reverse("clinicians:publish", args=[subject.ref]))
        return HttpResponseRedirect(case_url(subject, "sent" if made.visible_at else self.anchor))

    def data(self, made: Message) -> Mapping[str, Any]:
        return MessageSerializer(made).data


class UndoReply(CaseAct):
    name = "undo_reply"
    answers = {"post": ReplyDraftSerializer}
    anchor = "reply"
    done = gettext_lazy("Undone: the patient has seen nothing of it. Your reply is a draft again.")

    def form(self, subject: Case, data: Mapping[str, Any]) -> OfPatient:
        return OfPatient(data)

    def act(self, subject: Case, form: OfPatient) -> ReplyDraft:
        rows = access.read_many(
            SentReply.objects.filter(case=subject).select_related("message").order_by("-id"),
            by=self.actor,
            page=lambda found: list(found[:1]),
        )
        if not rows:
            raise IllegalMove("cases.undo_reply", subject, _("You have sent nothing here that could be undone."))
        return cases.undo_reply(rows[0].message, by=self.actor)

    def conflict(self, subject: Case, form: Any, conflict: IllegalMove) -> Answered:
        raise conflict

    def data(self, made: ReplyDraft) -> Mapping[str, Any]:
        return ReplyDraftSerializer(made).data


class SaveDraft(OfReply):
    """Whatever is there so far, right or wrong: only its shape is asked for."""

    answers = {"post": SavedDraftAnswer}
    is_draft = True
    overtaken = gettext_lazy("This case does not wait for a reply any more.")

    def must_be_meant(self, subject: Any, form: Any) -> None:
        must_be_of(subject, form)

    def act(self, subject: Case, form: ReplyForm) -> ReplyDraft:
        version = form.cleaned_data["draft"] or 0
        kept = reply_drafts.keep(subject, by=self.actor, version=version, words=form.words)
        if Claim.is_wanted(subject, self.actor, timezone.now()):
            claims.claim(subject, by=self.actor)
        return kept

    def acted(self, subject: Case, made: ReplyDraft) -> Answered:
        if not self.wants_page:
            return Response(self.data(made), status=self.made)
        messages.success(self.asked, said_saved(made))
        return HttpResponseRedirect(case_url(subject, self.anchor))

    def conflict(self, subject: Case, form: ReplyForm, conflict: IllegalMove) -> Answered:
        """Of two windows: what was typed in this one stays, what is stored stands below, and saving again is meant."""
        if not self.wants_page or not isinstance(conflict, reply_drafts.Outdated):
            return super().conflict(subject, form, conflict)
        form.data = {**form.typed, "draft": str(conflict.stored.version)}
        form.add_error(None, conflict.reason)
        return self.refused(subject, form, conflict, 409, tools=Tools(stored=conflict.stored))

    def data(self, made: ReplyDraft) -> Mapping[str, Any]:
        return {**ReplyDraftSerializer(made).data, "said": said_saved(made)}


class DiscardDraft(CaseAct):
    name = "discard_draft"
    answers = {"post": nothing_left()}
    anchor = "reply"
    done = gettext_lazy("The draft is gone.")

    def form(self, subject: Case, data: Mapping[str, Any]) -> OfPatient:
        return OfPatient(data)

    def act(self, subject: Case, form: OfPatient) -> None:
        reply_drafts.discard(subject, by=self.actor)

    def data(self, made: None) -> Mapping[str, Any]:
        return {}


class Compose(OfReply):
    """Puts in a saved reply or a text for a complaint, searches the library, checks. Writes nothing, loses nothing."""

    answers = {"post": ComposeAnswer}
    is_draft = True

    @classmethod
    def takes(cls) -> Schema:
        takes = super().takes()
        return {**takes, "properties": takes["properties"] | schema_of(ComposeForm)["properties"]}

    def post(self, request: Request, **where: Any) -> Any:
        case = self.find(**where)
        sent = flat(request.data)
        form, tool = self.form(case, sent), ComposeForm(sent)
        if not tool.is_valid() or not form.is_valid():
            if self.is_live:
                return HttpResponse(status=204)
            for wrong in (message for found in tool.errors.values() for message in found):
                form.add_error(None, wrong)
            return self.come_back(case, form, 422)
        must_be_of(case, form)
        said = tool.cleaned_data
        typed = {**form.typed, **self.put_in(case, form, said)}
        written = ReplyForm(initial=typed, questions=form.questions)
        found = composer.search(said["find"], by=self.actor) if said["do"] == "find" else ()
        return self.shown(case, written, Tools(said["find"], found, said["complaint"]))

    @property
    def is_live(self) -> bool:
        """Asked while one writes: for the checks alone."""
        return bool(self.asked.headers.get("HX-Request"))

    def put_in(self, case: Case, form: ReplyForm, said: Mapping[str, Any]) -> dict[str, str]:
        if said["do"] == "safety":
            return {"safety_net": composer.safety_net(case.department, said["complaint"])}
        if said["do"] != "insert" or not said["insert"]:
            return {}
        saved = access.read_one(SavedReply.objects.standing().with_text(), by=self.actor, pk=said["insert"])
        text = composer.filled(saved, case, form, by=self.actor)
        return {"body": f"{form.cleaned_data['body']}\n\n{text}".strip()}

    def shown(self, case: Case, form: ReplyForm, tools: Tools) -> Any:
        if not self.wants_page:
            return Response(self.written(case, form, tools))
        if self.is_live:
            checks = composer.checks(form, composer.read_facts(case, by=self.actor))
            return render(self.asked, "clinicians/_reply_checks.html", {"composer": {"checks": checks}})
        return self.page_with(case, form, tools)

    def written(self, case: Case, form: ReplyForm, tools: Tools) -> dict[str, Any]:
        return {
            "body": form["body"].value(),
            "safety_net": form["safety_net"].value(),
            "found": [composer.choice(thing) for thing in tools.found],
            "checks": composer.checks(form, composer.read_facts(case, by=self.actor)),
        }


@dataclass(frozen=True)
class Previewed:
    """A message that is not sent, as the patient's own template draws one."""

    author: User
    body: str
    safety_net: str
    shown_articles: Things
    created_at: datetime = field(default_factory=timezone.now)
    is_from_patient: bool = False


class Preview(OfReply):
    template_name = "clinicians/reply_preview.html"
    answers = {"post": PreviewAnswer}
    is_draft = True

    def post(self, request: Request, **where: Any) -> Any:
        case = self.find(**where)
        form = self.form(case, flat(request.data))
        if form.is_valid() and not form.cleaned_data["body"]:
            form.add_error("body", _("Write the reply first: there is nothing to look at yet."))
        if form.errors:
            self.template_name = Act.template_name  # type: ignore[misc]
            return self.come_back(case, form, 422)
        must_be_of(case, form)
        checks = composer.checks(form, composer.read_facts(case, by=self.actor))
        said = form.cleaned_data
        shown = Previewed(self.actor, said["body"], said["safety_net"], said["articles"])
        data = {"body": shown.body, "safety_net": shown.safety_net, "checks": checks}
        period = said["followup-period"]
        return self.answer(
            data,
            case=case,
            patient=case.patient,
            message=shown,
            composer={"checks": checks},
            promised=composer.clinic_day(case.department, PERIODS[period][0]) if period else None,
            suggest=said["suggest"],
            fields=pairs(form),
        )


def pairs(form: ReplyForm) -> list[tuple[str, str]]:
    """Every field as hidden inputs carry it: on to sending, or back to writing."""
    return [
        (name, str(value))
        for name, typed in form.typed.items()
        for value in (typed if isinstance(typed, list) else [typed])
        if value not in (None, "", False)
    ]


def must_be_of(subject: Any, form: Any) -> None:
    """Raises IllegalMove for a form of another patient. What was said since does not matter while one writes."""
    case = case_of(subject)
    if form.cleaned_data["patient"] != case.patient_id:
        raise IllegalMove("reply", case, _("This form was for another patient. Nothing was saved."))


def said_saved(draft: ReplyDraft) -> str:
    at = time_format(timezone.localtime(draft.saved_at), "H:i")
    return _("Draft saved %(time)s") % {"time": at}
