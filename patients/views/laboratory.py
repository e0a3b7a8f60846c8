"""One laboratory value, ready for the page: words first, then the number line, and what changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from patients.models import Observation, Patient
from patients.rules import reading
from patients.rules.analytes import plain_unit
from patients.rules.reference_ranges import LINES, Line, Reading, judgement_line, range_line
from portal.charts import Point

CHANGES = {"up": _("Up from %(value)s on %(day)s."), "down": _("Down from %(value)s on %(day)s."),
           "same": _("The same as on %(day)s.")}  # fmt: skip


@dataclass
class Value:
    """One laboratory value, ready for the page: words first, then the number line."""

    row: Observation
    before: list[Observation]
    patient: Patient
    judged: Reading = field(init=False)

    def __post_init__(self) -> None:
        self.judged = self.row.judged(self.row.result, self.patient)

    @property
    def word(self) -> reading.Word:
        return reading.word_for(self.judged.interpretation)

    @property
    def word_text(self) -> str:
        return gettext(self.word.text)

    @property
    def is_inside(self) -> bool:
        return self.judged.interpretation == "N"

    @property
    def is_judged(self) -> bool:
        return self.judged.interpretation is not None

    @property
    def low(self) -> Decimal | None:
        """Of the range that was judged by; one that nobody verified is not drawn."""
        return self.judged.range.low if self.judged.range and self.is_judged else None

    @property
    def high(self) -> Decimal | None:
        return self.judged.range.high if self.judged.range and self.is_judged else None

    @property
    def previous(self) -> Decimal | None:
        return self.before[0].value if self.before else None

    @property
    def figure(self) -> str:
        return self.row.figure()

    @property
    def purpose(self) -> str:
        words = reading.PURPOSES.get(self.row.loinc, "")
        return gettext(words) if words else ""

    @property
    def change(self) -> str:
        if not self.before:
            return ""
        last = self.before[0]
        words = CHANGES[reading.direction(self.row.value, last.value)]
        return str(words) % {"value": last.figure(), "day": said_day(last)}

    @property
    def whose_range(self) -> str:
        """Whose range it is; or why there is none to compare with."""
        if not self.is_judged or self.judged.range is None:
            return said(judgement_line(self.judged))
        line = range_line(self.judged.range)
        name = line.params.get("laboratory") or gettext("the laboratory")
        return said(Line(line.key, {**line.params, "laboratory": name, "unit": plain_unit(line.params["unit"])}))

    @property
    def unit(self) -> str:
        return plain_unit(self.row.unit)

    @property
    def points(self) -> list[Point]:
        """Oldest first, this one last."""
        rows = [*reversed(self.before), self.row] if self.before else []
        return [Point(row.result.performed_on, row.value) for row in rows]


def said(line: Line) -> str:
    return gettext(LINES[line.key]).format_map(line.params)


def said_day(row: Observation) -> str:
    return date_format(row.result.performed_on, "j F Y")
