"""Pictures and documents are written anew: what is seen stays, what was hidden goes, what is a trap is refused."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from patients.exchange import documents, pictures, recordings
from patients.exchange.unreadable import Unreadable
from tests import files

SECRET = "Lindenweg 7"
GPS, ORIENTATION, DESCRIPTION = 0x8825, 0x0112, 0x010E


def photo(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION], exif[DESCRIPTION] = orientation, SECRET
    exif.get_ifd(GPS).update({1: "N", 2: (48.0, 12.0, 30.0)})
    return files.picture(
        "JPEG", (64, 32), exif=exif, comment=SECRET.encode(), xmp=b"<x:xmpmeta>Lindenweg 7</x:xmpmeta>"
    )


def opened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def test_a_photo_loses_where_it_was_taken() -> None:
    sent = photo()
    assert b"Lindenweg" in sent
    kept = pictures.clean(sent)
    assert b"Lindenweg" not in kept
    assert b"Exif" not in kept
    assert dict(opened(kept).getexif()) == {}
    assert opened(kept).info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photo_that_lies_on_its_side_is_stood_upright() -> None:
    kept = opened(pictures.clean(photo(orientation=6)))
    assert kept.size == (32, 64)
    # Turned a quarter to the right: what was left is above.
    above, below = kept.convert("RGB").getpixel((16, 4)), kept.convert("RGB").getpixel((16, 60))
    assert isinstance(above, tuple)
    assert isinstance(below, tuple)
    assert above[0] > 150 > above[2]
    assert below[2] > 150 > below[0]


def test_little_is_lost_by_writing_a_photo_again() -> None:
    sent = photo()
    before, after = opened(sent).convert("L").tobytes(), opened(pictures.clean(sent)).convert("L").tobytes()
    assert max(abs(a - b) for a, b in zip(before, after, strict=True)) <= 6


def test_a_png_loses_its_words_and_keeps_every_point() -> None:
    words = PngInfo()
    words.add_text("Author", SECRET)
    words.add_itxt("XML:com.adobe.xmp", f"<x>{SECRET}</x>")
    sent = files.picture(pnginfo=words)
    kept = pictures.clean(sent)
    assert b"Lindenweg" in sent
    assert b"Lindenweg" not in kept
    assert opened(kept).tobytes() == opened(sent).tobytes()


def test_a_see_through_palette_stays_see_through() -> None:
    made = BytesIO()
    sent = Image.new("P", (4, 4), 1)
    sent.putpalette([10, 20, 30, 40, 50, 60])
    sent.save(made, format="PNG", transparency=1)
    kept = opened(pictures.clean(made.getvalue()))
    assert kept.mode == "P"
    assert kept.convert("RGBA").getpixel((0, 0)) == (40, 50, 60, 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_comes_through(mode: str) -> None:
    made = BytesIO()
    Image.new(mode, (5, 5)).save(made, format="PNG")
    assert opened(pictures.clean(made.getvalue())).mode == mode


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_kind_of_jpeg_comes_through(mode: str) -> None:
    made = BytesIO()
    Image.new(mode, (5, 5)).save(made, format="JPEG")
    assert opened(pictures.clean(made.getvalue())).mode == mode


def test_what_stands_behind_a_picture_is_left_behind() -> None:
    for kind in ("PNG", "JPEG"):
        kept = pictures.clean(files.picture(kind) + b"<html><script>alert(1)</script>PK\x03\x04")
        assert b"script" not in kept
        assert b"PK\x03\x04" not in kept


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (25_000, 10), (10, 2**31 - 1), (9_000, 9_000)])
def test_a_picture_of_too_many_points_is_refused_before_it_is_unpacked(width: int, height: int) -> None:
    with pytest.raises(Unreadable) as refused:
        pictures.clean(files.png_claiming(width, height))
    assert refused.value.reason == "too_large_picture"


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\nx",
        b"\xff\xd8\xff junk",
        files.picture("PNG", (300, 300))[:-60],
        files.picture("JPEG", (300, 300))[:700],
        files.png_claiming(400, 400),
        b"GIF89a/*" + b"\0" * 30 + b"*/=1;alert(1)",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    ],
)
def test_a_picture_that_does_not_decode_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        pictures.clean(data)


def test_a_gif_in_the_clothes_of_a_png_is_refused() -> None:
    with pytest.raises(Unreadable):
        pictures.clean(files.picture("GIF"))


def loaded() -> bytes:
    """A PDF with one of everything that is not on its page."""
    made = BytesIO()
    document = pikepdf.open(BytesIO(files.pdf("what is seen")))
    document.docinfo["/Author"] = SECRET
    with document.open_metadata() as metadata:
        metadata["dc:creator"] = [SECRET]
    document.attachments["hidden.txt"] = f"attached at {SECRET}".encode()
    page = document.pages[0].obj
    page["/Metadata"] = document.make_stream(SECRET.encode(), {"/Type": pikepdf.Name.Metadata})
    page["/PieceInfo"] = pikepdf.Dictionary({"/App": pikepdf.Dictionary({"/Private": SECRET})})
    page["/AA"] = pikepdf.Dictionary({"/O": action("/Launch", F="calc.exe")})
    page["/Annots"] = pikepdf.Array([
        link(action("/JavaScript", JS="app.alert(1)")),
        link(action("/URI", URI="https://tracker.example/?who=1")),
        link(pikepdf.Dictionary({"/S": pikepdf.Name.GoTo, "/D": "x", "/Next": action("/SubmitForm", F="https://x.example")})),
    ])  # fmt: skip
    document.Root["/OpenAction"] = action("/JavaScript", JS="this.exportDataObject()")
    document.Root["/Names"]["/JavaScript"] = pikepdf.Dictionary(
        {"/Names": pikepdf.Array(["a", action("/JavaScript", JS="app.alert(2)")])}
    )
    document.Root["/AcroForm"] = pikepdf.Dictionary({"/Fields": pikepdf.Array([]), "/XFA": "<xdp/>"})
    document.save(made, compress_streams=False)
    return made.getvalue()


def action(kind: str, **about: str) -> pikepdf.Dictionary:
    return pikepdf.Dictionary({"/S": pikepdf.Name(kind), **{f"/{name}": value for name, value in about.items()}})


def link(what: pikepdf.Dictionary) -> pikepdf.Dictionary:
    rect = pikepdf.Array([0, 0, 9, 9])
    return pikepdf.Dictionary({"/Type": pikepdf.Name.Annot, "/Subtype": pikepdf.Name.Link, "/Rect": rect, "/A": what})


def test_a_document_keeps_what_is_seen_and_loses_the_rest() -> None:
    sent = loaded()
    kept = documents.clean(sent)
    assert b"(what is seen)" in kept
    for word in (
        b"Lindenweg", b"/JavaScript", b"app.alert", b"exportDataObject", b"/Launch", b"calc.exe", b"tracker.example",
        b"/SubmitForm", b"/EmbeddedFile", b"hidden.txt", b"/XFA", b"/Metadata", b"/PieceInfo", b"/Author",
    ):  # fmt: skip
        assert word not in kept, word
    assert b"Lindenweg" in sent
    with pikepdf.open(BytesIO(kept)) as document:
        assert len(document.pages) == 1
        assert dict(document.docinfo.items()) == {}


def test_what_stands_before_or_behind_a_document_is_left_behind() -> None:
    page = b"<html><script>alert(1)</script></html>"
    for sent in (files.pdf() + page, files.pdf().replace(b"%PDF-1.3\n", b"%PDF-1.3\n%" + page + b"\n", 1)):
        assert page in sent
        assert b"script" not in documents.clean(sent)


@pytest.mark.parametrize("unpacked", [200_000_000, 2_000_000_000])
def test_a_document_that_unpacks_to_too_much_is_refused(unpacked: int) -> None:
    sent = files.pdf_bomb(unpacked)
    assert len(sent) < 2_500_000
    with pytest.raises(Unreadable) as refused:
        documents.clean(sent)
    assert refused.value.reason == "too_large_document"


def test_many_small_bombs_are_one_large() -> None:
    made = BytesIO()
    with pikepdf.new() as document:
        for _ in range(5):
            with pikepdf.open(BytesIO(files.pdf_bomb(70_000_000))) as one:
                document.pages.extend(one.pages)
        document.save(made)
    with pytest.raises(Unreadable) as refused:
        documents.clean(made.getvalue())
    assert refused.value.reason == "too_large_document"


def test_a_document_of_too_many_pages_is_refused() -> None:
    with pytest.raises(Unreadable) as refused:
        documents.clean(files.pdf(pages=documents.MOST_PAGES + 1))
    assert refused.value.reason == "too_large_document"


@pytest.mark.parametrize("user", ["b", ""])
def test_a_locked_document_is_refused(user: str) -> None:
    made = BytesIO()
    with pikepdf.open(BytesIO(files.pdf())) as document:
        document.save(made, encryption=pikepdf.Encryption(owner="a", user=user))
    with pytest.raises(Unreadable) as refused:
        documents.clean(made.getvalue())
    assert refused.value.reason == "encrypted"


@pytest.mark.parametrize("data", [b"%PDF-1.7 x", b"%PDF-1.7\n<html>", files.pdf()[:200], b""])
def test_a_document_that_does_not_open_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        documents.clean(data)


def test_a_recording_is_read_to_its_end() -> None:
    assert recordings.look(files.edf()) == b'{"signals": 2, "seconds": 3.0, "annotations": 0}'
    with pytest.raises(Unreadable):
        recordings.look(files.edf(records="4"))
