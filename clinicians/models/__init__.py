from clinicians.models.work import WorkItem, WorkTally

__all__ = ["WorkItem", "WorkTally"]
