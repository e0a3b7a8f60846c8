"""EDF, EDF+ and BDF headers: bytes to dataclass, by arithmetic and nothing else.

A recording starts with a header of fixed-width ASCII fields, 256 bytes for itself and 256 for each signal
(www.edfplus.info/specs). Readers believe it, and some crash on what it says; so it is added up here first, and
must agree with the size of the file to the byte. `without_identity` writes the same recording without whose it is.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

BLOCK = 256
MOST_SIGNALS = 512
# As much of a file as holds the largest header we take.
LONGEST_HEADER = BLOCK * (1 + MOST_SIGNALS)
MOST_RECORDS = 10_000_000
LONGEST_RECORD_SECONDS = 86_400
FASTEST = 200_000
FIXED = (8, 80, 80, 8, 8, 8, 44, 8, 8, 4)
PER_SIGNAL = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
ANNOTATIONS = {"EDF Annotations", "BDF Annotations"}
VERSIONS = {b"0       ": "EDF", b"\xffBIOSEMI": "BDF"}
BYTES_A_SAMPLE = {"EDF": 2, "BDF": 3}
WHOLE = re.compile(r"[+-]?\d{1,8}", re.ASCII)
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
MOMENT = re.compile(r"(\d\d)\.(\d\d)\.(\d\d)", re.ASCII)
# Two digits of a year: 85 to 99 are the last century (EDF+ 2.1.3.2).
FIRST_YEAR = 85
PATIENT, RECORDING, START_DATE = slice(8, 88), slice(88, 168), slice(168, 176)
NOBODY = b"X X X X".ljust(80)
SOME_DAY = b"Startdate X X X X".ljust(80)
ANONYMOUS_DATE = b"01.01.85"


class NotEdf(ValueError):
    """The header does not add up. `field` says which of its fields, in the words of the specification."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True)
class Signal:
    label: str
    transducer: str
    dimension: str
    physical_min: float
    physical_max: float
    digital_min: int
    digital_max: int
    prefilter: str
    samples: int  # in each record

    @property
    def is_annotations(self) -> bool:
        return self.label in ANNOTATIONS


@dataclass(frozen=True, slots=True)
class Header:
    kind: str  # "EDF" or "BDF"
    patient: str
    recording: str
    starts_at: datetime  # where the recording was made; the format knows no time zone
    reserved: str
    records: int
    record_seconds: float
    signals: tuple[Signal, ...]

    @property
    def header_bytes(self) -> int:
        return BLOCK * (1 + len(self.signals))

    @property
    def record_bytes(self) -> int:
        return BYTES_A_SAMPLE[self.kind] * sum(signal.samples for signal in self.signals)

    @property
    def seconds(self) -> float:
        return self.records * self.record_seconds

    @property
    def is_plus(self) -> bool:
        return self.reserved.startswith((f"{self.kind}+C", f"{self.kind}+D"))

    @property
    def is_continuous(self) -> bool:
        return not self.reserved.startswith(f"{self.kind}+D")


def read_header(head: bytes, size: int) -> Header:
    """The header of a file of `size` bytes that starts with `head`. Raises NotEdf, and nothing else."""
    kind = VERSIONS.get(head[:8], "")
    if not kind:
        raise NotEdf("version")
    fields = cut(head[:BLOCK], FIXED)
    count = whole(fields[9], "number of signals", 1, MOST_SIGNALS)
    length = BLOCK * (1 + count)
    if whole(fields[5], "number of bytes in header record", 0, LONGEST_HEADER) != length or len(head) < length:
        raise NotEdf("number of bytes in header record")
    signals = read_signals(head[BLOCK:length], count, kind)
    seconds = number(fields[8], "duration of a data record", 0, LONGEST_RECORD_SECONDS)
    check_speed(signals, seconds)
    header = Header(
        kind, fields[1], fields[2], moment(fields[3], fields[4]), fields[6],
        whole(fields[7], "number of data records", -1, MOST_RECORDS), seconds, signals,
    )  # fmt: skip
    return with_records(header, size)


