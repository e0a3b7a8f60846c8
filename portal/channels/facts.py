"""What every channel says of one delivery: the same facts, from one place. No clinical word is among them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.module_loading import import_string

from portal.channels import stopping
from portal.models import contact_points
from portal.models.deliveries import Delivery, Purpose
from portal.models.outbox_rows import STOPPABLE

# What is told by a text message or a notice too, each with its template in portal/short/.
SHORT = (
    Purpose.FOLLOWUP_PLANNED,
    Purpose.FOLLOWUP_REMINDER,
    Purpose.FOLLOWUP_MOVED,
    Purpose.FOLLOWUP_CANCELLED,
    Purpose.MISSED_YOU,
    Purpose.SLOT_FREE,
    Purpose.CONTACT_CODE,
)


def facts_of(delivery: Delivery) -> dict[str, Any]:
    """For the templates of all channels. Days and times are the recipient's own, in the zone that is named."""
    words = {
        **delivery.words,
        "name": delivery.name,
        "clinic_name": settings.CLINIC_NAME,
        "clinic_phone": settings.CLINIC_PHONE,
        "site_url": settings.SITE_URL,
        "missed_cost": settings.MISSED_VISIT_COST,
        **import_string(settings.ANSWER_LINKS)(delivery),
    }
    if "day" in words:
        day = date.fromisoformat(words["day"])
        words |= {"day": date_format(day, "l j F Y"), "short_day": date_format(day, "D j F Y")}
    if "until" in words:
        words["code"] = contact_points.code_for(words["point"], words["until"])
    if delivery.purpose in STOPPABLE and delivery.recipient_id:
        words["stop"] = settings.SITE_URL + stopping.address(delivery.recipient_id)
    return words


def in_short(delivery: Delivery) -> tuple[str, str]:
    """The title of a notice, and what a notice and a text message say."""
    # What has no wording of its own says only that there is something.
    name = delivery.purpose if delivery.purpose in SHORT else "something_new"
    with translation.override(settings.LANGUAGE_CODE):
        text = render_to_string(f"portal/short/{name}.txt", facts_of(delivery))
    title, _blank, body = text.strip().partition("\n")
    return title.strip(), " ".join(body.split())
