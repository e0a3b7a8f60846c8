"""The bytes of a row of the audit trail, and the chain of hashes over them.

`encode` is injective: distinct values give distinct bytes, since each value says its type and its length before
itself. `decode` is its inverse; nothing of the portal asks for it, the tests of that claim do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TypeAlias
from uuid import UUID

Value: TypeAlias = "str | int | UUID | datetime | Sequence[Value] | None"

# What the first seal of a chain stands on.
NOTHING = "0" * 64
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def encode(value: Value) -> bytes:
    """One letter for the type, the length of what follows in decimal, a colon, and that."""
    match value:
        case None:
            return b"n0:"
        case str():
            return _framed(b"s", value.encode())
        case UUID():
            return _framed(b"u", value.bytes)
        case datetime():
            return _framed(b"t", str((value - EPOCH) // MICROSECOND).encode())
        case int():
            return _framed(b"i", str(value).encode())
        case _:
            return _framed(b"l", b"".join(encode(one) for one in value))


def _framed(kind: bytes, body: bytes) -> bytes:
    return kind + str(len(body)).encode() + b":" + body


def decode(framed: bytes) -> Value:
    value, rest = _read(framed)
    if rest:
        raise ValueError("there is more after the value")
    return value


def _read(framed: bytes) -> tuple[Value, bytes]:
    length, colon, rest = framed[1:].partition(b":")
    if not colon or len(rest) < int(length):
        raise ValueError("the value is cut off")
    body, rest = rest[: int(length)], rest[int(length) :]
    return _value(framed[:1], body), rest


def _value(kind: bytes, body: bytes) -> Value:
    match kind:
        case b"n":
            return None
        case b"s":
            return body.decode()
        case b"u":
            return UUID(bytes=body)
        case b"t":
            return EPOCH + int(body) * MICROSECOND
        case b"i":
            return int(body)
        case b"l":
            return _list(body)
    raise ValueError(f"no type is called {kind!r}")


def _list(body: bytes) -> list[Value]:
    values = []
    while body:
        value, body = _read(body)
        values.append(value)
    return values


def seal_hash(previous: str, rows: Iterable[Value], about: Value) -> str:
    """SHA-256 over the hash before, each row, and what the seal says of itself, in this order."""
    told = sha256(bytes.fromhex(previous))
    for row in rows:
        told.update(encode(row))
    told.update(encode(about))
    return told.hexdigest()


def in_groups(text: str, size: int = 8) -> str:
    """A hash as people compare it: in groups."""
    return " ".join(text[start : start + size] for start in range(0, len(text), size))
