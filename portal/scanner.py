"""Asks a virus scanner about a file. Which one, a setting says: a ClamAV daemon by its socket, or none."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from urllib.parse import urlsplit

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# For each step of the talk. Whoever uploads waits for it.
PATIENCE_SECONDS = 10
LONGEST_WORDS = 120
log = logging.getLogger(__name__)


class Scan(models.TextChoices):
    NOT_SCANNED = "not_scanned", _("Not scanned")
    CLEAN = "clean", _("No virus found")
    INFECTED = "infected", _("Virus found")
    FAILED = "failed", _("Waits for its scan")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`words` are the engine's: its version with what is clean, the virus's name with what is not."""

    scan: Scan = Scan.NOT_SCANNED
    words: str = ""
    at: datetime | None = field(default=None)


def is_set() -> bool:
    return bool(settings.VIRUS_SCANNER)


def ask(content: bytes) -> Verdict:
    """What the scanner says. It never raises: a scanner that is down, slow or odd is `FAILED`."""
    if not is_set():
        return Verdict()
    try:
        outcome, words = told(scanner().instream(BytesIO(content)))
        if outcome is Scan.CLEAN:
            words = scanner().version()
    except (ClamdError, OSError, ValueError) as wrong:
        log.warning("the virus scanner did not answer: %s", type(wrong).__name__)
        outcome, words = Scan.FAILED, type(wrong).__name__
    return Verdict(outcome, printable(words), timezone.now())


def answers() -> bool:
    """Whether the scanner is there at all."""
    try:
        return scanner().ping() == "PONG"
    except (ClamdError, OSError, ValueError):
        return False


def told(answer: dict[str, tuple[str, str | None]]) -> tuple[Scan, str]:
    """Clean is only what is said to be clean; a line cut off or an unknown word is no answer."""
    status, words = answer.get("stream", ("", None))
    known = {"OK": Scan.CLEAN, "FOUND": Scan.INFECTED}
    return known.get(status, Scan.FAILED), words or ""


def scanner() -> ClamdNetworkSocket:
    parts = urlsplit(settings.VIRUS_SCANNER)
    if parts.scheme == "unix":
        return ClamdUnixSocket(parts.path, timeout=PATIENCE_SECONDS)
    return ClamdNetworkSocket(parts.hostname or "", parts.port or 0, timeout=PATIENCE_SECONDS)


def printable(words: str) -> str:
    return "".join(letter for letter in words if letter.isprintable())[:LONGEST_WORDS]
