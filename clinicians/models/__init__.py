from clinicians.models.answers import Answer
from clinicians.models.escalations import Escalation
from clinicians.models.work import WorkItem, WorkTally

__all__ = ["Answer", "Escalation", "WorkItem", "WorkTally"]
