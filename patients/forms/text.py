"""Fields that every form of the record is made of."""

from __future__ import annotations

import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.forms import PLAIN

OLDEST = date(1880, 1, 1)


def one_line(
    label: Any, *, longest: int, css: str = "", validators: Iterable[Any] = (), **about: Any
) -> forms.CharField:
    """One line of what people type."""
    widget = forms.TextInput(attrs={"class": css} if css else {})
    widget.attrs.update(about.pop("attrs", {}))
    return forms.CharField(label=label, max_length=longest, validators=[PLAIN, *validators], widget=widget, **about)


def free_text(label: Any, *, longest: int, rows: int = 6, css: str = "", **about: Any) -> forms.CharField:
    """As many lines as it takes."""
    widget = forms.Textarea(attrs={"rows": rows, **({"class": css} if css else {})})
    return forms.CharField(label=label, max_length=longest, validators=[PLAIN], widget=widget, **about)


class DateParts(forms.MultiWidget):
    """Day, month and year as three fields, in the order in which people say a date."""

    template_name = "patients/widgets/date_parts.html"
    use_fieldset = True
    PARTS = (
        ("day", _("Day"), 2, "bday-day"),
        ("month", _("Month"), 2, "bday-month"),
        ("year", _("Year"), 4, "bday-year"),
    )

    def __init__(self) -> None:
        super().__init__({name: forms.TextInput() for name, *_rest in self.PARTS})

    def decompress(self, value: date | None) -> list[Any]:
        return [value.day, value.month, value.year] if value else ["", "", ""]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        first = context["widget"]["attrs"].get("id", "")
        for part, (key, label, size, hint) in zip(context["widget"]["subwidgets"], self.PARTS, strict=True):
            part["label"], part["attrs"]["class"] = label, f"fc-input fc-input--{size}"
            part["attrs"] |= {"id": f"{first}_{key}", "inputmode": "numeric", "autocomplete": hint, "maxlength": 10}
        return context

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_day" if id_ else ""


class PastDate(forms.Field):
    """A day that has been, as three numbers. Each thing that is wrong is said by its name."""

    widget = DateParts

    def clean(self, value: Any) -> date:
        parts = [str(part or "").strip() for part in value or ("", "", "")]
        missing = [str(label) for part, (_n, label, *_rest) in zip(parts, DateParts.PARTS, strict=True) if not part]
        if len(missing) == len(parts):
            raise ValidationError(_("Enter a date, for example 14 3 1996."), code="required")
        if missing:
            raise ValidationError(_("The date needs a %(part)s too."), params={"part": missing[0].lower()})
        return in_the_past(*parts)


def in_the_past(day: str, month: str, year: str) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except (ValueError, OverflowError) as error:
        raise ValidationError(_("This is not a day of the calendar. Use numbers, for example 14 3 1996.")) from error
    if len(year) < 4:
        raise ValidationError(_("Write the year with four digits, for example 1996."))
    if found >= timezone.localdate():
        raise ValidationError(_("This day has not been yet."))
    if found < OLDEST:
        raise ValidationError(_("Check the year: it is too long ago."))
    return found


@cache
def zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every place with a clock of its own, by continent."""
    by_region: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for key in sorted(zoneinfo.available_timezones()):
        region, _slash, place = key.partition("/")
        if place and region not in ("Etc", "SystemV", "US", "posix", "right"):
            by_region[region].append((key, place.replace("_", " ").replace("/", ", ")))
    return [("UTC", [("UTC", "UTC")]), *by_region.items()]


def zone_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Time zone"),
        choices=zones,
        help_text=_("The place whose clock you live by. Times and reminders follow it."),
        widget=forms.Select(attrs={"class": "fc-input--30"}),
    )


class Together:
    """Several forms as one, for the summary of problems on top of a page."""

    def __init__(self, *parts: forms.BaseForm) -> None:
        self.parts = parts

    @property
    def errors(self) -> bool:
        return any(part.errors for part in self.parts)

    @property
    def non_field_errors(self) -> list[str]:
        return [str(problem) for part in self.parts for problem in part.non_field_errors()]

    def __iter__(self) -> Iterator[BoundField]:
        for part in self.parts:
            yield from part


def quiet(*parts: forms.BaseForm) -> None:
    """Show what was typed, and no complaints yet."""
    for part in parts:
        part.errors.clear()
