"""A file that can't be read, and in one word why."""

from __future__ import annotations

REASONS = {"unreadable", "encrypted", "too_large_picture", "too_large_document", "active", "header"}


class Unreadable(ValueError):
    """`reason` is one of REASONS, never what the file says; `detail` a word of ours about a header."""

    def __init__(self, reason: str = "unreadable", detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason if reason in REASONS else "unreadable", detail
