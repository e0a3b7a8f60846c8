"""What the patient answered to fixed questions, field by field: the safety questions, red flags, the diary."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from clinicians.api.serializers import Char, Day, Flag, When
from patients.models import complaints
from patients.models.screenings import OUTCOMES
from patients.rules.triage import Rule


class FiredRuleSerializer(serializers.Serializer[Any]):
    """A rule with what it rests on. `outcome` is what it may say, `stated` what the table says."""

    id = Char()
    sign = serializers.SerializerMethodField()
    rationale = Char()
    outcome = Char()
    outcome_words = serializers.SerializerMethodField()
    stated = Char()
    source = Char()  # type: ignore[assignment]
    source_status = Char(source="status")
    is_checked = Flag(source="status.may_stop")

    def get_sign(self, rule: Rule) -> str:
        return complaints.sign(rule)

    def get_outcome_words(self, rule: Rule) -> str:
        return str(OUTCOMES[rule.outcome])


class AnsweredSerializer(serializers.Serializer[Any]):
    question = Char()
    answer = Char()


class ScreeningSerializer(serializers.Serializer[Any]):
    complaint = Char()
    complaint_words = Char()
    rules_version = Char()
    outcome = Char()
    outcome_words = Char(source="get_outcome_display")
    answered_at = When()
    answered = AnsweredSerializer(many=True)
    fired = FiredRuleSerializer(many=True)


class RedFlagSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    case_id = serializers.UUIDField()
    urgency = serializers.IntegerField()
    urgency_words = Char(source="get_urgency_display")
    source = Char()  # type: ignore[assignment]
    source_words = Char(source="get_source_display")
    title = Char()
    rules = FiredRuleSerializer(many=True)
    created_at = When()
    reviewed_at = When(allow_null=True)
    reviewed_by = Char(source="reviewed_by.name", default=None, allow_null=True)
    review_note = Char()


class DiaryEntrySerializer(serializers.Serializer[Any]):
    on = Day()
    symptom = serializers.IntegerField()
    symptom_words = Char(source="get_symptom_display")
    worry = serializers.IntegerField()
    worry_words = Char(source="get_worry_display")
    sleep = serializers.IntegerField()
    sleep_words = Char(source="get_sleep_display")
    note = Char()
    signs = serializers.ListField(child=Char())
