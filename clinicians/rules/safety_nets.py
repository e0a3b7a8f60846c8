"""When to get help sooner: a text to start from, by department. A clinician edits it before it is sent.

Judgement of ours, not yet signed off by a clinician of the clinic; see docs/clinical.md.
"""

from __future__ import annotations

from typing import Final

from portal.rules.phrases import gettext_noop
from portal.rules.provenance import Status

STATUS: Final = Status.JUDGEMENT

NEUROLOGY: Final = gettext_noop(
    "Call {emergency} at once for sudden weakness or numbness of one side, trouble speaking or swallowing, "
    "trouble breathing, a fit, or the worst headache of your life.\n"
    "Call us the same day, on {phone}, if a hand, foot or leg becomes weak or thin, if you start to fall, "
    "or if a medicine makes you faint, confused or suddenly sleepy.\n"
    "Write to us here if it has not changed by your follow-up."
)
ANY: Final = gettext_noop(
    "Call {emergency} at once for chest pain, trouble breathing, fainting, or if you fear for your life.\n"
    "Call us the same day, on {phone}, if it gets clearly worse or something new worries you.\n"
    "Write to us here if it has not changed by your follow-up."
)
BY_DEPARTMENT: Final = {"neurology": NEUROLOGY}


def template_for(department_slug: str) -> str:
    """With places for {emergency} and {phone}; the shelf above translates and fills them."""
    return BY_DEPARTMENT.get(department_slug, ANY)
