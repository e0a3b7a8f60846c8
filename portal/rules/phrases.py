"""English source phrases of the rules.

Rules know no framework, so they hand out keys with English templates; the shelf above translates them.
`gettext_noop` only marks: `makemessages` collects every literal passed to a function of that name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


def gettext_noop(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Phrase:
    """Three templates with {named} places, filled with `str.format`; `detail` and `action` may be empty."""

    title: str
    detail: str = ""
    action: str = ""

    def filled(self, params: Mapping[str, str]) -> Phrase:
        return Phrase(*(part.format_map(params) for part in (self.title, self.detail, self.action)))


def plain(number: Decimal) -> str:
    """A number as people write it: no exponent, no trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def times(ratio: Decimal) -> str:
    """How many times, never rounded up: 33.33 is "33", 4.56 is "4.5", 1.333 is "1.33"."""
    step = Decimal(1) if ratio >= 10 else Decimal("0.1") if ratio >= 2 else Decimal("0.01")
    return plain(ratio // step * step)
