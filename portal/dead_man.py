"""The dead-man switch: an address outside is called while all is well, and raises the alarm when the calls stop."""

from __future__ import annotations

import logging
from urllib.request import urlopen

from django.conf import settings

log = logging.getLogger(__name__)
SECONDS = 5


def call() -> None:
    """Tell who watches from outside that deliveries go. Nothing of ours depends on whether it hears."""
    if not settings.DEAD_MAN_URL:
        return
    try:
        with urlopen(settings.DEAD_MAN_URL, timeout=SECONDS):  # noqa: S310  http(s), set by the operator
            pass
    except OSError as broken:
        log.warning("DEAD_MAN_URL does not answer: %s", type(broken).__name__)
