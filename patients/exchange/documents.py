"""A PDF, written anew: its pages, without who made it, scripts, attached files and actions.

Runs in a limited process.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, sanitize, settings

from patients.exchange.unreadable import Unreadable

MOST_PAGES = 1_000
MOST_OBJECTS = 300_000
MOST_UNPACKED = 300_000_000
MOST_IN_ONE_STREAM = 120_000_000
MOST_PIXELS = 200_000_000
DEEPEST = 60
# Actions that run something, reach out of the document, or bring in what is not on its pages.
ACTIVE = {
    f"/{name}" for name in (
        "JavaScript", "Launch", "SubmitForm", "ImportData", "GoToR", "GoToE", "URI",
        "Rendition", "Movie", "Sound", "RichMediaExecute",
    )
}  # fmt: skip


def clean(data: bytes) -> bytes:
    """The pages alone. Raises Unreadable."""
    settings.set_qpdf_limits(
        flate_max_memory=MOST_IN_ONE_STREAM, run_length_max_memory=MOST_IN_ONE_STREAM,
        png_max_memory=MOST_IN_ONE_STREAM, tiff_max_memory=MOST_IN_ONE_STREAM, dct_max_memory=MOST_IN_ONE_STREAM,
    )  # fmt: skip
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            check_size(pdf)
            made = written(pdf)
        with pikepdf.open(BytesIO(made)) as again:
            check_calm(again)
    except Unreadable:
        raise
    except pikepdf.PasswordError as locked:
        raise Unreadable("encrypted") from locked
    except MemoryError as bomb:
        raise Unreadable("too_large_document") from bomb
    except Exception as wrong:  # whatever the parser raises: it is another's code on a stranger's bytes
        raise Unreadable("unreadable") from wrong
    return made


def check_size(pdf: pikepdf.Pdf) -> None:
    """How much a reader would have to unpack to show it."""
    if pdf.is_encrypted:
        raise Unreadable("encrypted")
    if not 0 < len(pdf.pages) <= MOST_PAGES or len(pdf.objects) > MOST_OBJECTS:
        raise Unreadable("too_large_document")
    unpacked = 0
    for stream in pdf.objects:
        if isinstance(stream, Stream):
            unpacked += size_of(stream)
        if unpacked > MOST_UNPACKED:
            raise Unreadable("too_large_document")


def size_of(stream: Stream) -> int:
    width, height = stream.get("/Width", 0), stream.get("/Height", 0)
    if isinstance(width, int) and isinstance(height, int) and width * height > MOST_PIXELS:
        raise Unreadable("too_large_document")
    failed_before = settings.qpdf_limit_errors()
    try:
        return len(stream.read_bytes())
    except pikepdf.PdfError as wrong:
        if settings.qpdf_limit_errors() > failed_before or "limit" in str(wrong).lower():
            raise Unreadable("too_large_document") from wrong
        # Packed in a way that only a picture's reader unpacks (JPEG, JBIG2): its size is bounded by its pixels.
        return len(stream.read_raw_bytes())


def written(pdf: pikepdf.Pdf) -> bytes:
    calmer = sanitize.Sanitizer().remove_javascript().remove_external_access().remove_attachments()
    calmer = calmer.remove_thumbnails().remove_search_index().remove_multimedia().remove_web_capture()
    calmer.remove_private_app_data().remove_collection().apply(pdf)
    without_metadata(pdf)
    made = BytesIO()
    pdf.save(
        made,
        compress_streams=False,
        object_stream_mode=pikepdf.ObjectStreamMode.preserve,
        fix_metadata_version=False,
        deterministic_id=True,
    )
    return made.getvalue()


def without_metadata(pdf: pikepdf.Pdf) -> None:
    """Author, programs, dates and the document's own number: of the whole and of each part."""
    for key in ("/Info", "/ID"):
        if key in pdf.trailer:
            del pdf.trailer[key]
    for thing in pdf.objects:
        for holder in parts(thing):
            if isinstance(holder.get("/Metadata"), Stream):
                del holder["/Metadata"]
            if "/XFA" in holder:
                del holder["/XFA"]


def check_calm(pdf: pikepdf.Pdf) -> None:
    """Nothing is taken on trust: what was written is looked through once more, wherever an action may hide."""
    for thing in pdf.objects:
        for holder in parts(thing):
            action = holder.get("/S")
            if isinstance(action, Name) and str(action) in ACTIVE and is_action(holder):
                raise Unreadable("active")
            if isinstance(holder.get("/EF"), Dictionary):
                raise Unreadable("active")


def is_action(holder: Any) -> bool:
    """/S names other things too: the kind of a structure element, a style, a border."""
    return bool(holder.get("/Type", Name.Action) == Name.Action)


def parts(thing: Any, depth: int = 0) -> Iterator[Any]:
    """Every dictionary that stands inside this object itself. Those it refers to come on their own."""
    if depth > DEEPEST:
        raise Unreadable("unreadable")
    if isinstance(thing, Dictionary | Stream):
        yield thing
        held = [value for _key, value in thing.items()]
    elif isinstance(thing, Array):
        held = list(thing)
    else:
        return
    for value in held:
        if isinstance(value, Dictionary | Stream | Array) and not value.is_indirect:
            yield from parts(value, depth + 1)
