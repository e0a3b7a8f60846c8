"""What the desk answers, field by field: the JSON, and what the pages are drawn from."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from clinicians.models import ReplyDraft
from patients.models import FollowUp, Patient

Char = serializers.CharField
Flag = serializers.BooleanField


class When(serializers.DateTimeField):
    """A moment, not yet text: the page says it in its own way, and JSON as ISO 8601."""

    def __init__(self, **about: Any) -> None:
        super().__init__(format=None, **about)


class Day(serializers.DateField):
    def __init__(self, **about: Any) -> None:
        super().__init__(format=None, **about)


class PatientSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = Char()
    record_number = Char()
    born_on = Day()
    age = serializers.IntegerField()
    sex = Char()
    sex_words = Char(source="get_sex_display")
    # Null: nobody asked yet. Empty: asked, none known.
    allergies = Char(allow_null=True)
    are_allergies_asked = serializers.SerializerMethodField()
    is_sample = Flag()

    def get_are_allergies_asked(self, patient: Patient) -> bool:
        return patient.allergies is not None


class CaseSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    ref = Char()
    title = Char()
    story = Char()
    since = Char()
    status = Char()
    status_words = Char(source="get_status_display")
    urgency = serializers.IntegerField()
    urgency_words = Char(source="get_urgency_display")
    department = Char(source="department.name")
    owner = Char(source="owner.name", default=None, allow_null=True)
    owner_id = serializers.UUIDField(allow_null=True)
    waiting_since = When()
    answer_due_at = When()
    is_overdue = Flag()
    created_at = When()
    closed_at = When(allow_null=True)


class CaseQuestionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    position = serializers.IntegerField()
    text = Char()
    outcome = Char()
    outcome_words = Char(source="get_outcome_display")


class SentAlongSerializer(serializers.Serializer[Any]):
    title = Char()
    url = Char(source="get_absolute_url")


class MessageSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    author = Char(source="author.name")
    is_from_patient = Flag()
    is_for_patient = Flag()
    created_at = When()
    body = Char()
    safety_net = Char()
    articles = SentAlongSerializer(many=True, source="shown_articles")
    # Of a reply that can still be undone: when its patient sees it.
    visible_at = When(allow_null=True)


class ReplyDraftSerializer(serializers.Serializer[Any]):
    body = Char()
    safety_net = Char()
    outcomes = serializers.SerializerMethodField()
    articles = serializers.JSONField()
    followup = serializers.SerializerMethodField()
    suggest = Flag()
    version = serializers.IntegerField()
    saved_at = When()

    def get_outcomes(self, draft: ReplyDraft) -> list[dict[str, str]]:
        return [{"question": question, "outcome": outcome} for question, outcome in draft.outcomes.items()]

    def get_followup(self, draft: ReplyDraft) -> dict[str, str] | None:
        return draft.followup or None


class SavedReplySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = Char()
    body = Char()
    owner = Char(source="owner.name")
    department = Char(source="department.name")
    is_shared = Flag()
    version = serializers.IntegerField()
    changed_at = When()


class SavedReplyVersionSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    body = Char()
    by = Char(source="by.name")
    created_at = When()


class AttachmentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = Char()
    content_type = Char()
    size = serializers.IntegerField()
    sha256 = Char()
    is_cleaned = Flag()
    is_readable = Flag()
    is_held = Flag()
    is_removed = Flag()
    scan = Char()
    scan_words = Char()
    created_at = When()


class PrescriptionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    case_id = serializers.UUIDField()
    medicine = Char()
    dose = Char(source="dose_text")
    form = Char()
    route = Char()
    times_a_day = serializers.DecimalField(max_digits=5, decimal_places=2, normalize_output=True, allow_null=True)
    as_needed = Flag()
    days = serializers.IntegerField(allow_null=True)
    indication = Char()
    note = Char()
    origin = Char()
    origin_words = Char(source="get_origin_display")
    status = Char()
    status_words = Char(source="get_status_display")
    has_hard_stop = Flag()
    findings = serializers.JSONField()
    override_reason = Char()
    recorded_by = Char(source="recorded_by.name")
    created_at = When()
    ended_at = When(allow_null=True)
    ended_reason = Char()


class TellingSerializer(serializers.Serializer[Any]):
    """One reminder by one channel."""

    slot = Char(source="reminder.slot")
    slot_words = Char(source="reminder.get_slot_display")
    channel = Char()
    channel_words = Char(source="get_channel_display")
    due_at = When(source="reminder.due_at")
    state = Char(source="delivery.state")
    state_words = Char(source="delivery.get_state_display")


class PromiseSerializer(serializers.Serializer[Any]):
    """A follow-up without its reminders."""

    id = serializers.UUIDField()
    kind = Char()
    kind_words = Char(source="get_kind_display")
    reason = Char()
    earliest_on = Day()
    due_on = Day()
    latest_on = Day()
    status = Char()
    status_words = Char(source="get_status_display")
    patient_note = Char()
    owner = Char(source="owner.name")
    evidence = Char()
    evidence_words = Char(source="get_evidence_display")
    closing_note = Char()
    closed_at = When(allow_null=True)
    is_high_risk = Flag()
    misses = serializers.IntegerField()
    missed_at = When(allow_null=True)
    desk_at = When(allow_null=True)
    call_at = When(allow_null=True)


class FollowUpSerializer(PromiseSerializer):
    reminders = TellingSerializer(source="tellings", many=True)


class ListedFollowUpSerializer(PromiseSerializer):
    """Apart from its case: with whose it is, and what a post about it must say."""

    case = Char(source="case.ref")
    department = Char(source="case.department.name")
    patient = Char(source="patient.name")
    patient_id = serializers.UUIDField()
    record_number = Char(source="patient.record_number")
    owner_id = serializers.UUIDField()
    is_late = serializers.SerializerMethodField()

    def get_is_late(self, followup: FollowUp) -> bool:
        return followup.days_late(timezone.localdate()) > 0


class OneFollowUpSerializer(ListedFollowUpSerializer):
    reminders = TellingSerializer(source="tellings", many=True)


class CellSerializer(serializers.Serializer[Any]):
    text = Char()
    mark = Char()
    limit = Char()
    is_critical = Flag()


class NerveRowSerializer(serializers.Serializer[Any]):
    study_type = Char()
    study_words = Char(source="get_study_type_display")
    nerve = Char()
    side = Char()
    side_words = Char(source="get_side_display")
    stimulation_site = Char()
    recording_site = Char()
    no_response = Flag()
    latency = CellSerializer(source="cells.latency_ms")
    amplitude = CellSerializer(source="cells.amplitude")
    velocity = CellSerializer(source="cells.velocity_m_s")
    f_wave = CellSerializer(source="cells.f_latency_ms")


class ObservationSerializer(serializers.Serializer[Any]):
    loinc = Char()
    name = Char()
    unit = Char()
    unit_words = Char()
    value = CellSerializer(source="cell")
    verdict = Char()


class PatternSerializer(serializers.Serializer[Any]):
    label = Char()  # type: ignore[assignment]
    advice = Char()
    source = Char()  # type: ignore[assignment]
    source_status = Char(source="status")


class EegSerializer(serializers.Serializer[Any]):
    duration_min = serializers.IntegerField()
    channels = serializers.IntegerField()
    conditions = Char()
    background = Char()
    sleep = Char()
    interictal = Char()
    episodes = Char()
    significance = Char()
    significance_words = Char(source="get_significance_display")


class ResultSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    case_id = serializers.UUIDField()
    kind = Char()
    kind_words = Char(source="get_kind_display")
    title = Char()
    performed_on = Day()
    performer = Char()
    impression = Char()
    comment = Char()
    next_step = Char()
    status = Char()
    status_words = Char(source="get_status_display")
    is_sample = Flag()
    recorded_by = Char(source="recorded_by.name")
    released_at = When(allow_null=True)
    released_by = Char(source="released_by.name", default=None, allow_null=True)
    measurements = NerveRowSerializer(many=True, source="nerve_rows")
    reference_set = Char()
    observations = ObservationSerializer(many=True, source="laboratory_rows")
    patterns = PatternSerializer(many=True)
    eeg = EegSerializer(source="report", default=None, allow_null=True)


class LookSerializer(serializers.Serializer[Any]):
    name = Char()
    at = When()


class FoundPatientSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = Char()
    record_number = Char()
    born_on = Day()
    age = serializers.IntegerField()
    sex_words = Char(source="get_sex_display")
    cases = CaseSerializer(many=True, source="found_cases")


class FoundCaseSerializer(CaseSerializer):
    patient = Char(source="patient.name")
    identity = serializers.SerializerMethodField()

    def get_identity(self, case: Any) -> str:
        return f"{case.patient.get_sex_display()}, {case.patient.age()}"


class EnrolledSerializer(serializers.Serializer[Any]):
    """Enough to tell two people apart, and nothing clinical."""

    id = serializers.UUIDField()
    name = Char()
    record_number = Char()
    born_on = Day()
    age = serializers.IntegerField()
    sex_words = Char(source="get_sex_display")
    has_account = serializers.SerializerMethodField()
    department = Char(source="enrolled_by_department.name", default=None, allow_null=True)

    def get_has_account(self, patient: Patient) -> bool:
        return patient.user_id is not None


class PatientInvitationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    email = Char()
    state = Char()
    expires_at = When()
    accepted_at = When(allow_null=True)
    revoked_at = When(allow_null=True)
    wrong_dates = serializers.IntegerField()
