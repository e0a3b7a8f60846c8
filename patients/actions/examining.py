"""Looking into a file before anything is kept of it. It takes part in `attachments.attach`, and writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from django.core.files.uploadedfile import UploadedFile

from patients.exchange import edf
from patients.exchange.unreadable import Unreadable
from patients.rules.file_types import RECORDINGS, content_type_of, name_as
from portal import limited, scanner
from portal.scanner import Verdict

# What writes a file anew; it runs in a process of its own, with limits.
CLEANERS = {
    "image/png": "patients.exchange.pictures:clean",
    "image/jpeg": "patients.exchange.pictures:clean",
    "application/pdf": "patients.exchange.documents:clean",
}
READER = "patients.exchange.recordings:look"


@dataclass(frozen=True, slots=True)
class Examined:
    """A file as it will be kept, and what is known of it."""

    name: str
    content_type: str
    content: bytes
    sent_sha256: str
    is_cleaned: bool
    is_readable: bool
    verdict: Verdict

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


def examine(upload: UploadedFile[bytes]) -> Examined:
    """Raises UnknownType, or Unreadable with the reason.

    A picture or document that can't be written anew is refused: we could not show what is in it, nor take out
    what is hidden in it. A recording is refused when its header does not add up; when it does, and our reader
    fails all the same, it is kept as it is for whoever has another reader, and marked.
    """
    upload.seek(0)
    sent = upload.read()
    content_type = content_type_of(sent[:512])
    if content_type in RECORDINGS:
        content, is_readable = sent, recording_is_readable(sent)
    else:
        content, is_readable = cleaned(sent, content_type), True
    return Examined(
        name=name_as(upload.name or "", content_type),
        content_type=content_type,
        content=content,
        sent_sha256=sha256(sent).hexdigest(),
        is_cleaned=content_type in CLEANERS,
        is_readable=is_readable,
        verdict=scanner.ask(sent),
    )


def cleaned(sent: bytes, content_type: str) -> bytes:
    """A process that crashed, or took too long, gave no reason that a person could do something about."""
    try:
        return limited.call(CLEANERS[content_type], sent)
    except limited.Failed as failed:
        raise Unreadable(failed.reason) from failed


def recording_is_readable(sent: bytes) -> bool:
    try:
        edf.read_header(sent[: edf.LONGEST_HEADER], len(sent))
    except edf.NotEdf as wrong:
        raise Unreadable("header", wrong.field) from wrong
    try:
        limited.call(READER, sent)
    except limited.Failed:
        return False
    return True
