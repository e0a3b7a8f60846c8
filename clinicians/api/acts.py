"""One verb, posted: by a form of the case page or by a program.

A form that does not hold comes back as 422 with its words kept; one that was overtaken, or was meant for another
patient, as 409. A page gets the whole case with the form in its place, a program problem+json.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from clinicians.actions.prescriptions import NotPrescribed
from clinicians.api import case_page, versions, workspace
from clinicians.api.desk import Desk, words_of
from clinicians.api.form_schemas import form_class_of
from clinicians.api.forms.of_patient import flat
from clinicians.api.workspace import case_url
from patients.models import Case
from portal import problems
from portal.access import IllegalMove, Refusal, Refused
from portal.api import Changed, NothingSeen

Answered = Response | HttpResponseRedirect


class Act(Desk):
    """Say where (`find`), which form (`form`), and what (`act`)."""

    template_name = "clinicians/case.html"
    api_methods = ("post",)
    name: ClassVar[str] = ""  # the form's, on the page
    anchor: ClassVar[str] = ""
    done: ClassVar[Any] = ""
    overtaken: ClassVar[Any] = ""  # what a conflict means, where the verb does not say
    made: ClassVar[int] = 200

    def find(self, **where: Any) -> Any:
        raise NotImplementedError

    def form(self, subject: Any, data: Mapping[str, Any]) -> Any:
        raise NotImplementedError

    def act(self, subject: Any, form: Any) -> Any:
        raise NotImplementedError

    def data(self, made: Any) -> Mapping[str, Any]:
        raise NotImplementedError

    def get(self, request: Request, **where: Any) -> Answered:
        """The address of a form that came back, asked for again: the case is the page to read."""
        return HttpResponseRedirect(case_url(case_of(self.find(**where)), self.anchor))

    def post(self, request: Request, **where: Any) -> Answered:
        subject = self.find(**where)
        form = self.form(subject, self.sent(subject, request))
        if not self.holds(form):
            return self.come_back(subject, form, 422)
        try:
            self.must_be_meant(subject, form)
            made = self.act(subject, form)
        except NotPrescribed as stopped:
            return self.not_prescribed(subject, form, stopped)
        except IllegalMove as conflict:
            return self.conflict(subject, form, conflict)
        except ValidationError as wrong:
            form.add_error(None, wrong.messages)
            return self.come_back(subject, form, 422)
        return self.acted(subject, made)

    def sent(self, subject: Any, request: Request) -> Mapping[str, Any]:
        """The post; a program may say in If-Match what it had read, in place of the field `seen`."""
        said = flat(request.data)
        if self.wants_page:
            return said
        case = case_of(subject)
        named = versions.named(self.asked)
        if named and (now := self.seen_now(case)) not in named:
            raise Changed(self.name, case, versions.etag(now))
        if not self.asks_for_seen() or "seen" in said:
            return said
        if not named:
            raise NothingSeen
        return {**{name: said[name] for name in said}, "seen": self.seen_now(case)}

    @classmethod
    def asks_for_seen(cls) -> bool:
        return "seen" in getattr(form_class_of(cls), "base_fields", {})

    def holds(self, form: Any) -> bool:
        return bool(form.is_valid())

    def must_be_meant(self, subject: Any, form: Any) -> None:
        """Raises IllegalMove for a form of another patient, or one filled in before what has been said since."""
        case = case_of(subject)
        if form.cleaned_data["patient"] != case.patient_id:
            raise IllegalMove(self.name, case, _("This form was for another patient. Nothing was saved."))
        if "seen" in form.cleaned_data and form.cleaned_data["seen"] != self.seen_now(case):
            raise IllegalMove(self.name, case, _("The case has changed since you opened it: read what is new below."))

    def seen_now(self, case: Case) -> str:
        return workspace.seen_now(case, by=self.actor)

    def acted(self, subject: Any, made: Any) -> Answered:
        if not self.wants_page:
            return Response(self.data(made), status=self.made)
        messages.success(self.asked, str(self.done))
        return HttpResponseRedirect(case_url(case_of(subject), self.anchor))

    def conflict(self, subject: Any, form: Any, conflict: IllegalMove) -> Answered:
        if not self.wants_page:
            raise conflict
        form.add_error(None, words_of(conflict) or str(self.overtaken))
        return self.refused(subject, form, conflict, 409)

    def not_prescribed(self, subject: Any, form: Any, stopped: NotPrescribed) -> Answered:
        raise stopped

    def refused(self, subject: Any, form: Any, refusal: Refusal, status: int, **page: Any) -> Answered:
        """Nothing of it is kept: the middleware rolls back and records the refusal."""
        self.asked.refusal = refusal  # type: ignore[attr-defined]
        return self.come_back(subject, form, status, **page)

    def come_back(self, subject: Any, form: Any, status: int, **page: Any) -> Answered:
        if not self.wants_page:
            return problem(status, errors=errors_of(form))
        # What the page says was read is what it shows now.
        space = workspace.open_workspace(case_of(subject), by=self.actor)
        form.data = with_seen(form.data, space.seen)
        data = case_page.data_of(space)
        bound = {(self.name, self.key(subject)): form}
        return self.answer(data, status, **case_page.page_of(space, data, by=self.actor, bound=bound, **page))

    def key(self, subject: Any) -> str:
        """Of a form that repeats: its row's."""
        return "" if isinstance(subject, Case) else str(subject.pk)


class CaseAct(Act):
    """A verb on a case: /cases/F-1287/…"""

    def find(self, **where: Any) -> Case:
        is_post = self.request.method == "POST"
        case = workspace.read_case(where["ref"], by=self.actor, locked=is_post)
        if is_post and not workspace.treats(self.actor, case):
            raise Refused(f"cases.{self.name}", case)  # opened in an emergency: reading, and nothing else
        return case


def case_of(subject: Any) -> Case:
    case: Case = subject if isinstance(subject, Case) else subject.case
    return case


def with_seen(data: Any, seen: str) -> Any:
    data = data.copy()
    data["seen"] = seen
    return data


def problem(status: int, **more: Any) -> Response:
    """problem+json, for what a form refuses."""
    return Response(problems.body_of(status, **more), status=status, content_type=problems.JSON)


def errors_of(form: BaseForm) -> dict[str, list[str]]:
    """By field; what is about the whole is under `__all__`."""
    return {name: [str(problem) for problem in problems] for name, problems in form.errors.items()}
