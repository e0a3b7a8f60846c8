"""A Django form as JSON schema: what an endpoint takes is said by the very form that judges it.

The class of the form is found by what the endpoint's `form` method says that it returns, so a new endpoint describes
itself. Names with a dash are nested, as `forms.of_patient.flat` reads them.
"""

from __future__ import annotations

import sys
from typing import Any

from django import forms
from django.forms import Field
from django.utils.encoding import force_str

from clinicians.api.forms.of_patient import NESTED_AT_MOST

Schema = dict[str, Any]
ANYTHING: Schema = {"type": "object", "additionalProperties": True}
# Of the kinds of fields the narrowest first: an e-mail address is a text too.
KINDS: tuple[tuple[type[Field], Schema], ...] = (
    (forms.UUIDField, {"type": "string", "format": "uuid"}),
    (forms.EmailField, {"type": "string", "format": "email"}),
    (forms.URLField, {"type": "string", "format": "uri"}),
    (forms.DateTimeField, {"type": "string", "format": "date-time"}),
    (forms.DateField, {"type": "string", "format": "date"}),
    (forms.TimeField, {"type": "string", "format": "time"}),
    # A number in JSON, or as text so that none of its digits is lost.
    (forms.DecimalField, {"type": ["number", "string"]}),
    (forms.FloatField, {"type": "number"}),
    (forms.IntegerField, {"type": "integer"}),
    (forms.BooleanField, {"type": "boolean"}),
    (forms.ModelMultipleChoiceField, {"type": "array", "items": {"type": "string"}}),
    (forms.ModelChoiceField, {"type": "string"}),
    (forms.MultipleChoiceField, {"type": "array", "items": {"type": "string"}}),
    (forms.CharField, {"type": "string"}),
)
BOUNDS = {"min_length": "minLength", "max_length": "maxLength"}


def form_class_of(view: Any) -> type[forms.BaseForm] | None:
    """`form_class` where an endpoint names it, else what its `form` returns; None where neither says."""
    named = getattr(view, "form_class", None)
    if named is None and callable(method := getattr(view, "form", None)):
        named = method.__annotations__.get("return")
        if isinstance(named, str):
            named = getattr(sys.modules[method.__module__], named, None)
    return named if isinstance(named, type) and issubclass(named, forms.BaseForm) else None


def schema_of(form: type[forms.BaseForm]) -> Schema:
    """What is taken, besides `also` of the form: fields that are there only for this or that row."""
    found: Schema = {"type": "object", "properties": {}}
    for name, field in fields_of(form).items():
        place(found, name.split("-", NESTED_AT_MOST - 1), field_schema(field), field.required)
    found["properties"] |= getattr(form, "also", {})
    return found


def fields_of(form: type[forms.BaseForm]) -> dict[str, Field]:
    """As a fresh form has them; where one is made only for a row, those that its class names."""
    try:
        return dict(form().fields)
    except TypeError:
        return dict(form.base_fields)  # type: ignore[attr-defined]


def place(schema: Schema, path: list[str], inner: Schema, required: bool) -> None:
    name, *rest = path
    if required:
        schema.setdefault("required", [])
        if name not in schema["required"]:
            schema["required"].append(name)
    if rest:
        place(schema["properties"].setdefault(name, {"type": "object", "properties": {}}), rest, inner, required)
    else:
        schema["properties"][name] = inner


def field_schema(field: Field) -> Schema:
    found = dict(next((schema for kind, schema in KINDS if isinstance(field, kind)), {}))
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        found = choices(field, found)
    if isinstance(field, forms.ModelChoiceField) and not field.to_field_name:
        found["format"] = "uuid"
    if found.get("type") == "string" and "format" not in found:
        bounds = {to: getattr(field, name, None) for name, to in BOUNDS.items()}
        found |= {name: bound for name, bound in bounds.items() if bound is not None}
    if isinstance(field, forms.IntegerField) and not isinstance(field, forms.DecimalField):
        limits = {"minimum": field.min_value, "maximum": field.max_value}
        found |= {name: limit for name, limit in limits.items() if isinstance(limit, int)}
    if not field.required:
        found = or_nothing(found)
    said = [force_str(words).strip() for words in (field.label, field.help_text) if words]
    return {**found, "description": ": ".join(said)} if said else found


def choices(field: forms.ChoiceField, found: Schema) -> Schema:
    keys = [key for key in flat_keys(field.choices) if key not in (None, "")]
    kind = "integer" if keys and all(type(key) is int for key in keys) else "string"
    one: Schema = {"type": kind}
    # None yet: they are those of the row.
    if keys:
        one["enum"] = [key if kind == "integer" else str(key) for key in keys]
    return {"type": "array", "items": one} if found.get("type") == "array" else one


def flat_keys(found: Any) -> list[Any]:
    keys: list[Any] = []
    for key, label in found:
        keys += flat_keys(label) if isinstance(label, list | tuple) else [key]
    return keys


def or_nothing(schema: Schema) -> Schema:
    """Not required: null and the empty text say "nothing" as well as leaving it out."""
    kinds = schema.get("type", "string")
    found = {**schema, "type": [*([kinds] if isinstance(kinds, str) else kinds), "null"]}
    if "enum" in found:
        found["enum"] = [*found["enum"], None, *([""] if "string" in found["type"] else [])]
    return found
