"""From a case to the public library: own words beside the source, what may name a person marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.actions import publishing
from clinicians.api import composer, serializers, workspace
from clinicians.api.acts import Act, Answered, CaseAct, errors_of, problem
from clinicians.api.answers import ConsentSerializer, PublishAnswer
from clinicians.api.desk import Desk
from clinicians.api.forms.publishing import LONGEST, AskAgainForm, SuggestForm
from clinicians.api.workspace import read_row
from faq.rules import identifiers
from patients.models import Case, CaseQuestion, Consent, Message
from patients.models.consents import ConsentStatus
from portal import access
from portal.access import Permission, Refused

FIELDS = ("title", "body", "answer")
# Consents that a new text makes worth asking for again: a no, or one taken back, is an answer.
OPEN = (ConsentStatus.PROPOSED, ConsentStatus.ACTIVE)


class PublishPage(Desk):
    template_name = "clinicians/publish.html"
    answers = {"get": PublishAnswer}

    def get(self, request: Request, ref: str) -> Response:
        case = workspace.read_case(ref, by=self.actor)
        if not workspace.may(self.actor, Permission.CONSENT_ASK, case):
            raise Refused("publishing.suggest", case)
        form = SuggestForm(initial={"patient": case.patient_id})
        return self.answer(source_of(case, self), form=form, sent=composer.sent_just_now(case, by=self.actor))


def source_of(case: Case, desk: Desk) -> dict[str, Any]:
    """The case beside which the public words are written, and what consent was asked already."""
    by = desk.actor
    said = access.read_many(
        Message.objects.filter(case=case).standing().with_author(), by=by, page=workspace.newest_last
    )
    questions = access.read_many(CaseQuestion.objects.filter(case=case), by=by)
    consents = access.read_many(Consent.objects.filter(case=case).select_related("question"), by=by)
    return {
        "case": serializers.CaseSerializer(case).data,
        "patient": serializers.PatientSerializer(case.patient).data,
        "age_band": case.patient.age_band,
        "year": case.created_at.year,
        "can_be_asked": case.patient.user_id is not None,
        "messages": serializers.MessageSerializer(said, many=True).data,
        "questions": serializers.CaseQuestionSerializer(questions, many=True).data,
        "consents": [consent_shown(row) for row in consents],
    }


def consent_shown(row: Consent) -> dict[str, Any]:
    return {
        "title": row.question.title,
        "status": row.status,
        "status_words": row.get_status_display(),
        "asked_at": row.created_at,
        "id": row.pk,
        # A curator changed the text since: the patient's answer was to the old one.
        "has_changed": row.status in OPEN and row.text != row.question.public_text,
        "text": row.question.public_text,
    }


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was typed into one field, and what in it may name a person."""

    label: str
    words: str
    found: list[identifiers.Finding]


def scanned(form: SuggestForm) -> list[Scanned]:
    """Each field, looked at once. What is longer than it may be is refused, and looked at no further."""
    typed = ((str(form[name].label), str(form.data.get(name, ""))[:LONGEST]) for name in FIELDS)
    return [Scanned(label, words, identifiers.find(words)) for label, words in typed]


def marked(text: Scanned) -> list[dict[str, str]]:
    """Its words that may name a person, why, and what to do."""
    return [
        {
            "field": text.label,
            "words": found.text,
            "label": _(identifiers.ADVICE[found.kind].label),
            "why": _(identifiers.ADVICE[found.kind].why),
            "suggestion": _(identifiers.ADVICE[found.kind].suggestion),
        }
        for found in text.found
    ]


class Suggest(CaseAct):
    """Says what it found first; the same words sent again, knowingly, go to the patient."""

    template_name = "clinicians/publish.html"
    name = "suggest"
    answers = {"post": ConsentSerializer}
    made = 201
    done = gettext_lazy("The patient is asked. Nothing is public before they agree to this exact text.")

    def get(self, request: Request, **where: Any) -> Answered:
        return HttpResponseRedirect(reverse("clinicians:publish", args=[self.find(**where).ref]))

    def form(self, subject: Case, data: Mapping[str, Any]) -> SuggestForm:
        return SuggestForm(data)

    def act(self, subject: Case, form: SuggestForm) -> Consent:
        said = form.cleaned_data
        return publishing.suggest(subject, by=self.actor, title=said["title"], body=said["body"], answer=said["answer"])

    def data(self, made: Consent) -> Mapping[str, Any]:
        return consent_shown(made)

    def come_back(self, subject: Case, form: SuggestForm, status: int, **page: Any) -> Answered:
        texts = scanned(form)
        found = [mark for text in texts for mark in marked(text)]
        if not self.wants_page:
            return problem(status, errors=errors_of(form), found=found)
        shown = [text for text in texts if text.found]
        return self.answer(source_of(subject, self), status, form=form, found=found, texts=shown)


class AskAgain(Act):
    """The text that the patient answered to has changed since: they are shown the new one."""

    template_name = "clinicians/publish.html"
    name = "ask-again"
    answers = {"post": ConsentSerializer}
    done = gettext_lazy("The patient is asked about the new text. It is not public before they agree to it.")
    overtaken = gettext_lazy("There is nothing new to ask.")

    def find(self, **where: Any) -> Consent:
        consent: Consent = read_row(Consent.objects.select_related("question"), by=self.actor, pk=where["pk"])
        return consent

    def form(self, subject: Consent, data: Mapping[str, Any]) -> AskAgainForm:
        return AskAgainForm(data)

    def act(self, subject: Consent, form: AskAgainForm) -> Consent:
        return publishing.ask_again(subject, by=self.actor)

    def data(self, made: Consent) -> Mapping[str, Any]:
        return consent_shown(made)

    def get(self, request: Request, **where: Any) -> Answered:
        return HttpResponseRedirect(reverse("clinicians:publish", args=[self.find(**where).case.ref]))

    def acted(self, subject: Consent, made: Consent) -> Answered:
        if not self.wants_page:
            return Response(self.data(made))
        messages.success(self.asked, str(self.done))
        return HttpResponseRedirect(reverse("clinicians:publish", args=[subject.case.ref]))

    def come_back(self, subject: Consent, form: AskAgainForm, status: int, **page: Any) -> Answered:
        if not self.wants_page:
            return problem(status, errors=errors_of(form))
        again = SuggestForm(initial={"patient": subject.patient_id})
        return self.answer(source_of(subject.case, self), status, form=again, problems=form)
