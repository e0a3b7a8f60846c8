"""Prescribing, and taking a medicine off the list, on hold and off it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinicians.actions import prescriptions
from clinicians.actions.prescriptions import HardStop, NotPrescribed
from clinicians.api import case_page
from clinicians.api.acts import Act, Answered, CaseAct, problem
from clinicians.api.forms.prescriptions import HoldForm, PrescribeForm, StopForm
from clinicians.api.serializers import PrescriptionSerializer
from clinicians.api.workspace import read_row
from patients.models import Case, Prescription


class Prescribe(CaseAct):
    name = "prescribe"
    answers = {"post": PrescriptionSerializer}
    anchor = "medicines"
    made = 201
    done = gettext_lazy("Prescribed: the patient sees it in their medicines.")

    def form(self, subject: Case, data: Mapping[str, Any]) -> PrescribeForm:
        return PrescribeForm(data)

    def act(self, subject: Case, form: PrescribeForm) -> Prescription:
        return prescriptions.prescribe(subject, by=self.actor, followup=form.followup, **form.order)

    def data(self, made: Prescription) -> Mapping[str, Any]:
        return PrescriptionSerializer(made).data

    def not_prescribed(self, subject: Case, form: Any, stopped: NotPrescribed) -> Answered:
        """The findings come back beside the form; a hard stop takes no reason."""
        self.asked.refusal = stopped  # type: ignore[attr-defined]
        if isinstance(stopped, HardStop):
            form.add_error(None, _("Not prescribed: this cannot be right. See why below, and correct the order."))
        else:
            form.add_error("override_reason", _("Not prescribed yet: read what was found, then give your reason."))
        if not self.wants_page:
            return problem(422, findings=stopped.findings, code=stopped.code)
        found = case_page.findings_shown(stopped.findings, form.cleaned_data["medicine"])
        return self.refused(subject, form, stopped, 422, found=found)


class MedicineAct(Act):
    """A verb on one medicine: /medicines/…/"""

    anchor = "medicines"
    answers = {"post": PrescriptionSerializer}

    def find(self, **where: Any) -> Any:
        return read_row(Prescription.objects.all(), by=self.actor, pk=where["pk"])

    def data(self, made: Prescription) -> Mapping[str, Any]:
        return PrescriptionSerializer(made).data

    def not_prescribed(self, subject: Prescription, form: Any, stopped: NotPrescribed) -> Answered:
        form.add_error(None, _("This entry can't be taken off hold: it cannot be right. Correct it instead."))
        if not self.wants_page:
            self.asked.refusal = stopped  # type: ignore[attr-defined]
            return problem(422, findings=stopped.findings, code=stopped.code)
        return self.refused(subject, form, stopped, 422)


class Stop(MedicineAct):
    name = "stop"
    anchor = "prescribe"
    done = gettext_lazy("Taken off the list. If another order replaces it, write it here.")
    overtaken = gettext_lazy("This medicine has been taken off the list already.")

    def form(self, subject: Prescription, data: Mapping[str, Any]) -> StopForm:
        return StopForm(data, auto_id=f"stop-{subject.pk}_%s")

    def act(self, subject: Prescription, form: StopForm) -> Prescription:
        return prescriptions.stop(subject, by=self.actor, reason=form.cleaned_data["reason"])


class Hold(MedicineAct):
    name = "hold"
    done = gettext_lazy("On hold: the patient is told not to take it.")
    overtaken = gettext_lazy("This medicine is on hold or off the list already.")

    def form(self, subject: Prescription, data: Mapping[str, Any]) -> HoldForm:
        return HoldForm(data)

    def act(self, subject: Prescription, form: HoldForm) -> Prescription:
        return prescriptions.hold(subject, by=self.actor)

    def key(self, subject: Any) -> str:
        return ""


class Resume(Hold):
    done = gettext_lazy("Off hold: the patient sees that they may take it.")
    overtaken = gettext_lazy("This medicine is not on hold.")

    def act(self, subject: Prescription, form: HoldForm) -> Prescription:
        return prescriptions.resume(subject, by=self.actor)
