"""A day of the diary: three levels, and what may be added."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from patients.forms.text import free_text
from patients.models import DiaryEntry
from patients.models.complaints import signs_of
from patients.models.diary import LINES, LONGEST_NOTE, Level


class DiaryForm(forms.Form):
    note = free_text(_("Anything else about this day?"), longest=LONGEST_NOTE, rows=2, required=False)
    signs = forms.MultipleChoiceField(
        label=_("Is any of this new?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    field_order = (*LINES, "note", "signs")

    def __init__(self, complaint: str, *args: Any, entry: DiaryEntry | None = None, **kwargs: Any) -> None:
        if entry:
            kwargs["initial"] = {name: getattr(entry, name) for name in (*LINES, "note")} | {"signs": entry.rule_ids}
        super().__init__(*args, **kwargs)
        for name, label in LINES.items():
            self.fields[name] = forms.TypedChoiceField(
                label=label,
                choices=Level.choices,
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose how it was.")},
            )
        offered = signs_of(complaint)
        chosen = self.fields["signs"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        chosen.choices = offered
        if not offered:
            del self.fields["signs"]
        self.order_fields(self.field_order)

    @property
    def levels(self) -> Iterator[BoundField]:
        return (self[name] for name in LINES)
