"""Triage, assign, reply, close."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from clinicians.api.forms.of_patient import OfCase
from patients.models import CaseQuestion
from patients.models.cases import Urgency

# "Not answered yet" is where a question comes from, never what a reply makes of it.
OUTCOMES = [choice for choice in CaseQuestion.Outcome.choices if choice[0] != CaseQuestion.Outcome.OPEN]
LONGEST_REPLY = 20_000
LONGEST_SAFETY_NET = 4_000


class People(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class TriageForm(OfCase):
    name = "triage"
    urgency = forms.TypedChoiceField(
        label=_("How soon must somebody act?"),
        coerce=lambda value: Urgency(int(value)),
        choices=Urgency.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say how soon somebody must act.")},
    )
    department: Any = forms.ModelChoiceField(label=_("Department"), queryset=None, empty_label=None)
    owner = People(label=_("Who answers"), queryset=None, required=False, empty_label=_("The department's pool"))

    def __init__(self, *args: Any, departments: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments  # type: ignore[attr-defined]
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """People are those of the case's department now: another department gives it to its own."""
        said = super().clean() or self.cleaned_data
        if said.get("owner") and "department" in self.changed_data:
            self.add_error("owner", _("Moved to another department, it goes to that department's pool."))
        return said


class AssignForm(OfCase):
    name = "assign"
    owner = People(label=_("Who answers"), queryset=None, required=False, empty_label=_("The department's pool"))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class CloseForm(OfCase):
    name = "close"


class ReplyForm(OfCase):
    """The reply, an outcome for each question still open, and when to come back sooner."""

    name = "reply"
    # Its fields are those of the case's own questions.
    also: ClassVar[dict[str, Any]] = {
        "outcomes": {
            "type": "object",
            "description": "By the id of each question that is open.",
            "additionalProperties": {"type": "string", "enum": [str(key) for key, _label in OUTCOMES]},
        }
    }
    body = forms.CharField(
        label=_("Your reply"),
        max_length=LONGEST_REPLY,
        widget=forms.Textarea(attrs={"rows": 12}),
        error_messages={"required": _("Write the reply.")},
    )
    safety_net = forms.CharField(
        label=_("When to get help sooner"),
        help_text=_("Goes with every reply. Change it to fit this patient."),
        max_length=LONGEST_SAFETY_NET,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Say what would worry us, by when, and whom to call.")},
    )

    def __init__(self, *args: Any, questions: Iterable[CaseQuestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = list(questions)
        for number, question in enumerate(self.questions, start=1):
            self.fields[f"outcomes-{question.pk}"] = forms.ChoiceField(
                label=_("Question %(number)d: %(text)s") % {"number": number, "text": question.text},
                choices=OUTCOMES,
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("Say what your reply does with question %(number)d.") % {"number": number}
                },
            )

    def asked(self) -> list[forms.BoundField]:
        return [self[f"outcomes-{question.pk}"] for question in self.questions]

    @property
    def outcomes(self) -> dict[UUID, CaseQuestion.Outcome]:
        return {
            question.pk: CaseQuestion.Outcome(self.cleaned_data[f"outcomes-{question.pk}"])
            for question in self.questions
        }
