"""The questions that come before the story: what it is about, and the signs that can't wait. No answer is given for
anybody: each is empty until it is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from patients.models import complaints
from patients.rules import triage
from patients.rules.triage import Answer, Kind, Outcome, Part, Question

NOT_ANSWERED = {"required": _("Choose an answer.")}


class AboutForm(forms.Form):
    complaint = forms.ChoiceField(
        label=_("What troubles you most?"),
        widget=forms.RadioSelect,
        choices=list(complaints.COMPLAINTS.items()),
        error_messages={"required": _("Choose what it is about, or “Something else”.")},
    )


class SafetyForm(forms.Form):
    """The questions of one complaint, in the order of the table."""

    def __init__(self, complaint: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.complaint = complaint
        self.asked = triage.questions(complaint)
        for question in self.asked:
            for part in question.parts:
                self.fields[name_of(part)] = field_of(part, question)

    @property
    def answers(self) -> dict[str, Answer]:
        """What was answered so far, complaints or not: a yes that can't wait does not wait for the others."""
        found: dict[str, Answer] = {}
        for question in self.asked:
            for part in question.parts:
                value = self.cleaned_data.get(name_of(part))
                if part.kind is Kind.SCALE and value not in (None, ""):
                    found[part.key] = int(value)
                elif part.kind is Kind.TICK:
                    found |= {part.key: triage.YES} if value else {}
                elif value or (part.kind is Kind.MANY and value is not None):
                    found[part.key] = value
        return found

    def rows(self) -> Iterator[Row]:
        for question in self.asked:
            for part in question.parts:
                yield Row(self[name_of(part)], part.kind, question)


@dataclass(frozen=True)
class Row:
    """One line of the page."""

    field: BoundField
    kind: Kind
    question: Question

    @property
    def options(self) -> list[tuple[Any, str]]:
        """Each choice with what it asks for at once: "now", "today" or nothing."""
        return [(option, self.level(str(option.data["value"]))) for option in self.field]

    def level(self, value: str) -> str:
        name = self.field.name.partition("-part-")[2] or "value"
        outcomes = [
            rule.outcome
            for rule in self.question.rules
            if [(c.name, c.literal) for c in rule.conditions] == [(name, value)]
        ]
        return {Outcome.EMERGENCY_NOW: "now", Outcome.SAME_DAY: "today"}.get(triage.worst(outcomes), "")


def name_of(part: Part) -> str:
    """Of its field: TW-15.worry is TW-15-part-worry."""
    return part.key.replace(".", "-part-")


def field_of(part: Part, question: Question) -> forms.Field:
    label = complaints.label_of(part, question)
    if part.kind is Kind.TICK:
        return forms.BooleanField(label=label, required=False)
    if part.kind is Kind.SCALE:
        low, high = triage.SCALE_ENDS
        numbers = [("", "—"), *((str(n), str(n)) for n in range(low, high + 1))]
        return forms.ChoiceField(label=label, choices=numbers, error_messages=NOT_ANSWERED)
    options = [(option, complaints.OPTIONS[option]) for option in part.options or (triage.YES, triage.NO)]
    if part.kind is Kind.MANY:
        return forms.MultipleChoiceField(
            label=label, choices=options, required=False, widget=forms.CheckboxSelectMultiple
        )
    return forms.ChoiceField(label=label, choices=options, widget=forms.RadioSelect, error_messages=NOT_ANSWERED)
