from clinicians.models.claims import Claim
from clinicians.models.handovers import Handover
from clinicians.models.links import CaseLink
from clinicians.models.snoozes import Snooze

__all__ = ["CaseLink", "Claim", "Handover", "Snooze"]
