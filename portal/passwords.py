"""What a password may not be, beside Django's own rules: words of this place, and what thieves already have."""

from __future__ import annotations

import re
from bisect import bisect_left
from hashlib import sha1
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.models import User

# docs/security.md lists them too; the clinic's own name and address are added to them.
OUR_WORDS = (
    "admin", "administrator", "clinic", "clinician", "coordinator", "curator", "doctor", "fascicle", "health",
    "hospital", "medical", "nurse", "password", "patient", "portal", "triage", "welcome",
)  # fmt: skip
SHORTEST_WORD = 4
# What must be left of a password once our words are taken out of it.
LEFT_OVER = 8
HASH_LENGTH = 40
BEYOND = b"~"


class OurWords:
    """A password that is little more than the name of this place is the first that is tried here."""

    def validate(self, password: str, user: User | None = None) -> None:
        names = re.findall(r"\w+", f"{settings.CLINIC_NAME} {settings.SITE_HOST}".casefold())
        words = {*OUR_WORDS, *(name for name in names if len(name) >= SHORTEST_WORD)}
        longest_first = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        left, found = re.subn(longest_first, "", password.casefold())
        if found and len(left) < LEFT_OVER:
            raise ValidationError(
                _("This is little more than our name or a word like “clinic”: anyone would try it. Add other words."),
                code="password_of_our_words",
            )

    def get_help_text(self) -> str:
        return _("Your password can’t be little more than our name, or words like “clinic” and “password”.")


class Stolen:
    """A password on the clinic's list of stolen ones (`BREACHED_PASSWORDS`)."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def validate(self, password: str, user: User | None = None) -> None:
        # The list comes as SHA-1: it names what others have lost, and protects nothing.
        if is_listed(sha1(password.encode(), usedforsecurity=False).hexdigest(), self.path):
            raise ValidationError(
                _("This password was stolen somewhere before, so thieves try it first. Choose another."),
                code="password_stolen",
            )

    def get_help_text(self) -> str:
        return _("Your password can’t be one that is known to have been stolen.")


def is_listed(digest: str, path: Path) -> bool:
    """Whether a file of sorted hashes, one a line (`HASH` or `HASH:count`), holds this one: some forty short reads."""
    wanted = digest.upper().encode()
    with path.open("rb") as lines:

        def first_from(position: int) -> bytes:
            """The hash of the first whole line that starts here or later."""
            if position:
                lines.seek(position - 1)
                lines.readline()
            else:
                lines.seek(0)
            return lines.readline()[:HASH_LENGTH].upper() or BEYOND

        size = path.stat().st_size
        at = bisect_left(range(size), wanted, key=first_from)
        return at < size and first_from(at) == wanted
