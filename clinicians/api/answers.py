"""What each endpoint answers, as a whole, for the schema alone; the parts are those of serializers.py that make it.

tests/clinicians/test_api_schema.py holds every answer against this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from clinicians.api.serializers import (
    AttachmentSerializer,
    CaseQuestionSerializer,
    CaseSerializer,
    EnrolledSerializer,
    FollowUpSerializer,
    FoundPatientSerializer,
    MessageSerializer,
    PatientInvitationSerializer,
    PatientSerializer,
    PrescriptionSerializer,
    ResultSerializer,
    When,
)
from clinicians.api.worklist import RowSerializer
from clinicians.models.queue import Queue
from portal import problems

Char = serializers.CharField


def query(name: str, about: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.QUERY, description=about, **more)


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


class GlassSerializer(serializers.Serializer[Any]):
    """Why and until when a case is open through broken glass."""

    until = serializers.DateTimeField()
    reason = Char()
    is_reading_only = serializers.BooleanField()


class CaseAnswer(serializers.Serializer[Any]):
    case = CaseSerializer()
    seen = Char()
    patient = PatientSerializer()
    stops = PrescriptionSerializer(many=True)
    questions = CaseQuestionSerializer(many=True)
    messages = MessageSerializer(many=True)
    results = ResultSerializer(many=True)
    medicines = PrescriptionSerializer(many=True)
    followups = FollowUpSerializer(many=True)
    attachments = AttachmentSerializer(many=True)
    emergency = GlassSerializer(allow_null=True)


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
            query("owner", "Whose cases.", enum=("me", "none")),
            query("q", "A name, a record number or a case number."),
            query("sort", "What comes first.", enum=("risk", "due", "newest")),
            *CURSORS,
        ),
        "within": {"queue": list(Queue)},
    },
}
