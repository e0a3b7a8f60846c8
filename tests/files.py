"""Files as people send them, and as they should not: built here, so that each test says what is in its file."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pikepdf
from PIL import Image

EDF_DATE = "14.03.26"


def pdf(words: str = "a referral", *, pages: int = 1) -> bytes:
    """A document with these words, readable in its bytes, on the first page."""
    made = BytesIO()
    document = pikepdf.new()
    for page in range(pages):
        document.add_blank_page(page_size=(200, 200))
        if page == 0:
            text = f"BT /F1 12 Tf 20 100 Td ({words}) Tj ET".encode()
            document.pages[0].obj["/Contents"] = document.make_stream(text)
    document.save(made, compress_streams=False)
    return made.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (24, 16), **how: Any) -> bytes:
    """Left half red, right half blue: so that one sees which way it is turned."""
    made = BytesIO()
    shown = Image.new("RGB", size, (200, 20, 20))
    shown.paste((20, 20, 200), (size[0] // 2, 0, *size))
    shown.save(made, format=kind, **how)
    return made.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header promises a picture of this size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


def pdf_bomb(unpacked: int) -> bytes:
    """A page whose content is a few kilobytes and unpacks to so much."""
    made = BytesIO()
    document = pikepdf.new()
    document.add_blank_page()
    packer = zlib.compressobj(9)
    block = b"\0" * 1_000_000
    packed = b"".join(packer.compress(block) for _ in range(unpacked // len(block))) + packer.flush()
    stream = pikepdf.Stream(document, packed, {"/Filter": pikepdf.Name.FlateDecode})
    document.pages[0].obj["/Contents"] = document.make_indirect(stream)
    document.save(made, compress_streams=False)
    return made.getvalue()


def edf(
    *,
    records: str = "3",
    seconds: str = "1",
    samples: Sequence[str] = ("10", "20"),
    header_bytes: str | None = None,
    count: str | None = None,
    version: bytes = b"0       ",
    patient: str = "MCH-0234567 F 02-MAY-1951 Haagse_Harry",
    recording: str = "Startdate 14-MAR-2026 EMG561 BK/JOP Sony",
    date: str = EDF_DATE,
    clock: str = "09.30.00",
    reserved: str = "",
    physical: tuple[str, str] = ("-500", "500"),
    digital: tuple[str, str] = ("-2048", "2047"),
    data: bytes | None = None,
) -> bytes:
    """A recording; each argument is the very text of a field, so that one may lie in it."""
    n = len(samples)
    length = str(256 * (1 + n)) if header_bytes is None else header_bytes
    fixed = [
        (patient, 80), (recording, 80), (date, 8), (clock, 8),
        (length, 8), (reserved, 44), (records, 8), (seconds, 8), (count or str(n), 4),
    ]  # fmt: skip
    columns = [
        ([f"EEG {i}" for i in range(n)], 16), (["AgAgCl"] * n, 80), (["uV"] * n, 8),
        ([physical[0]] * n, 8), ([physical[1]] * n, 8), ([digital[0]] * n, 8), ([digital[1]] * n, 8),
        (["HP:0.1Hz"] * n, 80), (list(samples), 8), ([""] * n, 32),
    ]  # fmt: skip
    text = "".join(value.ljust(width) for value, width in fixed)
    text += "".join(value.ljust(width) for values, width in columns for value in values)
    if data is None:
        width = 3 if version[:1] == b"\xff" else 2
        data = b"\x01" * (3 * width * sum(int(value) for value in samples if value.strip().isdigit()))
    return version + text.encode("latin-1") + data
