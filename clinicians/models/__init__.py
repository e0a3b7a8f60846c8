from clinicians.models.saved_views import SavedView
from clinicians.models.work import WorkItem, WorkTally

__all__ = ["SavedView", "WorkItem", "WorkTally"]
