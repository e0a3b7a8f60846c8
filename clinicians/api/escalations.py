"""What a promise of this case has climbed to, and who was told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinicians.models import Escalation
from clinicians.models.escalations import names_of

NAMED = 3


def escalations_shown(rows: Iterable[Escalation]) -> list[dict[str, Any]]:
    """In order of time, with the names of a few, and of many how many."""
    rows = list(rows)
    names = names_of(rows)
    return [
        {"rung": row.rung, "rung_words": row.get_rung_display(), "promised_at": row.promised_at, "at": row.at,
         "told": told_words([names[account] for account in row.told if account in names])}
        for row in rows
    ]  # fmt: skip


def told_words(told: list[str]) -> str:
    if not told:
        return _("told before")
    if len(told) > NAMED:
        return ngettext("%(n)d person told", "%(n)d people told", len(told)) % {"n": len(told)}
    return _("%(names)s told") % {"names": ", ".join(told)}
