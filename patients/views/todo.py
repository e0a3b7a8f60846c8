"""What waits for the patient on a case: hardest first, three at most."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from patients.models.consents import ConsentStatus
from patients.models.followups import FollowUpStatus
from portal.models import Notification
from portal.models.deliveries import Purpose

Task = dict[str, Any]
MOST = 3
NEWS = frozenset({Purpose.NEW_REPLY, Purpose.RESULT_RELEASED})


def to_do(shown: dict[str, Any], told: Iterable[Notification], *, may_write: bool = True) -> dict[str, Any]:
    """The first three, and how many there are. `shown`: medicines, followups and consents, of one case or of all."""
    to_write_about = [medicine for medicine in shown["medicines"] if medicine.must_not and medicine.row.has_hard_stop]
    tasks = [
        *(check_box(medicine) for medicine in to_write_about if may_write),
        *(news(note) for note in told if note.purpose in NEWS),
        *(confirm(followup) for followup in shown["followups"] if followup.status == FollowUpStatus.PLANNED),
        *(answer(consent) for consent in shown["consents"] if consent.status == ConsentStatus.PROPOSED),
    ]
    return {"tasks": tasks[:MOST], "total": len(tasks)}


def check_box(medicine: Any) -> Task:
    title = _("Write to us what the box of %(medicine)s says") % {"medicine": medicine.row.medicine}
    return {
        "title": title,
        "url": f"{reverse('patients:case', args=[medicine.row.case.ref])}#say",
        "hint": _("The name, the number and the unit that are printed on it"),
        "tag": _("Do this first"),
        "kind": "urgent",
    }


def news(note: Notification) -> Task:
    words = {
        Purpose.NEW_REPLY: _("Read the reply to your question"),
        Purpose.RESULT_RELEASED: _("Read your new result"),
    }
    return {"title": words[Purpose(note.purpose)], "opens": note, "tag": _("New"), "kind": "info"}


def confirm(followup: Any) -> Task:
    return {
        "title": _("Say whether you can come to your follow-up"),
        "url": reverse("patients:followup", args=[followup.pk]),
        "hint": date_format(followup.due_on, "l j F"),
    }


def answer(consent: Any) -> Task:
    return {
        "title": _("Decide whether we may publish your question"),
        "url": reverse("patients:consent", args=[consent.pk]),
        "hint": _("Your name is not in it. You see the exact text first"),
    }
