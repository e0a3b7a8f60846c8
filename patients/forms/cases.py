"""Asking the clinic: the story, one's own questions, the medicines, the files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.forms.formsets import BaseFormSet, formset_factory
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from patients.forms.prescriptions import MedicineForm
from patients.forms.text import free_text, one_line
from patients.rules.file_types import UnknownType, content_type_of
from portal.models import Department

MOST_QUESTIONS = 6
MOST_MEDICINES = 20
MOST_FILES = 5
LONGEST_STORY = 20_000
NOT_SURE = "-"


class FilePicker(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files. Each is looked into: its name and what the browser says of it prove nothing."""

    widget = FilePicker

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        files = list(data) if isinstance(data, list | tuple) else [data] if data else []
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_("Choose at most %(most)s files."), params={"most": MOST_FILES})
        cleaned = [super(FilesField, self).clean(file, initial) for file in files]
        problems = [problem for file in cleaned if (problem := _problem(file))]
        if problems:
            raise forms.ValidationError(problems)
        return cleaned


def _problem(file: UploadedFile[bytes]) -> forms.ValidationError | None:
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        most = filesizeformat(settings.UPLOAD_MAX_BYTES)
        return forms.ValidationError(
            _("“%(name)s” is too large: at most %(most)s a file."), params={"name": file.name, "most": most}
        )
    try:
        content_type_of(file.read(512))
    except UnknownType:
        says = _("“%(name)s” is not a PDF, a PNG or JPEG picture, or an EDF or BDF recording.")
        return forms.ValidationError(says, params={"name": file.name})
    finally:
        file.seek(0)
    return None


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
    uploads = FilesField(
        label=_("Files"),
        required=False,
        help_text=_("Reports, pictures or recordings: PDF, PNG, JPEG, EDF or BDF, at most 25 MB each and 5 in all. "
                    "If the page comes back with a problem, choose them again: a page can't keep files."),
        widget=FilePicker(attrs={"accept": ".pdf,.png,.jpg,.jpeg,.edf,.bdf"}),
    )  # fmt: skip

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
