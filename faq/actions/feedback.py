"""What readers tell: whether an answer helped, and what they searched for and did not find."""

from __future__ import annotations

from faq.models import Feedback, Question, SearchMiss
from portal.access import Actor, Permission
from portal.verbs import verb


@verb(Permission.LIBRARY_RATE)
def give(question: Question, *, by: Actor, has_helped: bool, reason: str = "") -> Feedback:
    """Yes or no, and with no one of the listed reasons. Who said so is not kept with it."""
    feedback = Feedback(question=question, has_helped=has_helped, reason="" if has_helped else reason)
    feedback.full_clean(validate_constraints=False)
    feedback.save()
    return feedback


@verb(Permission.LIBRARY_RATE)
def miss(search: SearchMiss, *, by: Actor) -> SearchMiss:
    """Somebody searched for this and found nothing."""
    search.again()
    return search
