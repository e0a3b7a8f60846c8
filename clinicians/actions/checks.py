"""The medicine checks, asked of the record: this order, beside what the patient takes, for this person."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from clinicians.rules.findings import Finding
from clinicians.rules.medicines_check import check_order
from clinicians.rules.messages import MESSAGES
from clinicians.rules.orders import Context, Order
from patients.models import Patient, Prescription


def check(patient: Patient, order: dict[str, Any]) -> list[dict[str, Any]]:
    """What is wrong, doubtful or unchecked about this order, worst first; JSON-ready, to be kept with it."""
    others = [order_of(row) for row in Prescription.objects.filter(patient=patient).current()]
    found = check_order(order_from(order), others, context_of(patient))
    return [as_json(finding) for finding in found]


def order_from(fields: dict[str, Any]) -> Order:
    return Order(
        medicine=fields.get("medicine", ""),
        dose=fields.get("dose"),
        unit=fields.get("dose_unit", ""),
        form=fields.get("form", ""),
        route=fields.get("route", ""),
        per_day=fields.get("times_a_day"),
        as_needed=fields.get("as_needed", False),
        days=fields.get("days"),
        indication=fields.get("indication", ""),
    )


def order_of(row: Prescription) -> Order:
    return replace(
        order_from(
            {
                name: getattr(row, name)
                for name in ("medicine", "dose", "dose_unit", "form", "route", "times_a_day", "as_needed", "days")
            }
        ),
        indication=row.indication,
        is_new=False,
    )


def context_of(patient: Patient) -> Context:
    allergies = None if patient.allergies is None else [line for line in patient.allergies.splitlines() if line.strip()]
    return Context(age=patient.age(), sex=patient.sex_code, allergies=allergies)


def as_json(finding: Finding) -> dict[str, Any]:
    """Text in the language of who wrote it; numbers as text, so that none loses a digit."""
    phrase = MESSAGES[finding.message_key]
    words = type(phrase)(gettext(phrase.title), gettext(phrase.detail), gettext(phrase.action)).filled(finding.params)
    return {
        "code": finding.code,
        "tier": str(finding.tier),
        "title": words.title,
        "detail": words.detail,
        "action": words.action,
        "numbers": {name: _plain(number) for name, number in finding.numbers.items()},
        "source": finding.source,
        "source_status": str(finding.source_status),
        "medicines": list(finding.medicines),
        "reason_needed": finding.reason_needed,
    }


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
