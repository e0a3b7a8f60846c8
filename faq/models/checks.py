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
    # What is missing, in two or three words, for a card on the board.
    short: str = ""
    stops_review: bool = False
    stops_publishing: bool = False

    @property
    def mark(self) -> str:
        if self.is_met:
            return "yes"
        return "no" if self.stops_review or self.stops_publishing else "watch"


def checks(question: Question) -> list[Check]:
    return [
        _names_nobody(question),
        _has_topic(question),
        _has_somebody(question),
        _has_consent(question),
        Check(_("“In short”"), bool(question.in_short.strip())),
        Check(_("“See a doctor if”"), bool(question.get_help.strip())),
        Check(_("“Get help now if”"), bool(question.get_help_now.strip())),
        Check(_("An article that explains more"), question.article_id is not None),
    ]


def _names_nobody(question: Question) -> Check:
    n = len(question.open_findings)
    said = ngettext("%(n)s thing may name a person", "%(n)s things may name a person", n) % {"n": n}
    short = ngettext("%(n)s identifier", "%(n)s identifiers", n) % {"n": n}
    return Check(said if n else _("Nothing left that may name a person"), not n, short, True, True)


def _has_topic(question: Question) -> Check:
    is_met = bool(question.topics.all())
    return Check(_("Has a topic") if is_met else _("Choose a topic"), is_met, _("No topic"), True, True)


def _has_somebody(question: Question) -> Check:
    is_met = question.answered_by_id is not None or question.is_imported
    label = _("Says whose answer it is") if is_met else _("Nobody is named who answers")
    return Check(label, is_met, _("No clinician"), True, True)


def _has_consent(question: Question) -> Check:
    if not question.needs_consent:
        return Check(_("Not from a case: no consent needed"), True)
    is_met = question.has_consent
    label = _("The patient agreed to this text") if is_met else _("The patient has not agreed to this text")
    return Check(label, is_met, _("Waiting for consent"), stops_publishing=True)
