"""Choosing files: each is looked into, and what is wrong with it is said by its name and with what to do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from patients.actions.examining import Examined, examine
from patients.exchange.unreadable import Unreadable
from patients.rules.file_types import UnknownType, clean_name
from portal.uploads import TooLarge

ACCEPTED = ".pdf,.png,.jpg,.jpeg,.edf,.bdf"
UNKNOWN = _("“%(name)s” is not a PDF, a PNG or JPEG picture, or an EDF or BDF recording.")
TOO_LARGE = _("“%(name)s” is too large: at most %(most)s MB a file.")
TOGETHER = _("“%(name)s” could not come along: all files of one sending may be %(most)s MB together.")
# By `Unreadable.reason`.
UNREADABLE = {
    "unreadable": _("“%(name)s” can’t be opened. It may be damaged: open it yourself, save it again, and choose the "
                    "new copy."),
    "encrypted": _("“%(name)s” is locked with a password. Save a copy without one, and choose that."),
    "too_large_picture": _("“%(name)s” has more points than we can open, at most 60 million. Save a smaller copy, and "
                           "choose that."),
    "too_large_document": _("“%(name)s” is larger inside than we can open: at most 1,000 pages, and not too many "
                            "pictures. Save the pages that matter as a new PDF, and choose that."),
    "active": _("“%(name)s” holds programs or other files that we can’t take out. Print it to a new PDF, and choose "
                "that."),
    "header": _("“%(name)s” is not a whole recording: what its beginning says and how long it is don’t agree "
                "(%(detail)s). Export it from the recorder again, and choose the new copy."),
}  # fmt: skip


def megabytes(count: int) -> str:
    return f"{count / 1_000_000:g}"


def what_we_take() -> str:
    says = gettext(
        "Reports, pictures or recordings: PDF, PNG, JPEG, EDF or BDF, at most %(files)s files and %(most)s MB "
        "together. We keep pictures and PDFs without what is hidden in them, such as the place a photo was taken. "
        "If the page comes back with a problem, choose them again: a page can’t keep files."
    )
    return says % {"files": settings.UPLOAD_MAX_FILES, "most": megabytes(settings.UPLOAD_MAX_BYTES)}


class FilePicker(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files. Each is looked into: its name and what the browser says of it prove nothing."""

    def __init__(self, **about: Any) -> None:
        super().__init__(widget=FilePicker(attrs={"accept": ACCEPTED}), **about)

    def clean(self, data: Any, initial: Any = None) -> list[Examined]:
        files = list(data) if isinstance(data, list | tuple) else [data] if data else []
        if len(files) > settings.UPLOAD_MAX_FILES:
            says = _("Choose at most %(most)s files.")
            raise forms.ValidationError(says, params={"most": settings.UPLOAD_MAX_FILES})
        sent = [super(FilesField, self).clean(file, initial) for file in files]
        found = [taken(file, sum(file.size for file in sent)) for file in sent]
        problems = [problem for problem in found if isinstance(problem, forms.ValidationError)]
        if problems:
            raise forms.ValidationError(problems)
        return [file for file in found if isinstance(file, Examined)]


def taken(file: UploadedFile[bytes], together: int) -> Examined | forms.ValidationError:
    """The file as it will be kept, or what is wrong with it. What is too large is not looked into."""
    about = {"name": clean_name(file.name or ""), "most": megabytes(settings.UPLOAD_MAX_BYTES)}
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        return forms.ValidationError(TOO_LARGE, params=about)
    if isinstance(file, TooLarge) or together > settings.UPLOAD_MAX_BYTES:
        return forms.ValidationError(TOGETHER, params=about)
    try:
        return examine(file)
    except UnknownType:
        return forms.ValidationError(UNKNOWN, params=about)
    except Unreadable as wrong:
        return forms.ValidationError(UNREADABLE[wrong.reason], params={**about, "detail": wrong.detail})
