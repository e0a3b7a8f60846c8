"""Asking the clinic: the story, one's own questions, the medicines, the files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from patients.forms.files import FilesField, what_we_take
from patients.forms.prescriptions import MedicineForm
from patients.forms.text import free_text, one_line
from patients.models.complaints import signs_of
from portal.models import Department

MOST_QUESTIONS = 6
MOST_MEDICINES = 20
LONGEST_STORY = 20_000
NOT_SURE = "-"


class AskForm(forms.Form):
    title = one_line(
        _("What is it about?"),
        longest=120,
        help_text=_("A few words, as you would say it on the telephone."),
        error_messages={"required": _("Write in a few words what it is about.")},
    )
    story = free_text(
        _("What happened?"),
        longest=LONGEST_STORY,
        rows=9,
        css="fc-textarea--voice",
        help_text=_("In your own words: what you notice, where, how often, what makes it better or worse, and any "
                    "tests you have had."),
        error_messages={"required": _("Tell the doctor what happened.")},
    )  # fmt: skip
    since = one_line(
        _("Since when?"),
        longest=80,
        required=False,
        css="fc-input--20",
        help_text=_("For example: two months, or 3 March"),
    )
    department = forms.ChoiceField(label=_("Which department?"), initial=NOT_SURE)
    uploads = FilesField(label=_("Files"), required=False, help_text=lazy(what_we_take, str)())

    def __init__(self, departments: Sequence[Department], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.departments = {department.slug: department for department in departments}
        chosen = self.fields["department"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [
            (NOT_SURE, _("I'm not sure: let the clinic decide")),
            *((department.slug, department.name) for department in departments),
        ]

    @property
    def addressed_to(self) -> Department:
        """The chosen one; without a choice, the clinic's triage."""
        slug = self.cleaned_data["department"]
        chosen = settings.TRIAGE_DEPARTMENT if slug == NOT_SURE else slug
        return self.departments.get(chosen) or next(iter(self.departments.values()))

    @property
    def told(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("title", "story", "since")}


class QuestionForm(forms.Form):
    text = one_line(_("Your question"), longest=500, required=False)


class QuestionRows(BaseFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        if not any(self.texts) and self.forms:
            self.forms[0].add_error("text", _("Write at least one question that you want answered."))

    @property
    def texts(self) -> list[str]:
        return [text for form in self.forms if (text := form.cleaned_data.get("text", "").strip())]


class MedicineRows(BaseFormSet):  # type: ignore[type-arg]
    @property
    def orders(self) -> list[dict[str, Any]]:
        return [form.order for form in self.forms if form.cleaned_data.get("medicine")]


QuestionFormSet = formset_factory(
    QuestionForm, formset=QuestionRows, extra=2, max_num=MOST_QUESTIONS, absolute_max=MOST_QUESTIONS
)
MedicineFormSet = formset_factory(
    MedicineForm, formset=MedicineRows, extra=1, max_num=MOST_MEDICINES, absolute_max=MOST_MEDICINES
)


class SayForm(forms.Form):
    body = free_text(
        _("Your message"),
        longest=LONGEST_STORY,
        rows=5,
        css="fc-textarea--voice",
        error_messages={"required": _("Write your message first.")},
    )
    # Never read out of the text: what can't wait is ticked.
    signs = forms.MultipleChoiceField(
        label=_("Since you last wrote: is any of this new?"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, complaint: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = signs_of(complaint)
        chosen = self.fields["signs"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        chosen.choices = offered
        if not offered:
            del self.fields["signs"]
