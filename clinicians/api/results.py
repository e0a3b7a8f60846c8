"""Writing a result down, and releasing it to the patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request

from clinicians.actions import results
from clinicians.api import serializers, workspace
from clinicians.api.acts import Act, Answered, CaseAct, errors_of, problem
from clinicians.api.form_schemas import Schema, schema_of
from clinicians.api.forms.of_patient import flat
from clinicians.api.forms.results import (
    ABOUT,
    MORE_ROWS,
    ROWS_AT_FIRST,
    ROWS_AT_MOST,
    ROWS_OF,
    EegForm,
    RecordForm,
    ReleaseForm,
    known_units,
)
from clinicians.api.workspace import read_row
from patients.models import Case, FollowUp, Result
from patients.models.results import ResultKind
from portal import access
from portal.access import IllegalMove, Permission, Refused


class Study:
    """A report and its values as one form: about, rows, and for an EEG its structured part."""

    def __init__(self, kind: ResultKind, data: Mapping[str, Any] | None = None, **initial: Any) -> None:
        self.kind, self.data = kind, data
        self.about = RecordForm(data, initial={"kind": kind, **initial})
        self.rows_name, make = ROWS_OF.get(kind, ("", None))
        self.rows = (
            make(rows_data(data, self.rows_name) if data is not None else None, prefix=self.rows_name) if make else None
        )
        self.eeg = EegForm(data, prefix="eeg") if kind is ResultKind.EEG else None

    @classmethod
    def blank(cls, kind: ResultKind, **initial: Any) -> Study:
        study = cls(kind, **initial)
        if study.rows is not None:
            study.rows.extra = ROWS_AT_FIRST
        return study

    @classmethod
    def longer(cls, kind: ResultKind, data: Mapping[str, Any]) -> Study:
        """What was typed, and room for more rows; nothing is judged yet."""
        study = cls(kind, **{name: data.get(name) for name in (*ABOUT, "patient")})
        if study.rows is not None:
            study.rows.initial = typed_rows(data, study.rows_name, list(study.rows.empty_form.fields))
            study.rows.extra = MORE_ROWS
        if study.eeg is not None:
            study.eeg.initial = {name: data.get(f"eeg-{name}") for name in study.eeg.fields}
        return study

    def is_valid(self) -> bool:
        parts = [part for part in (self.about, self.rows, self.eeg) if part is not None]
        # Each is asked, so that every problem is named at once.
        is_good = False not in [part.is_valid() for part in parts]
        if is_good and self.rows is not None and not self.values:
            self.about.add_error(None, _("Give at least one row of values."))
        return is_good and self.about.is_valid()

    @property
    def values(self) -> list[dict[str, Any]]:
        return [row.cleaned_data for row in self.rows if row.has_changed()] if self.rows is not None else []

    # Act treats it as one form.

    @property
    def cleaned_data(self) -> dict[str, Any]:
        return self.about.cleaned_data

    def add_error(self, field: str | None, error: Any) -> None:
        self.about.add_error(field, error)

    def errors(self) -> dict[str, Any]:
        found: dict[str, Any] = dict(errors_of(self.about))
        if self.rows is not None:
            found[self.rows_name] = [errors_of(row) for row in self.rows] + list(self.rows.non_form_errors())
        if self.eeg is not None:
            found["eeg"] = errors_of(self.eeg)
        return {name: said for name, said in found.items() if said}


def rows_data(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The post with its count of rows, and none of them required: an empty row is no row."""
    sent = {key: data[key] for key in data if key.startswith(f"{name}-")}
    return {f"{name}-TOTAL_FORMS": "0", **sent, f"{name}-INITIAL_FORMS": "0"}


def typed_rows(data: Mapping[str, Any], name: str, fields: list[str]) -> list[dict[str, Any]]:
    sent = str(data.get(f"{name}-TOTAL_FORMS", ""))
    count = min(int(sent[:4]), ROWS_AT_MOST - MORE_ROWS) if sent.isascii() and sent.isdigit() else 0
    return [{field: data.get(f"{name}-{number}-{field}") for field in fields} for number in range(count)]


