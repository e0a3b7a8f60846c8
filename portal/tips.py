"""The outside copy of the audit trail's newest seals: a file of lines, in the order of their numbers.

    <number> <hash> <time of sealing>

One line each time something was sealed. Lines are only ever appended, and are on the disk before the next step.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

# More than a line is long.
LINE = 200
# What is put behind a line that a crash cut off: nothing is ever taken away from the file.
CUT = " cut"


class Unreadable(Exception):
    """A line that is none of ours: the file was written by somebody else, or cut in the middle."""


@dataclass(frozen=True, slots=True)
class Tip:
    number: int
    hash: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.number} {self.hash} {self.at.isoformat(timespec='seconds')}"

    @classmethod
    def read(cls, line: str) -> Tip:
        try:
            number, hash_, at = line.split()
            return cls(int(number), hash_, datetime.fromisoformat(at))
        except ValueError as wrong:
            raise Unreadable(f"This line is not one of an exported seal: {line.strip()[:80]!r}") from wrong


def last_kept(path: Path) -> Tip | None:
    """The newest, whole line; None where nothing was kept yet."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 2 * LINE))
        # What follows the last end of a line was cut off while it was written: it is written again.
        *lines, _cut = file.read().decode("ascii", "replace").split("\n")
    whole = [line for line in lines if not line.endswith(CUT)]
    return Tip.read(whole[-1]) if whole else None


def keep(path: Path, tip: Tip) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        start = "" if _ends_a_line(path) else f"{CUT}\n"
        file.write(f"{start}{tip}\n".encode("ascii"))
        file.flush()
        os.fsync(file.fileno())


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def kept(path: Path) -> Iterator[Tip]:
    """All of them, in the order of the file, one in memory at a time."""
    with path.open(encoding="ascii", errors="replace") as file:
        for line in file:
            if line.endswith("\n") and not line.endswith(f"{CUT}\n"):
                yield Tip.read(line)
