from clinicians.models.replies import SentReply
from clinicians.models.reply_drafts import ReplyDraft
from clinicians.models.saved_replies import SavedReply, SavedReplyVersion

__all__ = ["ReplyDraft", "SavedReply", "SavedReplyVersion", "SentReply"]
