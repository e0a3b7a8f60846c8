"""What a patient types, and what is on record of it."""

from __future__ import annotations

from typing import Any

from patients.forms.safety import name_of
from patients.rules import triage
from patients.rules.triage import Kind
from portal.models import AuditEvent


def trail(name: str) -> list[tuple[str, str]]:
    """(kind, outcome) of each event of this name, oldest first."""
    return list(AuditEvent.objects.filter(name=name).order_by("id").values_list("kind", "outcome"))


def ask_form(**typed: Any) -> dict[str, Any]:
    """The asking form, filled in."""
    return {
        "title": "Eyelid keeps twitching",
        "story": "It began two months ago.\nIt comes and goes.",
        "since": "two months",
        "department": "-",
        "question-TOTAL_FORMS": "2",
        "question-INITIAL_FORMS": "0",
        "question-0-text": "Is it serious?",
        "question-1-text": "",
        "medicine-TOTAL_FORMS": "1",
        "medicine-INITIAL_FORMS": "0",
        "medicine-0-medicine": "",
        **typed,
    }


def screen(complaint: str, **answered: Any) -> dict[str, Any]:
    """The safety questions of a complaint, each answered with the least but for those that are named."""
    least = {Kind.YES_NO: "no", Kind.CHOICE: "no", Kind.SCALE: "0"}
    parts = [part for question in triage.questions(complaint) for part in question.parts]
    asked = {name_of(part): least[part.kind] for part in parts if part.kind in least}
    return {"complaint": complaint, **asked, **answered}


def medicine(row: int, **typed: str) -> dict[str, str]:
    return {f"medicine-{row}-{name}": value for name, value in typed.items()}


TOO_MUCH = medicine(0, medicine="Pramipexole", dose="50", dose_unit="mg", times_a_day="1")
