"""Whether the seals still hold: the whole chain computed again from what the database holds now.

One seal and what it covers is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from portal.models import AuditEvent, AuditSeal
from portal.models.seals import COLUMNS, last_drawn
from portal.rules.seals import NOTHING
from portal.tips import Tip

ROOM = 1000


class Broken(Exception):
    """The first seal that does not hold: its number, the time of what it covers, and what differs."""

    def __init__(self, number: int, what: str, seal: AuditSeal | None = None) -> None:
        self.number = number
        when = f" ({_moment(seal.began_at)} – {_moment(seal.ended_at)})" if seal else ""
        super().__init__(
            _("Seal %(number)s is broken%(when)s: %(what)s") % {"number": number, "when": when, "what": what}
        )


@dataclass
class Held:
    """What was gone through, and what no seal covers yet."""

    seals: int = 0
    events: int = 0
    tips: int = 0
    unsealed: int = 0
    oldest_unsealed: datetime | None = None


def check(copies: Iterable[Tip] = ()) -> Held:
    """Go through all seals, from the first. Raises Broken at the first that does not hold."""
    held, outside = Held(), _Copies(copies)
    last: AuditSeal | None = None
    for seal in AuditSeal.objects.order_by("number").iterator(chunk_size=20):
        _check_link(seal, last)
        _check_rows(seal)
        held.tips += outside.check(seal)
        held.seals, held.events, last = held.seals + 1, held.events + len(seal.serials), seal
    outside.check_end(held.seals)
    _count_unsealed(held, last.through if last else 0)
    return held


def _check_link(seal: AuditSeal, last: AuditSeal | None) -> None:
    """That nothing is missing between two seals, and that this one stands on that one."""
    number, hash_, through = (last.number, last.hash, last.through) if last else (0, NOTHING, 0)
    if seal.number != number + 1:
        raise Broken(
            number + 1, _("it is missing from the chain; the next there is is %(next)s.") % {"next": seal.number}
        )
    if seal.previous != hash_:
        raise Broken(seal.number, _("the chain is cut: it does not stand on the seal before it."), seal)
    if seal.after != through:
        raise Broken(seal.number, _("it does not begin where the seal before it ends."), seal)
    if seal.version not in COLUMNS:
        raise Broken(seal.number, _("it is of a version that this portal does not know."), seal)


def _check_rows(seal: AuditSeal) -> None:
    """What it covers is what it covered. Of what was inserted no more is read than it takes to name some."""
    rows = seal.rows(limit=len(seal.serials) + ROOM)
    if seal.hash_of(rows) == seal.hash:
        return
    place = COLUMNS[seal.version].index("serial")
    now, then = {row[place] for row in rows}, set(seal.serials)
    raise Broken(seal.number, _what_differs(then - now, now - then), seal)


def _what_differs(missing: set[int], inserted: set[int]) -> str:
    if missing and inserted:
        return _("event %(missing)s is missing and event %(inserted)s was inserted.") % {
            "missing": min(missing), "inserted": min(inserted),
        }  # fmt: skip
    if missing:
        return _("event %(missing)s is missing (%(count)s in all).") % {"missing": min(missing), "count": len(missing)}
    if inserted:
        return _("event %(inserted)s was inserted after it was sealed.") % {"inserted": min(inserted)}
    return _("an event in it was changed, or the seal itself was.")


class _Copies:
    """The lines kept outside, walked beside the chain: both go up by number."""

    def __init__(self, copies: Iterable[Tip]) -> None:
        self.copies: Iterator[Tip] = iter(copies)
        self.next = next(self.copies, None)

    def check(self, seal: AuditSeal) -> int:
        checked = 0
        while self.next and self.next.number <= seal.number:
            if self.next.number < seal.number:
                raise Broken(self.next.number, _("the copy kept outside goes back here: it holds two chains."))
            if self.next.hash != seal.hash:
                what = _("the chain was written anew: the copy kept outside has another hash (%(hash)s…).")
                raise Broken(seal.number, what % {"hash": self.next.hash[:16]}, seal)
            self.next, checked = next(self.copies, None), checked + 1
        return checked

    def check_end(self, last: int) -> None:
        if self.next:
            what = _("the tail of the chain is cut: the copy kept outside has seal %(number)s of %(at)s.")
            raise Broken(last + 1, what % {"number": self.next.number, "at": _moment(self.next.at)})


def _count_unsealed(held: Held, through: int) -> None:
    rows = AuditEvent.objects.filter(serial__gt=through)
    held.unsealed = rows.count()
    held.oldest_unsealed = rows.order_by("serial").values_list("created_at", flat=True).first()
    # In this order: whatever is written meanwhile has drawn its number by the time the counter is asked.
    highest = rows.order_by("-serial").values_list("serial", flat=True).first()
    if highest is not None and highest > last_drawn():
        what = _("event %(serial)s has a number that was never drawn: it was inserted around the trigger.")
        raise Broken(held.seals + 1, what % {"serial": highest})


def _moment(at: datetime) -> str:
    return timezone.localtime(at).isoformat(sep=" ", timespec="seconds")
