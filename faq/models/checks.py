"""What a question still needs, in the order in which a curator meets it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faq.models.questions import Question


@dataclass(frozen=True, slots=True)
class Check:
    """`stops_review` and `stops_publishing`: unmet, it holds the question back there. Neither: advice."""

    label: str
    is_met: bool
    stops_review: bool = False
    stops_publishing: bool = False

    @property
    def mark(self) -> str:
        if self.is_met:
            return "yes"
        return "no" if self.stops_review or self.stops_publishing else "watch"


def checks(question: Question) -> list[Check]:
    found = len(question.open_findings)
    names = ngettext("%(n)s thing that may name a person", "%(n)s things that may name a person", found) % {"n": found}
    return [
        Check(_("Nothing left that may name a person") if not found else names, not found, True, True),
        Check(_("A topic is chosen"), bool(question.pk) and question.topics.exists(), True, True),
        Check(_("A named clinician answers"), question.answered_by_id is not None or question.is_imported, True, True),
        Check(_("The patient agreed to exactly this text"), question.has_consent, stops_publishing=True),
        Check(_("“In short” is written"), bool(question.in_short.strip())),
        Check(_("“See a doctor if” is written"), bool(question.get_help.strip())),
        Check(_("“Get help now if” is written"), bool(question.get_help_now.strip())),
        Check(_("An article explains more"), question.article_id is not None),
    ]
