"""What the clinic did about a red flag."""

from __future__ import annotations

from patients.models import RedFlag
from portal.access import Permission
from portal.models import User
from portal.verbs import verb


@verb(Permission.REDFLAG_REVIEW)
def review(flag: RedFlag, *, by: User, note: str) -> RedFlag:
    """Write down what was done, and take it off the desk. Once: IllegalMove after that.

    The urgency of the case stays: how soon it is answered is triage's to say.
    """
    flag.settle(by, note)
    return flag
