"""Answering a case for a while: begun, let go of, taken over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from clinicians.actions import claims
from clinicians.api import case_page, workspace
from clinicians.api.acts import Answered, CaseAct
from clinicians.api.answers import nothing_left
from clinicians.api.forms.claims import ClaimForm, LetGoForm, TakeOverForm
from clinicians.api.forms.of_patient import flat
from clinicians.api.forms.replies import ReplyForm
from clinicians.api.ownership import ClaimSerializer
from clinicians.models import Claim
from patients.models import Case


class OfReply(CaseAct):
    """Posted with the reply that is being written: it stands there again, as far as it came."""

    anchor = "reply"

    @property
    def brings_text(self) -> bool:
        return self.wants_page and bool(flat(self.request.data).get("body"))

    def acted(self, subject: Case, made: Any) -> Answered:
        if not self.brings_text:
            return super().acted(subject, made)
        return self.with_text(workspace.read_case(subject.ref, by=self.actor), {})

    def come_back(self, subject: Case, form: Any, status: int, **page: Any) -> Answered:
        if not self.brings_text:
            return super().come_back(subject, form, status, **page)
        return self.with_text(subject, {(self.name, ""): form}, status)

    def with_text(self, case: Case, bound: case_page.Bound, status: int = 200) -> Answered:
        space = workspace.open_workspace(case, by=self.actor)
        data = case_page.data_of(space)
        bound = {**bound, ("reply", ""): typed_again(space, flat(self.request.data))}
        return self.answer(data, status, **case_page.page_of(space, data, by=self.actor, bound=bound))


def typed_again(space: workspace.Workspace, typed: Mapping[str, Any]) -> ReplyForm:
    """Not yet sent, so not judged; against what the page shows now."""
    came = ReplyForm(typed, questions=space.open_questions).typed
    fresh = {"patient": space.patient.pk, "seen": space.seen}
    return ReplyForm(initial={**came, **fresh}, questions=space.open_questions)


class ClaimCase(OfReply):
    name = "claim"
    answers = {"post": ClaimSerializer}
    done = gettext_lazy("You are answering: for 15 minutes the others see that.")

    def form(self, subject: Case, data: Mapping[str, Any]) -> ClaimForm:
        return ClaimForm(data)

    def act(self, subject: Case, form: ClaimForm) -> Claim:
        return claims.claim(subject, by=self.actor)

    def data(self, made: Claim) -> Mapping[str, Any]:
        return ClaimSerializer(made).data


class TakeOver(OfReply):
    name = "take_over"
    answers = {"post": ClaimSerializer}
    done = gettext_lazy("The case is yours, and you are answering. Whoever was before you is told.")

    def form(self, subject: Case, data: Mapping[str, Any]) -> TakeOverForm:
        return TakeOverForm(data)

    def act(self, subject: Case, form: TakeOverForm) -> Claim:
        return claims.take_over(subject, by=self.actor, holder=form.cleaned_data["holder"])

    def data(self, made: Claim) -> Mapping[str, Any]:
        return ClaimSerializer(made).data


class LetGo(OfReply):
    name = "let_go"
    answers = {"post": nothing_left("claim")}
    done = gettext_lazy("Somebody else can answer now.")

    def form(self, subject: Case, data: Mapping[str, Any]) -> LetGoForm:
        return LetGoForm(data)

    def act(self, subject: Case, form: LetGoForm) -> Case:
        return claims.let_go(subject, by=self.actor)

    def data(self, made: Case) -> Mapping[str, Any]:
        return {"claim": None}
