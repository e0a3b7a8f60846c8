"""Is a laboratory value inside its range, by whose range, and may we say so?

The sending laboratory's interval always wins, and is named. Ours is a fallback, marked with its source;
one that nobody verified judges nothing ("range not verified"). Critical limits come from the sender, else
from our table when that row is verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from patients.rules.analytes import Analyte, rows_of, ucum
from portal.rules.phrases import gettext_noop, plain
from portal.rules.provenance import Status

ADULT: Final = 18
THYROID: Final = "thyroid"


class Interpretation(StrEnum):
    """HL7 v3 ObservationInterpretation codes."""

    LL = "LL"
    L = "L"
    N = "N"
    H = "H"
    HH = "HH"

    @property
    def is_critical(self) -> bool:
        return self in {Interpretation.LL, Interpretation.HH}


class Origin(StrEnum):
    SENDER = "sender"
    FALLBACK = "fallback"


class Reason(StrEnum):
    """Why a value is judged, or why not."""

    JUDGED = "judged"
    NO_RANGE = "no_range"
    NOT_VERIFIED = "not_verified"
    UNIT_UNKNOWN = "unit_unknown"
    SEX_NEEDED = "sex_needed"
    CHILD = "child"
    PREGNANCY = "pregnancy"


@dataclass(frozen=True, slots=True)
class SendersRange:
    """As the report printed it, in the unit of the value."""

    low: Decimal | None
    high: Decimal | None
    laboratory: str = ""
    critical_low: Decimal | None = None
    critical_high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Range:
    low: Decimal | None
    high: Decimal | None
    critical_low: Decimal | None
    critical_high: Decimal | None
    unit: str
    origin: Origin
    source: str  # the laboratory, or the source of our row
    status: Status

    @property
    def may_judge(self) -> bool:
        return self.status.may_stop and not (self.low is None and self.high is None)


@dataclass(frozen=True, slots=True)
class Reading:
    """One value, judged or not. `interpretation` is None exactly when `reason` is not JUDGED."""

    value: Decimal
    interpretation: Interpretation | None
    range: Range | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of LINES and what fills it."""

    key: str
    params: dict[str, str]

    def english(self) -> str:
        return LINES[self.key].format_map(self.params)


def judge(
    value: Decimal,
    low: Decimal | None,
    high: Decimal | None,
    critical_low: Decimal | None = None,
    critical_high: Decimal | None = None,
) -> Interpretation | None:
    """LL and HH at or beyond the critical limits, L and H outside the interval, N within it (ends included).

    None when there is no interval and nothing critical. Raises ValueError for limits the wrong way round
    or a value that is not a number.
    """
    if not value.is_finite():
        raise ValueError("not a number")
    if _crossed(low, high) or _crossed(critical_low, critical_high):
        raise ValueError("the lower limit is above the upper one")
    if critical_low is not None and value <= critical_low:
        return Interpretation.LL
    if critical_high is not None and value >= critical_high:
        return Interpretation.HH
    return _plain_judgement(value, low, high)


def _plain_judgement(value: Decimal, low: Decimal | None, high: Decimal | None) -> Interpretation | None:
    if low is None and high is None:
        return None
    if low is not None and value < low:
        return Interpretation.L
    return Interpretation.H if high is not None and value > high else Interpretation.N


def _crossed(low: Decimal | None, high: Decimal | None) -> bool:
    return low is not None and high is not None and low > high


def range_for(
    loinc: str,
    unit: str,
    senders_range: SendersRange | None = None,
    *,
    sex: str = "",
    age: int | None = None,
    is_pregnant: bool | None = None,
) -> Range | None:
    """The range to print beside a value, or None; `read` says why there is none."""
    found = _range_or_reason(loinc, unit, senders_range, sex, age, is_pregnant)
    return found if isinstance(found, Range) else None


def read(
    value: Decimal,
    loinc: str,
    unit: str,
    senders_range: SendersRange | None = None,
    *,
    sex: str = "",
    age: int | None = None,
    is_pregnant: bool | None = None,
) -> Reading:
    """The value judged by the range that counts, or the reason why it is not judged."""
    found = _range_or_reason(loinc, unit, senders_range, sex, age, is_pregnant)
    if isinstance(found, Reason):
        return Reading(value, None, None, found)
    low, high = (found.low, found.high) if found.may_judge else (None, None)
    result = judge(value, low, high, found.critical_low, found.critical_high)
    if result is None:
        is_unverified = not found.status.may_stop
        return Reading(value, None, found, Reason.NOT_VERIFIED if is_unverified else Reason.NO_RANGE)
    return Reading(value, result, found, Reason.JUDGED)


