"""Places in a saved reply that are filled when it is put into a letter. Known names alone, and text stays text.

What is filled in is never looked at again: a name that looks like a place stays a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from portal.rules.phrases import gettext_noop

# Each with what it stands for.
PLACES: Final[Mapping[str, str]] = {
    "patient_name": gettext_noop("the patient's name"),
    "clinician_name": gettext_noop("your name"),
    "clinic_phone": gettext_noop("the department's telephone number"),
    "emergency_number": gettext_noop("the emergency number"),
    "case_number": gettext_noop("the case number"),
    "followup_date": gettext_noop("the day of the follow-up"),
}
PLACE: Final = re.compile(r"\{([^{}\n]{0,60})\}")


def unknown(text: str) -> list[str]:
    """Names in braces that nothing is known for, each once, as they were typed."""
    return list(dict.fromkeys(name for name in PLACE.findall(text) if name not in PLACES))


def unfilled(text: str) -> list[str]:
    """Known places that still stand in a text: nobody should be sent these."""
    return list(dict.fromkeys(name for name in PLACE.findall(text) if name in PLACES))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Places for which there is a value are filled, in one pass; all else stays as it is."""

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        return values[name] if name in PLACES and values.get(name) else found[0]

    return PLACE.sub(fill, text)
