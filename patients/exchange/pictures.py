"""A picture, written anew: what is seen of it and nothing that was hidden in it. Runs in a limited process.

EXIF with its place, XMP, IPTC, comments, thumbnails, second pictures and whatever stood before or after
the picture's own bytes stay behind, since only pixels are carried over.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageOps, JpegImagePlugin

from patients.exchange.unreadable import Unreadable

MOST_PIXELS = 60_000_000
LONGEST_SIDE = 20_000
# Carried over although it is no pixel: which colour of a palette is see-through.
KEPT = ("transparency",)


def clean(data: bytes) -> bytes:
    """The picture alone, upright. Raises Unreadable."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as picture:
            check_size(*picture.size)
            return written(picture)
    except Unreadable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as bomb:
        raise Unreadable("too_large_picture") from bomb
    except Exception as wrong:  # whatever the decoder raises: it is another's code on a stranger's bytes
        raise Unreadable("unreadable") from wrong


def check_size(width: int, height: int) -> None:
    """By the header, before anything is decoded."""
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise Unreadable("too_large_picture")


def written(picture: Image.Image) -> bytes:
    is_jpeg = isinstance(picture, JpegImagePlugin.JpegImageFile)
    how = as_it_was(picture) if is_jpeg else {}
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    shown = plain_colours(upright, picture.info.get("icc_profile"))
    shown.info = {name: picture.info[name] for name in KEPT if name in picture.info}
    made = BytesIO()
    shown.save(made, format="JPEG" if is_jpeg else "PNG", **how)
    return made.getvalue()


def as_it_was(picture: Any) -> dict[str, Any]:
    """The same tables as before: so little is lost by writing it again that nobody sees it."""
    sampling = JpegImagePlugin.get_sampling(picture)
    return {"qtables": picture.quantization, "subsampling": sampling if sampling >= 0 else 0, "exif": b""}


def plain_colours(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """In the colours every screen assumes: a profile may name its device, so it is used and not kept."""
    if not profile or picture.mode != "RGB":
        return picture
    try:
        theirs = ImageCms.ImageCmsProfile(BytesIO(profile))
        changed = ImageCms.profileToProfile(picture, theirs, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return picture
    return changed or picture
