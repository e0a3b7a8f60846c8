"""What sending a reply has done, as far as it can be undone within its seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from clinicians.walls import OwnOfCase
from patients.models import Case, FollowUp, Message, Patient, reminders
from portal.access import Permission
from portal.models import Delivery, Notification, User
from portal.models.record import Record, RecordQuerySet


class SentReplyQuerySet(RecordQuerySet["SentReply"]):
    rule = OwnOfCase(Permission.CASE_REPLY, case="case", carries_department=True)

    def held(self, at: datetime) -> Self:
        """Those that their patients do not see yet."""
        return self.filter(message__visible_at__gt=at, message__undone_at=None)


class SentReply(Record):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    account = models.ForeignKey(User, models.CASCADE, related_name="+")
    message = models.OneToOneField(Message, models.PROTECT, related_name="+")
    # What else it did, in the same step.
    followup = models.OneToOneField(FollowUp, models.PROTECT, null=True, related_name="+")
    notification = models.OneToOneField(Notification, models.SET_NULL, null=True, related_name="+")
    delivery = models.OneToOneField(Delivery, models.SET_NULL, null=True, related_name="+")
    # How the case stood, and the rest of the form: of the message there is what was written.
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    waiting_since = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    outcomes = models.JSONField(default=dict)
    followup_words = models.JSONField(default=dict)
    suggest = models.BooleanField(default=False)

    objects = SentReplyQuerySet.as_manager()

    @property
    def person_id(self) -> None:
        """Of one's own deed: the message that it made is noted."""
        return

    @classmethod
    def before(cls, case: Case, *, by: User, suggest: bool) -> SentReply:
        """As the case stands now, not kept yet."""
        return cls(
            patient_id=case.patient_id,
            case=case,
            account=by,
            owner_id=case.owner_id,
            waiting_since=case.waiting_since,
            answer_due_at=case.answer_due_at,
            suggest=suggest,
        )

    def told(self, notification: Notification) -> None:
        self.notification = notification
        self.delivery_id = Delivery.pk_of(notification.delivery_key)

    def keep(self, message: Message) -> None:
        self.message = message
        self.save()

    def call_back(self, *, by: User) -> None:
        """What was promised and told with it: nobody has seen it, and nobody will."""
        if self.followup:
            self.followup.undo(by=by, note=_("The reply that promised it was undone"))
            reminders.tend(self.followup)
        if self.notification:
            self.notification.undo()
        if self.delivery:
            self.delivery.cancel()

    @property
    def words(self) -> dict[str, Any]:
        """What was written, as a draft holds it."""
        return {
            "body": self.message.body,
            "safety_net": self.message.safety_net,
            "outcomes": self.outcomes,
            "articles": [attached.key for attached in self.message.articles.all()],
            "followup": self.followup_words,
            "suggest": self.suggest,
        }

    @property
    def seconds_left(self) -> int:
        """Rounded down: never promise a second that is not there."""
        visible_at = self.message.visible_at
        return max(int((visible_at - timezone.now()).total_seconds()), 0) if visible_at else 0
