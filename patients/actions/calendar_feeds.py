"""A private address under which one's own calendar program finds one's follow-ups."""

from __future__ import annotations

from django.utils.translation import gettext as _

from patients.models import CalendarFeed
from portal.access import IllegalMove, Permission, Refused
from portal.models import User
from portal.verbs import verb


@verb(Permission.FEED_KEEP)
def make(user: User, *, by: User) -> tuple[CalendarFeed, str]:
    """The feed and its key, which is kept nowhere. Raises IllegalMove while there is one."""
    if user != by:
        raise Refused("calendar_feeds.make", user)
    if CalendarFeed.objects.filter(user=user).live().exists():
        raise IllegalMove("calendar_feeds.make", user, _("You have an address for your calendar: end that one first."))
    return CalendarFeed.begin(user)


@verb(Permission.FEED_KEEP)
def revoke(feed: CalendarFeed, *, by: User) -> CalendarFeed:
    """It shows nothing from now on; once more changes nothing."""
    CalendarFeed.objects.filter(pk=feed.pk).live().revoke()
    feed.refresh_from_db()
    return feed