def _range_or_reason(
    loinc: str, unit: str, senders: SendersRange | None, sex: str, age: int | None, is_pregnant: bool | None
) -> Range | Reason:
    rows = rows_of(loinc)
    if senders and not (senders.low is None and senders.high is None):
        return _senders(senders, rows, unit)
    if age is not None and age < ADULT:
        return Reason.CHILD
    if not rows:
        return Reason.NO_RANGE
    if is_pregnant and rows[0].panel == THYROID:
        return Reason.PREGNANCY
    fitting = [row for row in rows if row.sex in {"", sex.upper()}]
    if not fitting:
        return Reason.NO_RANGE if sex else Reason.SEX_NEEDED
    return _fallback(fitting[0], unit)


def _senders(senders: SendersRange, rows: list[Analyte], unit: str) -> Range:
    """Critical limits hold for every sex, so any verified row of the code lends them."""
    low, high = senders.critical_low, senders.critical_high
    if low is None and high is None:
        row = next((row for row in rows if row.status.may_stop), None)
        critical = row.critical_in(unit) if row else None
        low, high = (critical.low, critical.high) if critical else (None, None)
    return Range(
        low=senders.low,
        high=senders.high,
        critical_low=low,
        critical_high=high,
        unit=unit,
        origin=Origin.SENDER,
        source=senders.laboratory,
        status=Status.RECORD,
    )


def _fallback(row: Analyte, unit: str) -> Range | Reason:
    interval = row.interval_in(unit)
    if interval is None:
        return Reason.UNIT_UNKNOWN
    critical = row.critical_in(unit) if row.status.may_stop else None
    return Range(
        low=interval.low,
        high=interval.high,
        critical_low=critical.low if critical else None,
        critical_high=critical.high if critical else None,
        unit=unit,
        origin=Origin.FALLBACK,
        source=row.source,
        status=row.interval_status,
    )


LINES: Final[dict[str, str]] = {
    "LL": gettext_noop("Far below the range. The clinic looks at it at once."),
    "L": gettext_noop("Below the range."),
    "N": gettext_noop("Within the range."),
    "H": gettext_noop("Above the range."),
    "HH": gettext_noop("Far above the range. The clinic looks at it at once."),
    "no_range": gettext_noop("No range to compare with."),
    "not_verified": gettext_noop("Not judged: the laboratory gave no range, and ours is not verified."),
    "unit_unknown": gettext_noop("Not judged: no range in this unit."),
    "sex_needed": gettext_noop("Not judged: this range differs for women and men."),
    "child": gettext_noop("Not judged: our ranges are for adults."),
    "pregnancy": gettext_noop("Not judged: in pregnancy the laboratory's own trimester range is needed."),
    "sender_between": gettext_noop("Range of {laboratory}: {low} to {high} {unit}."),
    "sender_from": gettext_noop("Range of {laboratory}: {low} {unit} or more."),
    "sender_up_to": gettext_noop("Range of {laboratory}: up to {high} {unit}."),
    "fallback_between": gettext_noop("Usual adult range, not this laboratory's: {low} to {high} {unit}."),
    "fallback_from": gettext_noop("Usual adult range, not this laboratory's: {low} {unit} or more."),
    "fallback_up_to": gettext_noop("Usual adult range, not this laboratory's: up to {high} {unit}."),
}


def judgement_line(reading: Reading) -> Line:
    """What the value is, in plain words: the interpretation, or why there is none."""
    return Line(str(reading.interpretation or reading.reason), {})


def range_line(shown: Range) -> Line:
    """Whose range it is and what it says. An empty laboratory name is the page's to fill."""
    shape = "up_to" if shown.low is None else "from" if shown.high is None else "between"
    ends = {"low": shown.low, "high": shown.high}
    params = {name: plain(end) for name, end in ends.items() if end is not None}
    return Line(f"{shown.origin}_{shape}", {**params, "unit": shown.unit, "laboratory": shown.source})


def is_same_unit(one: str, two: str) -> bool:
    return ucum(one) == ucum(two)
