"""What a file is, told by its first bytes and never by its name; and a name that says the same."""

from __future__ import annotations

import re
import unicodedata

SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"0       ", "application/edf"),  # version field of an EDF header: "0" and seven blanks
    (b"\xffBIOSEMI", "application/bdf"),
)
# The first is added to a name that has none of them: a page that calls itself a picture is opened as a page.
SUFFIXES = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg", ".jpe"),
    "application/edf": (".edf", ".rec"),
    "application/bdf": (".bdf",),
}
RECORDINGS = {"application/edf", "application/bdf"}
LONGEST_NAME = 120


class UnknownType(ValueError):
    """Not a PDF, a PNG or JPEG picture, or an EDF or BDF recording."""


def content_type_of(head: bytes) -> str:
    """Raises UnknownType for anything we don't take."""
    for signature, content_type in SIGNATURES:
        if head.startswith(signature):
            return content_type
    raise UnknownType


def clean_name(name: str) -> str:
    """A file name that is safe to show and to send: no path, no control or direction characters."""
    last = re.split(r"[\\/]", name)[-1]
    shown = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029").strip(" .")
    if len(shown) <= LONGEST_NAME:
        return shown or "file"
    stem, dot, suffix = shown.rpartition(".")
    if not dot or len(suffix) > 8:
        return shown[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"


def name_as(name: str, content_type: str) -> str:
    """The clean name, ending as files of this type do."""
    shown = clean_name(name)
    known = SUFFIXES[content_type]
    return shown if shown.lower().endswith(known) else f"{shown[: LONGEST_NAME - len(known[0])]}{known[0]}"
