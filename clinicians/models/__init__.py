from clinicians.models.escalations import Escalation
from clinicians.models.work import WorkItem, WorkTally

__all__ = ["Escalation", "WorkItem", "WorkTally"]
