"""Looking at the record of somebody who trusts one: what the frame says, and why a page is not shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from patients.models import RelatedPerson
from portal.access import Permission
from portal.roles import Scope

# To whom it was given.
MAY = {
    Scope.CASES: _("cases, with questions, messages and files"),
    Scope.RESULTS: _("results, once they are released"),
    Scope.MEDICINES: _("medicines"),
    Scope.FOLLOWUPS: _("follow-ups, and confirm or move them"),
    Scope.WRITING: _("write to the clinic for them"),
}
# The sections of the navigation, each with what opens it.
SECTIONS = {
    "home": Permission.CASE_READ,
    "results": Permission.RESULT_READ,
    "messages": Permission.CASE_READ,
    "diary": Permission.CASE_READ,
    "medicines": Permission.PRESCRIPTION_READ,
    "followups": Permission.FOLLOWUP_READ,
}
NOT_GIVEN = {
    Permission.CASE_READ: _("%(name)s has not shared cases and messages with you"),
    Permission.MESSAGE_SEND: _("%(name)s has not asked you to write for them"),
    Permission.RESULT_READ: _("%(name)s has not shared results with you"),
    Permission.PRESCRIPTION_READ: _("%(name)s has not shared medicines with you"),
    Permission.FOLLOWUP_READ: _("%(name)s has not shared follow-ups with you"),
    Permission.FOLLOWUP_CONFIRM: _("%(name)s has not shared follow-ups with you"),
    Permission.APPOINTMENT_BOOK: _("%(name)s has not shared follow-ups with you"),
}

TRAIL = {
    Permission.CASE_READ: "read patients.case",
    Permission.MESSAGE_SEND: "cases.send_message",
    Permission.RESULT_READ: "read patients.result",
    Permission.PRESCRIPTION_READ: "read patients.prescription",
    Permission.FOLLOWUP_READ: "read patients.followup",
    Permission.FOLLOWUP_CONFIRM: "followups.confirm",
    Permission.APPOINTMENT_BOOK: "appointments.book",
}


@dataclass(frozen=True, slots=True)
class Why:
    """Why a page is not shown: a heading, and what to do about it."""

    title: Any
    text: Any
    is_over: bool = False


# Asked for on the pages of one record, and not there: perhaps it is of another.
NOT_HERE = Why(
    _("We could not find that here"),
    _("Perhaps you are looking at another person's record by now. Nothing was sent."),
)


def words(scopes: list[str]) -> list[str]:
    """What somebody may see and do, in the order in which it is offered."""
    return [str(MAY[scope]) for scope in Scope if scope.value in scopes]


def until(given: RelatedPerson) -> date:
    return timezone.localtime(given.expires_at).date()


def frame(given: RelatedPerson) -> dict[str, Any]:
    """For the bar on top of each page, and for the navigation."""
    return {
        "name": given.patient_name,
        "may": words(given.scopes),
        "until": until(given),
        "sections": [name for name, permission in SECTIONS.items() if permission in given.permissions],
        "writing": Permission.MESSAGE_SEND in given.permissions,
    }


def asked_for(permission: Permission | None) -> str:
    """What was asked for, as the trail names it."""
    return TRAIL.get(permission, "read patients.patient") if permission else "read patients.patient"


def why_not(given: RelatedPerson, permission: Permission | None) -> Why:
    name = {"name": given.patient_name}
    if given.is_over:
        title = gettext("You can't see the record of %(name)s any more") if given.revoked_at else gettext(
            "The time for which %(name)s trusted you is over"
        )  # fmt: skip
        text = gettext("Nothing of it is shown, and nothing was sent. If that is a mistake, ask %(name)s.")
        return Why(title % name, text % name, is_over=True)
    if permission is None:
        text = gettext(
            "Settings, consents, new questions, new medicines and who is trusted stay with %(name)s. "
            "To see your own, go back to your own record."
        )
        return Why(gettext("Only %(name)s can open this") % name, text % name)
    text = gettext("You see what they chose: %(may)s. If you need more, ask %(name)s; they can change it at any time.")
    return Why(str(NOT_GIVEN[permission]) % name, text % {**name, "may": "; ".join(words(given.scopes))})
