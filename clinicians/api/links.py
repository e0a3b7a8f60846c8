"""Cases of one patient that are one matter: linked, parted, merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from clinicians.actions import links
from clinicians.api import ownership
from clinicians.api.acts import CaseAct
from clinicians.api.answers import LinkedSerializer, MergedSerializer
from clinicians.api.forms.links import LinkForm, MergeForm, UnlinkForm
from clinicians.api.ownership import OtherCaseSerializer
from clinicians.api.serializers import CaseSerializer
from clinicians.models import CaseLink
from patients.models import Case


class OfTwo(CaseAct):
    """A verb on a case and another one, which the form names by its number."""

    anchor = "whose-case"

    def others(self, subject: Case) -> Sequence[Case]:
        self.found = ownership.read_others(subject, by=self.actor)
        return self.found

    def meant(self, ref: str) -> Case:
        return next(case for case in self.found if case.ref == ref)


class Link(OfTwo):
    name = "link"
    answers = {"post": LinkedSerializer}
    done = gettext_lazy("Linked: each case shows the other.")
    made = 201

    def form(self, subject: Case, data: Mapping[str, Any]) -> LinkForm:
        return LinkForm(data, others=self.others(subject))

    def act(self, subject: Case, form: LinkForm) -> CaseLink:
        said = form.cleaned_data
        self.other = self.meant(said["other"])
        return links.link(subject, by=self.actor, other=self.other, reason=said["reason"])

    def data(self, made: CaseLink) -> Mapping[str, Any]:
        told = {"reason": made.reason, "by": made.by.name, "created_at": made.created_at}
        return {**OtherCaseSerializer(self.other).data, **told}


class Unlink(OfTwo):
    name = "unlink"
    answers = {"post": CaseSerializer}
    done = gettext_lazy("Not linked any more.")

    def form(self, subject: Case, data: Mapping[str, Any]) -> UnlinkForm:
        return UnlinkForm(data, others=self.others(subject))

    def act(self, subject: Case, form: UnlinkForm) -> Case:
        return links.unlink(subject, by=self.actor, other=self.meant(form.cleaned_data["other"]))

    def data(self, made: Case) -> Mapping[str, Any]:
        return CaseSerializer(made).data


class Merge(OfTwo):
    name = "merge"
    answers = {"post": MergedSerializer}
    done = gettext_lazy("Merged: this case is closed, and the patient is told where it goes on.")

    def form(self, subject: Case, data: Mapping[str, Any]) -> MergeForm:
        return MergeForm(data, others=self.others(subject))

    def act(self, subject: Case, form: MergeForm) -> Case:
        return links.merge(subject, by=self.actor, into=self.meant(form.cleaned_data["into"]))

    def data(self, made: Case) -> Mapping[str, Any]:
        assert made.merged_into
        return {**CaseSerializer(made).data, "merged_into": made.merged_into.ref}
