"""Time as people at a desk say it: a promise (by when) and a fact (how long already)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.rules.local_time import instant

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
A_WEEK_AHEAD = 6


def midnight(day: date) -> datetime:
    """When it begins on the clinic's clock."""
    return instant(day, time(0), timezone.get_current_timezone_name())


def promised(due: datetime, now: datetime) -> str:
    """ "by 17:00", "by Tue 17:00", "by 18 May", "3 h late"."""
    if due < now:
        return _("%(time)s late") % {"time": length(now - due)}
    local = timezone.localtime(due)
    days = (local.date() - timezone.localtime(now).date()).days
    if days == 0:
        return _("by %(time)s") % {"time": f"{local:%H:%M}"}
    if days <= A_WEEK_AHEAD:
        return _("by %(day)s %(time)s") % {"day": date_format(local, "D"), "time": f"{local:%H:%M}"}
    return by_day(local.date())


def by_day(on: date) -> str:
    return _("by %(day)s") % {"day": date_format(on, "j M")}


def days_late(on: date, today: date) -> str:
    days = (today - on).days
    return ngettext("%(days)d day late", "%(days)d days late", days) % {"days": days}


def waited(since: datetime, now: datetime) -> str:
    return _("waiting %(time)s") % {"time": length(max(now - since, timedelta()))}


def length(time: timedelta) -> str:
    """In the largest unit that says enough: minutes, hours, days."""
    if time < HOUR:
        return _("%(minutes)d min") % {"minutes": time // timedelta(minutes=1)}
    if time < 2 * DAY:
        return _("%(hours)d h") % {"hours": time // HOUR}
    return ngettext("%(days)d day", "%(days)d days", time // DAY) % {"days": time // DAY}
