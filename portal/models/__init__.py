from portal.models.accounts import Membership, User
from portal.models.api_tokens import ApiToken
from portal.models.audit import AuditEvent
from portal.models.contact_points import ContactPoint, ContactPreference
from portal.models.deliveries import Attempt, Delivery, Suppression
from portal.models.departments import Clinic, Department, Holiday, OpeningHours
from portal.models.drafts import KeptForm
from portal.models.invitations import Invitation
from portal.models.kept_answers import KeptAnswer
from portal.models.notifications import Notification
from portal.models.outbox import Outbox
from portal.models.seals import AuditMark, AuditSeal

__all__ = [
    "ApiToken",
    "Attempt",
    "AuditEvent",
    "AuditMark",
    "AuditSeal",
    "Clinic",
    "ContactPoint",
    "ContactPreference",
    "Delivery",
    "Department",
    "Holiday",
    "Invitation",
    "KeptAnswer",
    "KeptForm",
    "Membership",
    "Notification",
    "OpeningHours",
    "Outbox",
    "Suppression",
    "User",
]
