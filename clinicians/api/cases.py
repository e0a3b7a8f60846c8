"""The case on one page, and what staff do with it: triage, assign, close."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.actions import cases
from clinicians.api import case_page, emergencies, queue, versions, workspace
from clinicians.api.acts import Answered, CaseAct
from clinicians.api.answers import CaseAnswer
from clinicians.api.desk import Desk
from clinicians.api.forms.cases import AssignForm, CloseForm, TriageForm
from clinicians.api.serializers import CaseSerializer, LookSerializer
from clinicians.models.looked import looks_at
from clinicians.models.staff import clinicians_of
from patients.models import Case


class CasePage(Desk):
    template_name = "clinicians/case.html"
    nav = "case"
    answers = {"get": CaseAnswer}
    has_tag = True

    def get(self, request: Request, ref: str) -> Response:
        case = workspace.read_case(ref, by=self.actor)
        space = workspace.open_workspace(case, by=self.actor)
        data = {**case_page.data_of(space), "emergency": emergencies.glass_on(case, by=self.actor)}
        data["looked"] = LookSerializer(looks_at(case.patient), many=True).data
        if not self.wants_page:
            answer = self.answer(data)
            answer.add_post_render_callback(lambda drawn: versions.tagged(self.asked, drawn, space.seen))
            return answer
        show = self.asked.GET.get("show", "")
        near = queue.neighbours(self.desk, case, self.asked.GET, timezone.now())
        return self.answer(data, **case_page.page_of(space, data, by=self.actor, bound={}, kind=show), neighbours=near)


class Triage(CaseAct):
    name = "triage"
    answers = {"post": CaseSerializer}
    done = gettext_lazy("Triaged: it is on the work list.")
    overtaken = gettext_lazy("Somebody else has triaged this case meanwhile.")

    def form(self, subject: Case, data: Mapping[str, Any]) -> TriageForm:
        initial = {"department": subject.department_id}
        return TriageForm(data, initial=initial, **case_page.choices(subject, by=self.actor))

    def act(self, subject: Case, form: TriageForm) -> Case:
        said = form.cleaned_data
        return cases.triage(
            subject, by=self.actor, department=said["department"], urgency=said["urgency"], owner=said["owner"]
        )

    def acted(self, subject: Case, made: Case) -> Answered:
        """Another department's case may be out of sight now: back to the list."""
        if self.wants_page and made.department_id != subject.department_id:
            moved = _("Triaged, and passed to %(department)s.") % {"department": made.department}
            messages.success(self.asked, moved)
            return HttpResponseRedirect(reverse("clinicians:worklist"))
        return super().acted(subject, made)

    def data(self, made: Case) -> Mapping[str, Any]:
        return CaseSerializer(made).data


class Assign(CaseAct):
    name = "assign"
    answers = {"post": CaseSerializer}
    done = gettext_lazy("Done: the case has the owner you chose.")

    def form(self, subject: Case, data: Mapping[str, Any]) -> AssignForm:
        return AssignForm(data, people=clinicians_of(subject.department))

    def act(self, subject: Case, form: AssignForm) -> Case:
        return cases.assign(subject, by=self.actor, owner=form.cleaned_data["owner"])

    def data(self, made: Case) -> Mapping[str, Any]:
        return CaseSerializer(made).data


class Close(CaseAct):
    name = "close"
    answers = {"post": CaseSerializer}
    done = gettext_lazy("Closed. A message from the patient opens it again.")
    overtaken = gettext_lazy("This case has been closed already.")

    def form(self, subject: Case, data: Mapping[str, Any]) -> CloseForm:
        return CloseForm(data)

    def act(self, subject: Case, form: CloseForm) -> Case:
        return cases.close(subject, by=self.actor)

    def data(self, made: Case) -> Mapping[str, Any]:
        return CaseSerializer(made).data
