"""Text stays text: markup in every column of every row makes no element and no attribute.

That it makes none on any page, for anybody, is judged by the crawl of test_web.py.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.db.models import Case, F, UniqueConstraint, Value, When
from django.db.models.functions import Concat, Left

from faq.models import Revision
from patients.models import Prescription
from portal.models import KeptForm
from portal.models.record import Record
from tests.access.scene import Scene

# An element of no name that HTML knows, in the quotes of either kind of attribute, and the ends of comment and title.
HOSTILE = "'\"></title>--><xm onclick=xm>"
SHORT = '"><xm>'
MARKDOWN = f"""## {HOSTILE}

[words](javascript:xm) [more](data:text/html,xm) ![picture](/x.png"onerror="xm) {HOSTILE} <script>xm()</script>

<svg onload=xm><xm a="b">

| a | b |
|---|---|
| {HOSTILE} | <img src=x onerror=xm> |
"""
# What we make ourselves, or choose from a list of ours: nobody types it. And what counts, by which rows are found.
OURS = {
    "slug", "email", "icon", "time_zone", "import_key", "source_url", "text_digest", "consent_digest", "password",
    "file", "content_type", "sha256", "path", "dedupe_key", "message_id", "loinc", "unit", "amplitude_unit", "atc",
    "dose_unit", "age_band", "sex", "name_of_actor", "actor_name", "subject_type", "outcome", "request_id",
    "address", "asked", "digest", "stands_on",
}  # fmt: skip
TRAIL = {"auditevent"}
# Empty until its moment, as the database says.
WITH = {("accessquestion", "answer"): "answered_at", ("redflag", "review_note"): "reviewed_at"}


def text_columns(model: type[Record]) -> list[Any]:
    return [
        field for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not field.choices and field.name not in OURS
        and not field.generated
    ]  # fmt: skip


def written(field: Any) -> Any:
    """Hostile, as much of it as the column holds; and the old words behind, where no two rows may be the same."""
    longest = field.max_length or 10_000
    is_key = field.unique or any(
        field.name in rule.fields for rule in field.model._meta.constraints if isinstance(rule, UniqueConstraint)
    )
    # A short key keeps its old words: they tell its rows apart.
    text = HOSTILE if longest >= len(HOSTILE) + (20 if is_key else 0) else SHORT[:longest]
    if moment := WITH.get((field.model._meta.model_name, field.name)):
        return Case(When(**{moment: None}, then=F(field.name)), default=Value(text), output_field=field)
    return Left(Concat(Value(text), F(field.name), output_field=field), longest) if is_key else Value(text)


def make_hostile() -> int:
    columns = 0
    for model in apps.get_models():
        if issubclass(model, Record) and model._meta.model_name not in TRAIL:
            values = {field.name: written(field) for field in text_columns(model)}
            columns += len(values)
            if values:
                model._base_manager.update(**values)
    Revision._base_manager.update(body=MARKDOWN)
    finding: dict[str, Any] = dict.fromkeys(("code", "title", "detail", "action", "source"), HOSTILE)
    finding |= {"tier": "warn", "source_status": "stored", "numbers": {}, "medicines": [HOSTILE]}
    finding |= {"reason_needed": False}
    Prescription._base_manager.update(findings=[finding])
    KeptForm._base_manager.update(fields={"body": [HOSTILE], HOSTILE: [HOSTILE]})
    return columns


class Strange(HTMLParser):
    """Elements and attributes that no template of ours has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "xm":
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            address = (value or "").strip().lower()
            dangerous = name in ("href", "src", "action", "formaction") and address.startswith(("javascript:", "data:"))
            # The drawing that an app reads says its xmlns.
            if name.startswith("on") or "xm" in name.removeprefix("xmlns") or dangerous:
                self.found.append(f"<{tag} {name}={value!r}>")


def strange_in(page: str) -> list[str]:
    parser = Strange()
    parser.feed(page)
    return parser.found


@pytest.mark.django_db
def test_a_file_name_is_a_name_and_nothing_else() -> None:
    scene = Scene()
    type(scene.file)._base_manager.update(name='a"; filename=evil.html\r\nSet-Cookie: xm=1\r\n\r\n<xm>.pdf')
    answer = scene.client("alice").get(f"/my/files/{scene.file.pk}/")
    assert "Set-Cookie" not in answer.headers
    assert "\n" not in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
