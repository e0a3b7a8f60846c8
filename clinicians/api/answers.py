"""What each endpoint answers, as a whole, for the schema alone; the parts are those of serializers.py that make it.

tests/clinicians/test_api_schema.py holds every answer against this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from clinicians.api.form_schemas import Schema
from clinicians.api.ownership import ClaimSerializer, HandoverSerializer, OtherCaseSerializer, SnoozeSerializer
from clinicians.api.screenings import DiaryEntrySerializer, RedFlagSerializer, ScreeningSerializer
from clinicians.api.serializers import (
    AttachmentSerializer,
    CaseQuestionSerializer,
    CaseSerializer,
    EnrolledSerializer,
    FollowUpSerializer,
    FoundCaseSerializer,
    FoundPatientSerializer,
    LookSerializer,
    MessageSerializer,
    PatientInvitationSerializer,
    PatientSerializer,
    PrescriptionSerializer,
    ReplyDraftSerializer,
    ResultSerializer,
    SavedReplySerializer,
    SavedReplyVersionSerializer,
    When,
)
from clinicians.api.worklist import RowSerializer
from clinicians.models.queue import Queue
from portal import problems

Char = serializers.CharField


def query(name: str, about: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.QUERY, description=about, **more)


def nothing_left(name: str = "") -> Mapping[int, Schema]:
    """Of what is gone now: null under its name; without one, an empty object."""
    told: Schema = {"type": "object", "properties": {name: {"type": "null"}} if name else {}}
    return {200: {**told, "required": [name]} if name else told}


# Lists are paged by key: a cursor is what `next` and `previous` carry, and means nothing by itself.
CURSORS = (
    query("before", "A cursor from next or previous. One that is none shows the first page."),
    query("after", "A cursor from next or previous. One that is none shows the first page."),
)


class PageOf(serializers.Serializer[Any]):
    """One page of a list, with its neighbours as links, and as query strings of the same."""

    newer = Char(allow_blank=True)
    older = Char(allow_blank=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class WorklistRow(RowSerializer):
    # Null for what has no promised time.
    due_at = When(allow_null=True)


class WorklistAnswer(PageOf):
    queue = Char()
    sort = Char()
    counts = serializers.DictField(child=serializers.IntegerField())
    rows = WorklistRow(many=True)


class SearchAnswer(PageOf):
    rows = FoundPatientSerializer(many=True)
    # In whose text the words stand.
    cases = FoundCaseSerializer(many=True)


class GlassSerializer(serializers.Serializer[Any]):
    """Why and until when a case is open through broken glass."""

    until = serializers.DateTimeField()
    reason = Char()
    is_reading_only = serializers.BooleanField()


class LinkedSerializer(OtherCaseSerializer):
    reason = Char()
    by = Char()
    created_at = When()


class CaseAnswer(serializers.Serializer[Any]):
    case = CaseSerializer()
    seen = Char()
    patient = PatientSerializer()
    # Null: nobody asked the safety questions.
    screening = ScreeningSerializer(allow_null=True)
    red_flags = RedFlagSerializer(many=True)
    diary = DiaryEntrySerializer(many=True)
    stops = PrescriptionSerializer(many=True)
    questions = CaseQuestionSerializer(many=True)
    messages = MessageSerializer(many=True)
    results = ResultSerializer(many=True)
    medicines = PrescriptionSerializer(many=True)
    followups = FollowUpSerializer(many=True)
    attachments = AttachmentSerializer(many=True)
    # Who answers it just now, and until when it is set aside.
    claim = ClaimSerializer(allow_null=True)
    snooze = SnoozeSerializer(allow_null=True)
    handovers = HandoverSerializer(many=True)
    links = LinkedSerializer(many=True)
    merged = OtherCaseSerializer(many=True)
    is_merged = serializers.BooleanField()
    # Null too where this account does not see the case in which it goes on.
    merged_into = OtherCaseSerializer(allow_null=True)
    emergency = GlassSerializer(allow_null=True)
    looked = LookSerializer(many=True)


class MergedSerializer(CaseSerializer):
    merged_into = Char()


class FactSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(("no", "watch", "yes"))
    text = Char()


class PeekAnswer(serializers.Serializer[Any]):
    case = CaseSerializer()
    patient = PatientSerializer()
    says = Char()
    facts = FactSerializer(many=True)


class SavedDraftAnswer(ReplyDraftSerializer):
    said = Char()


class CheckSerializer(serializers.Serializer[Any]):
    """What a reply may have forgotten."""

    kind = Char()
    is_ok = serializers.BooleanField()
    text = Char()
    sentences = serializers.ListField(child=Char())


class ThingSerializer(serializers.Serializer[Any]):
    key = Char()
    title = Char()
    url = Char()
    is_article = serializers.BooleanField()


class PreviewAnswer(serializers.Serializer[Any]):
    body = Char()
    safety_net = Char()
    checks = CheckSerializer(many=True)


class ComposeAnswer(serializers.Serializer[Any]):
    # Null where nothing of it was sent.
    body = Char(allow_null=True)
    safety_net = Char(allow_null=True)
    found = ThingSerializer(many=True)
    checks = CheckSerializer(many=True)


class SavedRepliesAnswer(PageOf):
    saved = SavedReplySerializer(many=True)


class SavedReplyAnswer(serializers.Serializer[Any]):
    saved = SavedReplySerializer()
    versions = SavedReplyVersionSerializer(many=True)


class OpenRecordSerializer(serializers.Serializer[Any]):
    patient = PatientSerializer()
    reason = Char()
    until = serializers.DateTimeField()
    cases = CaseSerializer(many=True)


class EmergencyAnswer(serializers.Serializer[Any]):
    open = OpenRecordSerializer(many=True)


class DepartmentSerializer(serializers.Serializer[Any]):
    slug = Char()
    name = Char()


class EnrolAnswer(serializers.Serializer[Any]):
    departments = DepartmentSerializer(many=True)


class EnrolledAnswer(serializers.Serializer[Any]):
    patient = EnrolledSerializer()
    invitations = PatientInvitationSerializer(many=True)


class ConsentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = Char()
    status = Char()
    status_words = Char()
    asked_at = serializers.DateTimeField()
    has_changed = serializers.BooleanField()
    text = Char()


class PublishAnswer(serializers.Serializer[Any]):
    case = CaseSerializer()
    patient = PatientSerializer()
    age_band = Char()
    year = serializers.IntegerField()
    can_be_asked = serializers.BooleanField()
    messages = MessageSerializer(many=True)
    questions = CaseQuestionSerializer(many=True)
    consents = ConsentSerializer(many=True)


class FiguresOfDepartment(serializers.Serializer[Any]):
    """Null where there was nothing to count."""

    department = Char()
    first_answers = serializers.IntegerField()
    median_working_hours = serializers.FloatField(allow_null=True)
    ninety_percent_working_hours = serializers.FloatField(allow_null=True)
    median_days = serializers.FloatField(allow_null=True)
    ninety_percent_days = serializers.FloatField(allow_null=True)
    promises = serializers.IntegerField()
    promises_kept = serializers.IntegerField()
    questions = serializers.IntegerField()
    questions_left = serializers.IntegerField()
    followups = serializers.IntegerField()
    followups_kept = serializers.IntegerField()
    followups_missed = serializers.IntegerField()


class LoadSerializer(serializers.Serializer[Any]):
    name = Char()
    open_cases = serializers.IntegerField()
    replies = serializers.IntegerField()


class WeekSerializer(serializers.Serializer[Any]):
    monday = serializers.DateField()
    opened = serializers.IntegerField()
    answered = serializers.IntegerField()
    closed = serializers.IntegerField()


class FiguresAnswer(serializers.Serializer[Any]):
    days = serializers.IntegerField()
    until = serializers.DateField()
    departments = FiguresOfDepartment(many=True)
    people = LoadSerializer(many=True)
    unowned = serializers.IntegerField()
    weeks = WeekSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's."""
        return {**super().get_fields(), "from": serializers.DateField()}


