"""How a medicine is shown to who takes it: what to do with it now, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from patients.models import Prescription
from patients.models.prescriptions import Origin
from patients.rules import medicine_words
from patients.rules.medicine_words import Advice

TAGS = {
    Advice.DONT: (_("Don't take"), "urgent", "octagon-x"),
    Advice.ASK: (_("Ask first"), "attn", "clock"),
    Advice.TAKE: (_("Take"), "ok", "check"),
    Advice.LISTED: (_("On your list"), "", "list"),
    Advice.STOPPED: (_("Stopped"), "", "circle-slash"),
}

WRITTEN_OUT = {"ug": _("micrograms"), "mcg": _("micrograms"), "µg": _("micrograms")}


@dataclass(frozen=True)
class OnPaper:
    """One medicine, ready for the page."""

    row: Prescription
    advice: Advice
    reasons: list[str]

    @property
    def tag(self) -> tuple[object, str, str]:
        return TAGS[self.advice]

    @property
    def dose(self) -> str:
        """With the unit in a word where its sign is misread: ug and mcg are micrograms."""
        number, _blank, unit = self.row.dose_text.partition(" ")
        return f"{number} {WRITTEN_OUT.get(unit, unit)}".strip()

    @property
    def must_not(self) -> bool:
        return self.advice is Advice.DONT

    @property
    def is_reported(self) -> bool:
        return self.row.origin == Origin.REPORTED


def on_paper(rows: Iterable[Prescription]) -> list[OnPaper]:
    """What must not be taken comes first."""
    known = list(rows)
    shown = [paired(OnPaper(row, advice_on(row), reasons_for(row)), known) for row in known]
    return sorted(shown, key=lambda medicine: list(TAGS).index(medicine.advice))


def paired(medicine: OnPaper, known: Sequence[Prescription]) -> OnPaper:
    """On the list without a finding of its own, but named in another's: to be asked about as well."""
    if medicine.advice is not Advice.LISTED:
        return medicine
    others = [(row.medicine, row.findings) for row in known if row.pk != medicine.row.pk]
    reason = medicine_words.named_by(medicine.row.medicine, others)
    return OnPaper(medicine.row, Advice.ASK, [*medicine.reasons, said(reason)]) if reason else medicine


def advice_on(row: Prescription) -> Advice:
    return medicine_words.advice(
        status=row.status,
        is_prescribed=row.origin == Origin.PRESCRIBED,
        has_hard_stop=row.has_hard_stop,
        findings=row.findings,
    )


def reasons_for(row: Prescription) -> list[str]:
    """In the reader's language. What the prescriber has answered is not told again."""
    if row.origin == Origin.PRESCRIBED:
        return []
    found = medicine_words.reasons(row.medicine, row.findings)
    return [said(reason) for reason in found]


def said(reason: medicine_words.Reason) -> str:
    return gettext(medicine_words.WORDS[reason.key]).format(other=reason.other)
