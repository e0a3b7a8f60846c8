"""What the checks say: one finding, its tier, its reason and where the reason comes from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from clinicians.rules.messages import MESSAGES
from portal.rules.phrases import Phrase
from portal.rules.provenance import Status


class Tier(StrEnum):
    """In order of weight. Only the first two interrupt; the rest are read in passing."""

    HARD_STOP = "hard_stop"  # cannot be signed by one person
    INTERRUPT = "interrupt"  # can be signed with a reason
    WARN = "warn"
    MONITOR = "monitor"
    PROMPT = "prompt"  # a question to answer
    INFO = "info"
    UNCHECKED = "unchecked"  # what nobody looked at


class Code(StrEnum):
    DOSE_SINGLE = "DOSE_SINGLE"
    DOSE_DAILY = "DOSE_DAILY"
    STRENGTH_NOT_MARKETED = "STRENGTH_NOT_MARKETED"
    STARTING_DOSE = "STARTING_DOSE"
    SALT_OR_BASE = "SALT_OR_BASE"
    FORM_MISMATCH = "FORM_MISMATCH"
    QUANTITY = "QUANTITY"
    DUPLICATE_SUBSTANCE = "DUPLICATE_SUBSTANCE"
    DUPLICATE_ATC4 = "DUPLICATE_ATC4"
    DUPLICATE_CLASS = "DUPLICATE_CLASS"
    INTERACTION = "INTERACTION"
    ALLERGY = "ALLERGY"
    AGE_SEX = "AGE_SEX"
    INDICATION_MISSING = "INDICATION_MISSING"
    SIG_INCOMPLETE = "SIG_INCOMPLETE"
    LASA = "LASA"
    UNKNOWN_MEDICINE = "UNKNOWN_MEDICINE"
    NOT_CHECKED = "NOT_CHECKED"


ORDER = list(Tier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    code: Code
    tier: Tier
    message_key: str
    source: str
    source_status: Status
    medicines: tuple[str, ...]
    params: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, Decimal] = field(default_factory=dict)
    asks_reason: bool = False

    def __post_init__(self) -> None:
        if self.tier is Tier.HARD_STOP and not self.source_status.may_stop:
            raise ValueError(f"{self.code}: a row that nobody checked may not stop a prescription")

    @property
    def reason_needed(self) -> bool:
        return self.asks_reason or self.tier is Tier.INTERRUPT

    def english(self) -> Phrase:
        """Title, detail and action in the source language; pages translate the same templates."""
        return MESSAGES[self.message_key].filled(self.params)


def by_weight(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: ORDER.index(finding.tier))


def stop_if(status: Status) -> Tier:
    """The ship rule: a hard stop only when its row is verified, else an interruption."""
    return Tier.HARD_STOP if status.may_stop else Tier.INTERRUPT


def ratio(amount: Decimal, limit: Decimal) -> Decimal:
    """How many times the limit, cut (never rounded up) after two decimals."""
    return (amount / limit).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