def kind_of(text: str) -> ResultKind:
    if text not in ResultKind.values:
        raise Http404
    return ResultKind(text)


class Record(CaseAct):
    template_name = "clinicians/record.html"
    name = "record"
    answers = {"post": serializers.ResultSerializer}
    anchor = "results"
    made = 201
    done = gettext_lazy("Recorded. The patient sees it once it is released.")

    def get(self, request: Request, **where: Any) -> Answered:
        case = self.find(**where)
        if not workspace.may(self.actor, Permission.RESULT_RECORD, case):
            raise Refused("results.record", case)
        kind = kind_of(self.asked.GET.get("kind", ResultKind.NERVE_CONDUCTION))
        return self.show(case, Study.blank(kind, patient=case.patient_id), 200)

    def post(self, request: Request, **where: Any) -> Answered:
        data = flat(request.data)
        if self.wants_page and "add" in data:
            return self.show(self.find(**where), Study.longer(kind_of(str(data.get("kind"))), data), 200)
        return super().post(request, **where)

    @classmethod
    def takes(cls) -> Schema:
        """The report, and of the rows those of its kind."""
        found = schema_of(RecordForm)
        rows = {name: {"type": "array", "maxItems": ROWS_AT_MOST, "items": schema_of(make.form)}
                for name, make in ROWS_OF.values()}  # fmt: skip
        return {**found, "properties": {**found["properties"], **rows, "eeg": schema_of(EegForm)}}

    def form(self, subject: Case, data: Mapping[str, Any]) -> Study:
        return Study(kind_of(str(data.get("kind", ""))), data)

    def act(self, subject: Case, form: Study) -> Result:
        said = form.cleaned_data
        return results.record(
            subject,
            by=self.actor,
            kind=said["kind"],
            performed_on=said["performed_on"],
            eeg=form.eeg.cleaned_data if form.eeg else None,
            **({form.rows_name: form.values} if form.rows_name else {}),
            **form.about.about,
        )

    def data(self, made: Result) -> Mapping[str, Any]:
        return shown(made)

    def come_back(self, subject: Case, form: Study, status: int, **page: Any) -> Answered:
        return self.show(subject, form, status) if self.wants_page else problem(status, errors=form.errors())

    def show(self, case: Case, study: Study, status: int) -> Answered:
        data = {
            "case": serializers.CaseSerializer(case).data,
            "patient": serializers.PatientSerializer(case.patient).data,
        }
        return self.answer(data, status, study=study, kinds=ResultKind.choices, units_known=known_units())


class Release(Act):
    name = "release"
    answers = {"post": serializers.ResultSerializer}
    anchor = "results"
    done = gettext_lazy("Released: the patient can read it, with your words first.")
    overtaken = gettext_lazy("This result has been released already.")

    def find(self, **where: Any) -> Any:
        return read_row(Result.objects.with_values(), by=self.actor, pk=where["pk"])

    def form(self, subject: Result, data: Mapping[str, Any]) -> ReleaseForm:
        return ReleaseForm(data, followups=self.promised(subject), auto_id=f"release-{subject.pk}_%s")

    def promised(self, subject: Result) -> Sequence[FollowUp]:
        return access.read_many(FollowUp.objects.filter(case=subject.case).standing(), by=self.actor)

    def conflict(self, subject: Result, form: ReleaseForm, conflict: IllegalMove) -> Answered:
        if isinstance(conflict, results.PromiseClosed):
            form.offer(self.promised(subject))
        return super().conflict(subject, form, conflict)

    def act(self, subject: Result, form: ReleaseForm) -> Result:
        said = {name: form.cleaned_data[name] for name in ("comment", "next_step")}
        return results.release(subject, by=self.actor, keeps=form.kept, followup=form.followup, **said)

    def data(self, made: Result) -> Mapping[str, Any]:
        return shown(made)


def shown(result: Result) -> Mapping[str, Any]:
    [with_values] = workspace.with_readings([result], result.patient)
    return serializers.ResultSerializer(with_values).data
