"""What providers report of what was sent, and what people answered to it: told once or many times, in any order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from portal.access import SYSTEM
from portal.acting import acting_as
from portal.actions import contacts
from portal.models import Clinic, Delivery, User
from portal.models.contact_points import owner_of
from portal.models.deliveries import Channel, DeliveryQuerySet, SuppressionReason

# What people answer to end it, and to have it again. Not "cancel": that may mean the appointment.
STOPS = frozenset({"stop", "stopall", "stop all", "unsubscribe", "end", "quit"})
STARTS = frozenset({"start", "unstop"})


class Said(StrEnum):
    # It came back for now (a full mailbox), for good, or was called unwanted; or its reader wants no more, or some.
    DELAYED = "delayed"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    STOP = "stop"
    START = "start"


REASONS = {
    Said.BOUNCE: SuppressionReason.BOUNCE,
    Said.COMPLAINT: SuppressionReason.COMPLAINT,
    Said.STOP: SuppressionReason.STOP,
}


@dataclass(frozen=True, slots=True)
class Report:
    said: Said
    channel: Channel
    # The address or number, where it says so; else that of the delivery.
    address: str = ""
    why: str = ""
    # Which delivery: by its own key, its Message-ID, or what its provider calls it.
    key: UUID | None = None
    message_id: str = ""
    provider_id: str = ""


def hear(report: Report) -> None:
    """As the clock, which may; then as whose address it is, so that their reminders go another way."""
    with acting_as(SYSTEM):
        delivery = _delivery(report)
        if delivery and report.said in (Said.BOUNCE, Said.DELAYED):
            contacts.note_bounce(delivery, by=SYSTEM, why=report.why or report.said)
        address = report.address or (_address(delivery) if delivery else "")
        whose = _write_down(report, address) if address else None
    if whose is not None and whose.is_active:
        with acting_as(whose, through="report"):
            contacts.follow(whose, whose)


def _write_down(report: Report, address: str) -> User | None:
    """Whose reminders it changes."""
    clinic = Clinic.the()
    if report.said is Said.START:
        contacts.hear_start(clinic, by=SYSTEM, address=address)
        return owner_of(report.channel, address)
    if report.said not in REASONS:
        return None
    about = {"channel": report.channel, "address": address, "reason": REASONS[report.said]}
    return contacts.suppress(clinic, by=SYSTEM, **about).user


def _delivery(report: Report) -> Delivery | None:
    rows: DeliveryQuerySet = Delivery.objects.filter(channel=report.channel).with_address()
    if report.key:
        return rows.filter(pk=report.key).first()
    if report.provider_id and (found := rows.filter(provider_id=report.provider_id).first()):
        return found
    return rows.filter(message_id=report.message_id).first() if report.message_id else None


def _address(delivery: Delivery) -> str:
    """Of a mail: a number is named by whoever reports of it."""
    return delivery.to.lower() if delivery.channel == Channel.EMAIL else ""


def heard(text: str) -> Said | None:
    """What an answer to a text message asks for, if it asks for one of both."""
    word = " ".join(text.strip().strip(".!\"'").lower().split())
    return Said.STOP if word in STOPS else Said.START if word in STARTS else None
