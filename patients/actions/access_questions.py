"""Asking the privacy officer about a visit to one's record, and answering."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from patients.models import AccessQuestion, Patient
from portal.access import IllegalMove, Permission, Refused
from portal.models import AuditEvent, Notification, User
from portal.models.deliveries import Purpose
from portal.verbs import verb

MOST_OPEN = 20


@verb(Permission.ACCESS_QUESTION_ASK)
def ask(patient: Patient, /, *, by: User, first: UUID, last: UUID, text: str) -> AccessQuestion:
    """About the visit from one event to another; both must speak of this record, and be one actor's."""
    events = AuditEvent.objects.about(patient.pk).filter(pk__in=[first, last]).order_by("created_at", "id")
    found = {event.pk: event for event in events}
    if {first, last} - set(found) or len({event.actor_id for event in events}) > 1:
        raise Refused("access_questions.ask", patient)
    waiting = AccessQuestion.objects.filter(patient=patient).open()
    if waiting.filter(first_event=first).exists():
        raise IllegalMove(
            "access_questions.ask", patient, _("You have asked about this visit, and wait for an answer.")
        )
    if waiting.count() >= MOST_OPEN:
        raise IllegalMove(
            "access_questions.ask", patient, _("Many of your questions wait for an answer. Call the clinic about this.")
        )
    asked = AccessQuestion.objects.create(
        patient=patient,
        asked_by=by,
        record_number=patient.record_number,
        first_event=first,
        last_event=last,
        actor_id=found[first].actor_id,
        began_at=found[first].created_at,
        ended_at=found[last].created_at,
        text=text,
    )
    for officer in User.objects.privacy_officers().exclude(pk=by.pk):
        Notification.queue(officer, Purpose.ACCESS_QUESTION, path=f"/manage/access-questions/{asked.pk}/")
    return asked


@verb(Permission.ACCESS_QUESTION_ANSWER)
def answer(question: AccessQuestion, /, *, by: User, text: str) -> AccessQuestion:
    """Once; what was answered stays as it was read."""
    question.settle(by, text)
    Notification.queue(question.asked_by, Purpose.ACCESS_ANSWER, path=f"/my/access-log/questions/{question.pk}/")
    return question
