"""The demo's mail, kept as files: one message, one .eml, named by when it came and by its Message-ID."""

from __future__ import annotations

import email
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path

KEPT_AT_MOST = 2_000
STAMP = "%Y%m%dT%H%M%S.%fZ"
ID = re.compile(r"(\d{8}T\d{6}\.\d{6}Z)-[0-9a-f]{12}", re.ASCII)


class NoSuchMail(LookupError):
    pass


@dataclass(frozen=True)
class KeptMail:
    id: str
    subject: str
    to: str
    sent_at: datetime
    text: str


def keep(directory: Path, raw: bytes) -> Path:
    """Write the message whole or not at all, and let the oldest beyond KEPT_AT_MOST go."""
    directory.mkdir(parents=True, exist_ok=True)
    name = header(parse(raw), "Message-ID") or secrets.token_hex(8)
    stamp = datetime.now(UTC).strftime(STAMP)
    path = directory / f"{stamp}-{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:12]}.eml"
    fresh = directory / f".{secrets.token_hex(8)}"
    fresh.write_bytes(raw)
    fresh.replace(path)
    for old in paths(directory)[KEPT_AT_MOST:]:
        old.unlink(missing_ok=True)
    return path


def kept(directory: Path) -> list[KeptMail]:
    """Newest first."""
    return [mail for path in paths(directory) if (mail := mail_of(path))]


def read(directory: Path, id: str) -> KeptMail:
    """Raises NoSuchMail, also for an id that is not one of ours (a path, say)."""
    mail = mail_of(directory / f"{id}.eml") if ID.fullmatch(id) else None
    if mail is None:
        raise NoSuchMail(id)
    return mail


def paths(directory: Path) -> list[Path]:
    return sorted((path for path in directory.glob("*.eml") if ID.fullmatch(path.stem)), reverse=True)


def mail_of(path: Path) -> KeptMail | None:
    """None if the file is gone: another process may have let it go meanwhile."""
    try:
        message = parse(path.read_bytes())
    except FileNotFoundError:
        return None
    return KeptMail(
        id=path.stem,
        subject=header(message, "Subject"),
        to=header(message, "To"),
        sent_at=datetime.strptime(path.stem.split("-")[0], STAMP).replace(tzinfo=UTC),
        text=text_of(message),
    )


def parse(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=modern)


def header(message: EmailMessage, name: str) -> str:
    """One line of printable text, whatever was sent: the standard parser raises on some hostile headers."""
    try:
        value = str(message.get(name, ""))
    except Exception:  # the parser's own errors are of many kinds
        value = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
    return printable(" ".join(str(value).split()))


def text_of(message: EmailMessage) -> str:
    """The plain text part; bytes that are no text in their charset show as replacement characters."""
    try:
        part = message.get_body(preferencelist=("plain", "html"))
    except Exception:
        part = message
    payload = (part if part is not None else message).get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = (part.get_content_charset() if part is not None else None) or "utf-8"
    try:
        return printable(payload.decode(charset, errors="replace"))
    except LookupError:
        return printable(payload.decode("utf-8", errors="replace"))


def printable(text: str) -> str:
    """Without lone surrogates and control characters, which neither a page nor a database takes."""
    text = text.replace("\r\n", "\n").encode("utf-8", errors="replace").decode()
    return "".join(character for character in text if character.isprintable() or character in "\n\t")
