from portal.models.accounts import Membership, User
from portal.models.audit import AuditEvent
from portal.models.deliveries import Delivery
from portal.models.departments import Clinic, Department, Holiday, OpeningHours
from portal.models.drafts import KeptForm
from portal.models.invitations import Invitation
from portal.models.notifications import Notification
from portal.models.seals import AuditMark, AuditSeal

__all__ = [
    "AuditEvent",
    "AuditMark",
    "AuditSeal",
    "Clinic",
    "Delivery",
    "Department",
    "Holiday",
    "Invitation",
    "KeptForm",
    "Membership",
    "Notification",
    "OpeningHours",
    "User",
]
