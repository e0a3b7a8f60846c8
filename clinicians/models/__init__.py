from clinicians.models.answers import Answer
from clinicians.models.claims import Claim
from clinicians.models.escalations import Escalation
from clinicians.models.handovers import Handover
from clinicians.models.links import CaseLink
from clinicians.models.on_call import OnCall
from clinicians.models.replies import SentReply
from clinicians.models.reply_drafts import ReplyDraft
from clinicians.models.saved_replies import SavedReply, SavedReplyVersion
from clinicians.models.saved_views import SavedView
from clinicians.models.snoozes import Snooze
from clinicians.models.webhooks import Occurrence, Webhook, WebhookDelivery
from clinicians.models.work import WorkItem, WorkTally

__all__ = [
    "Answer",
    "CaseLink",
    "Claim",
    "Escalation",
    "Handover",
    "Occurrence",
    "OnCall",
    "ReplyDraft",
    "SavedReply",
    "SavedReplyVersion",
    "SavedView",
    "SentReply",
    "Snooze",
    "Webhook",
    "WebhookDelivery",
    "WorkItem",
    "WorkTally",
]