class RootAnswer(serializers.Serializer[Any]):
    endpoints = serializers.DictField(child=Char())


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.URLField(help_text=f"Explained at {problems.EXPLAINED}")
    title = Char()
    status = serializers.IntegerField()
    detail = Char(allow_null=True)
    errors = serializers.JSONField(required=False, help_text="By field, where fields are wrong.")  # type: ignore[assignment]
    code = Char(required=False, help_text="Of a refused order: hard_stop, or reason_needed.")
    findings = serializers.JSONField(required=False, help_text="What the medicine checks found.")
    alike = EnrolledSerializer(many=True, required=False, help_text="Who may be the same person.")
    found = serializers.JSONField(required=False, help_text="Words that may name a person.")


# Of endpoints that do not name their answers (`answers`) and what they may be asked (`asks`) themselves.
ELSEWHERE: Mapping[str, Mapping[str, Any]] = {
    "QueuePage": {
        "answers": {"get": WorklistAnswer},
        "asks": (
            query("owner", "Whose cases: me, none (nobody's), or the id of an account."),
            query("level", "How urgent.", enum=("safety", "high", "routine")),
            query("due", "By when.", enum=("today", "late")),
            query("q", "A name, a record number, a case number, or words of the case."),
            query(
                "sort",
                "What comes first. With level or due, risk or due alone.",
                enum=("risk", "due", "longest", "newest"),
            ),
            *CURSORS,
        ),
        "within": {"queue": list(Queue)},
    },
}
