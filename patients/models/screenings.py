"""What somebody answered to the safety questions before they told their story, and what came of it. Never changed.

In FHIR's words a QuestionnaireResponse: the questionnaire is the complaint's, as the table of that version asks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.models import complaints
from patients.models.cases import Case
from patients.models.patients import Patient
from patients.rules import triage
from patients.rules.triage import Answers, Finding, Outcome, Rule
from patients.walls import of_case
from portal.access import Permission
from portal.models.record import Record, RecordQuerySet

OUTCOMES = {
    Outcome.EMERGENCY_NOW: gettext_lazy("Emergency now"),
    Outcome.SAME_DAY: gettext_lazy("Same day"),
    Outcome.ROUTINE: gettext_lazy("Routine"),
    Outcome.SELF_CARE: gettext_lazy("Self-care"),
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered and when; what it means is worked out where it is written down."""

    complaint: str
    answers: Answers
    at: datetime

    def finding(self, patient: Patient) -> Finding:
        return triage.evaluate(self.complaint, self.answers, patient.age(timezone.localdate(self.at)))


class ScreeningQuerySet(RecordQuerySet["Screening"]):
    rule = of_case(Permission.CASE_READ)


class Screening(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.OneToOneField(Case, models.PROTECT, related_name="screening")
    complaint = models.CharField(max_length=30)
    rules_version = models.CharField(max_length=12)
    # {part of a question: what was answered}
    answers = models.JSONField()
    outcome = models.CharField(max_length=14, choices=[(outcome.value, words) for outcome, words in OUTCOMES.items()])
    rule_ids = models.JSONField(default=list)
    answered_at = models.DateTimeField()

    objects = ScreeningQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(outcome__in=[o.value for o in Outcome]), name="screening_outcome"),
        )

    @classmethod
    def of(cls, case: Case, answered: Answered, finding: Finding) -> Screening:
        """Write down what was answered on the way to this case."""
        return cls.objects.create(
            patient=case.patient,
            case=case,
            complaint=answered.complaint,
            rules_version=triage.version(),
            answers=dict(answered.answers),
            outcome=finding.outcome,
            rule_ids=[rule.id for rule in finding.fired],
            answered_at=answered.at,
        )

    @property
    def complaint_words(self) -> str:
        return str(complaints.COMPLAINTS.get(self.complaint, self.complaint))

    @property
    def fired(self) -> list[Rule]:
        return triage.by_id(self.rule_ids)

    @property
    def answered(self) -> list[dict[str, str]]:
        """Each question with what was answered, in the order in which it was asked; unanswered ones say so."""
        if self.complaint not in triage.complaints():
            return []
        return [
            {
                "question": complaints.label_of(part, question),
                "answer": complaints.said(self.answers[part.key]) if part.key in self.answers else _("Not answered"),
            }
            for question in triage.questions(self.complaint)
            for part in question.parts
            if part.key in self.answers or part.kind is not triage.Kind.TICK
        ]
