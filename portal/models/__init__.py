from portal.models.accounts import Membership, User
from portal.models.audit import AuditEvent
from portal.models.deliveries import Delivery
from portal.models.departments import Clinic, Department, Holiday, OpeningHours
from portal.models.drafts import KeptForm
from portal.models.notifications import Notification

__all__ = [
    "AuditEvent",
    "Clinic",
    "Delivery",
    "Department",
    "Holiday",
    "KeptForm",
    "Membership",
    "Notification",
    "OpeningHours",
    "User",
]
