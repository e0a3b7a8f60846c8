"""What every form of the desk carries: whose it is. The same form checks a page's post and a program's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.db.models import Model
from django.forms import fields_for_model
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from portal.forms import PLAIN

NESTED_AT_MOST = 3


class PlainForm(forms.Form):
    """Takes no invisible characters, and gives each of its fields an id of its own on a page of many forms."""

    name = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{self.name}_%s")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                field.validators.append(PLAIN)


class OfPatient(PlainForm):
    """A post says for which patient it is meant: a form left open for somebody else is refused."""

    patient = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": _("The form does not say for which patient it is.")}
    )


class OfCase(OfPatient):
    """And what was on the page when it was filled in, where a later message would change the answer."""

    seen = forms.CharField(
        widget=forms.HiddenInput,
        max_length=64,
        error_messages={"required": _("The form does not say what you had read when you filled it in.")},
    )


def fields_of(model: type[Model], names: Iterable[str]) -> dict[str, forms.Field]:
    """The model's own fields with all that the model asks of them, as fields of a form."""
    fields = fields_for_model(model, list(names))
    for name, field in fields.items():
        field.validators = [*field.validators, *model._meta.get_field(name).validators]  # type: ignore[union-attr]
        if isinstance(field, forms.CharField):
            field.validators.append(PLAIN)
    return fields


def flat(data: Any) -> Mapping[str, Any]:
    """JSON as a form reads it: {"a": {"b": 1}} is a-b, [{"b": 1}] is a-0-b with its count in a-TOTAL_FORMS.

    A page's own post comes through as it is.
    """
    if isinstance(data, QueryDict):
        return data
    return dict(_leaves("", data, NESTED_AT_MOST)) if isinstance(data, Mapping) else {}


def _leaves(path: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and depth:
        for name, inner in value.items():
            yield from _leaves(f"{path}-{name}" if path else str(name), inner, depth - 1)
    elif isinstance(value, list) and depth:
        yield f"{path}-TOTAL_FORMS", len(value)
        yield f"{path}-INITIAL_FORMS", 0
        for number, inner in enumerate(value):
            yield from _leaves(f"{path}-{number}", inner, depth - 1)
    else:
        # Also true and false: a tick reads them so, and a date that was sent as true is no date.
        yield path, None if value is None else str(value)
