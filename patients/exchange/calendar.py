"""iCalendar (RFC 5545, 5546): appointments as calendars take them, in mails and as a feed. No clinical word in it.

The clinic's own address is the organizer and nobody is an attendee: a program adds the time and asks for no answer, for
which the message has its links. One follow-up has one UID for ever; a higher SEQUENCE takes the place of a lower one.
All times are in UTC, so that no zone has to be described; programs show them on their reader's clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

PRODUCT = "-//Fascicle//Appointments//EN"


@dataclass(frozen=True, slots=True)
class Entry:
    """One time, or a whole day where no time is set (`ends` is then None)."""

    of: str  # the follow-up's key
    sequence: int
    written_at: datetime
    starts: datetime | date
    ends: datetime | None
    path: str
    place: str = ""
    is_cancelled: bool = False


def file_of(entries: Iterable[Entry], *, method: str = "") -> bytes:
    """The same bytes for the same entries. Without `method` it is a feed."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    if method:
        calendar.add("method", method)
    else:
        calendar.add("x-wr-calname", settings.CLINIC_NAME)
        calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry))
    found: bytes = calendar.to_ical()
    return found


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", f"{entry.of}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", entry.written_at.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", entry.sequence)
    event.add("organizer", _organizer())
    event.add("summary", _summary(entry))
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("url", settings.SITE_URL + entry.path)
    if entry.place:
        event.add("location", entry.place)
    if isinstance(entry.starts, datetime) and entry.ends:
        event.add("dtstart", entry.starts.astimezone(UTC))
        event.add("dtend", entry.ends.astimezone(UTC))
    else:
        # A whole day, and yet one is free on it.
        event.add("dtstart", entry.starts)
        event.add("dtend", entry.starts + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    return event


def _summary(entry: Entry) -> str:
    words = {"clinic": settings.CLINIC_NAME}
    return _("Appointment at %(clinic)s") % words if entry.ends else _("Day agreed with %(clinic)s") % words


def _organizer() -> vCalAddress:
    address = settings.DEFAULT_FROM_EMAIL
    organizer = vCalAddress(f"mailto:{address.rpartition('<')[2].rstrip('>')}")
    organizer.params["cn"] = vText(settings.CLINIC_NAME)
    return organizer