def with_records(header: Header, size: int) -> Header:
    """As many records as the file holds, to the byte. -1 is written while a recording still runs: then we count."""
    records, rest = divmod(size - header.header_bytes, header.record_bytes)
    if rest or records < 1 or header.records not in (-1, records):
        raise NotEdf("number of data records")
    if header.is_plus and not any(signal.is_annotations for signal in header.signals):
        raise NotEdf("reserved")
    return Header(
        header.kind, header.patient, header.recording, header.starts_at, header.reserved,
        records, header.record_seconds, header.signals,
    )  # fmt: skip


def read_signals(block: bytes, count: int, kind: str) -> tuple[Signal, ...]:
    """The header holds all labels, then all transducers, and so on: columns, not rows."""
    starts = [0, *accumulate(width * count for width in PER_SIGNAL)]
    columns = [
        cut(block[start : start + width * count], (width,) * count)
        for start, width in zip(starts, PER_SIGNAL, strict=False)
    ]
    return tuple(signal_of(row, kind) for row in zip(*columns, strict=True))


def signal_of(row: tuple[str, ...], kind: str) -> Signal:
    lowest = -(2 ** (8 * BYTES_A_SAMPLE[kind] - 1))
    signal = Signal(
        label=row[0],
        transducer=row[1],
        dimension=row[2],
        physical_min=number(row[3], "physical minimum", -1e9, 1e9),
        physical_max=number(row[4], "physical maximum", -1e9, 1e9),
        digital_min=whole(row[5], "digital minimum", lowest, -lowest - 1),
        digital_max=whole(row[6], "digital maximum", lowest, -lowest - 1),
        prefilter=row[7],
        samples=whole(row[8], "number of samples in each data record", 1, 10_000_000),
    )
    if signal.physical_min == signal.physical_max:
        raise NotEdf("physical maximum")
    if signal.digital_min >= signal.digital_max:
        raise NotEdf("digital maximum")
    return signal


def check_speed(signals: tuple[Signal, ...], seconds: float) -> None:
    """A record of no length may hold annotations only; and nothing of a body is sampled as fast as radio."""
    for signal in signals:
        if not signal.is_annotations and signal.samples > FASTEST * seconds:
            raise NotEdf("duration of a data record")


def without_identity(data: bytes) -> bytes:
    """The same recording of nobody, made nowhere on no day: what may leave the clinic. Raises NotEdf.

    The clock time, the signals and the annotations stay as they are; what was typed into an annotation may
    still name somebody, and is for a person to read before it is shared.
    """
    read_header(data[:LONGEST_HEADER], len(data))
    shared = bytearray(data)
    shared[PATIENT], shared[RECORDING], shared[START_DATE] = NOBODY, SOME_DAY, ANONYMOUS_DATE
    return bytes(shared)


def cut(block: bytes, widths: tuple[int, ...]) -> list[str]:
    """Fields without the blanks after them. Numbers are ASCII; makers write µV in Latin-1, so that is let through."""
    if any(byte < 0x20 or 0x7F <= byte < 0xA0 for byte in block):
        raise NotEdf("a character that does not belong in a header")
    if len(block) != sum(widths):
        raise NotEdf("number of bytes in header record")
    starts = [0, *accumulate(widths)]
    text = block.decode("latin-1")
    return [text[start : start + width].rstrip(" ") for start, width in zip(starts, widths, strict=False)]


def whole(text: str, field: str, least: int, most: int) -> int:
    if not WHOLE.fullmatch(text) or not least <= int(text) <= most:
        raise NotEdf(field)
    return int(text)


def number(text: str, field: str, least: float, most: float) -> float:
    if not NUMBER.fullmatch(text):
        raise NotEdf(field)
    value = float(text)
    if not math.isfinite(value) or not least <= value <= most:
        raise NotEdf(field)
    return value


def moment(day: str, clock: str) -> datetime:
    found, told = MOMENT.fullmatch(day), MOMENT.fullmatch(clock)
    if not found or not told:
        raise NotEdf("startdate of recording")
    year = int(found[3]) + (1900 if int(found[3]) >= FIRST_YEAR else 2000)
    try:
        return datetime(year, int(found[2]), int(found[1]), int(told[1]), int(told[2]), int(told[3]))  # noqa: DTZ001
    except ValueError as wrong:
        raise NotEdf("startdate of recording") from wrong
