"""Sealing the audit trail, and letting the newest seal leave the house.

No verbs: a verb leaves an event, which would need a seal, which would leave an event. What is written here are the
seals themselves, which only ever repeat what the trail says.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from portal import tips
from portal.access import SYSTEM
from portal.acting import acting_as
from portal.models import AuditEvent, AuditMark, AuditSeal, Delivery, User
from portal.models.deliveries import Purpose
from portal.rules.seals import in_groups
from portal.tips import Tip, Unreadable

log = logging.getLogger(__name__)
MOST = 1000
# One sealer at a time, over all machines: any number, the same for all.
LOCK = 0x5EA1


def seal_and_tell() -> int:
    """What the clock asks for: seal what is settled, copy the newest seal out of the house, once a day by mail too."""
    sealed = seal_due()
    export_tip()
    return sealed


def seal_due() -> int:
    """Seal all that is settled; how many events. Safe to run anywhere, any number of times at once."""
    sealed = 0
    while seal := _seal_next():
        sealed += len(seal.serials)
        if len(seal.serials) < MOST:
            break
    return sealed


def _seal_next() -> AuditSeal | None:
    with acting_as(SYSTEM):
        if not _alone():
            return None
        seal = AuditSeal.following(AuditSeal.objects.last_made(), AuditMark.settled(), most=MOST)
        if seal:
            seal.save(force_insert=True)
        return seal


def _alone() -> bool:
    """Whether no other sealer is at work; ours until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def export_tip() -> Tip | None:
    """Append the newest seal to the outside copy, after it is committed. What was appended, or None.

    The copy is asked first whether the chain still holds what left the house: a trail that was cut, written anew or
    restored from a backup is told to the privacy officers, and nothing is appended that could hide it.
    """
    with acting_as(SYSTEM):
        if not _alone():
            return None
        kept, differs = _last_kept()
        if differs:
            log.error("audit: %s", differs)
            _tell_officers(Purpose.AUDIT_ALARM, kept)
            return None
        tip = newest()
        if tip is None:
            return None
        _tell_officers(Purpose.AUDIT_TIP, tip)
        if kept and kept.number == tip.number:
            return None
        tips.keep(settings.AUDIT_TIP_FILE, tip)
        return tip


def newest() -> Tip | None:
    seal = AuditSeal.objects.last_made()
    return Tip(seal.number, seal.hash, seal.created_at) if seal else None


def _last_kept() -> tuple[Tip | None, str]:
    """The last line outside, and in what the chain differs from it; empty where it does not."""
    try:
        kept = tips.last_kept(settings.AUDIT_TIP_FILE)
    except Unreadable:
        return None, "the last line of the outside copy can't be read"
    if kept is None:
        return None, ""
    here = AuditSeal.objects.filter(number=kept.number).values_list("hash", flat=True).first()
    if here is None:
        return kept, f"seal {kept.number} of the outside copy is missing here"
    return kept, "" if here == kept.hash else f"seal {kept.number} is another one in the outside copy"


def _tell_officers(purpose: Purpose, tip: Tip | None) -> None:
    """By mail, once a day: a mailbox is a copy outside the house as well."""
    today = timezone.localdate().isoformat()
    words = {"path": "/manage/audit/", "day": today}
    if tip:
        words |= {"number": str(tip.number), "hash": in_groups(tip.hash)}
    told = Delivery.objects.filter(dedupe_key__startswith=f"{purpose}:{today}:").exists()
    for officer in [] if told else User.objects.privacy_officers().only("pk"):
        Delivery.queue(officer, purpose, key=f"{purpose}:{today}:{officer.pk}", words=words)


def unsealed_since() -> datetime | None:
    """When the oldest event that no seal covers was written."""
    last = AuditSeal.objects.last_made()
    rows = AuditEvent.objects.filter(serial__gt=last.through if last else 0).order_by("serial")
    return rows.values_list("created_at", flat=True).first()


def is_late() -> bool:
    since = unsealed_since()
    return since is not None and timezone.now() - since > timedelta(minutes=settings.AUDIT_SEAL_MINUTES)
