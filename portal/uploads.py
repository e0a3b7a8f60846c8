"""What is too much is not read, or is read and not kept: a request has an end, and so has each file in it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

from portal import problems

if TYPE_CHECKING:
    Uploaded = UploadedFile[bytes]
else:
    Uploaded = UploadedFile

# Up to here a body with too many bytes of files is read, so that the text typed beside them comes back; not beyond.
READ_AT_MOST = 8


class Cap:
    """Just inside `Guard`: a body that is longer than anything we take is refused by its announced length, unread.

    Django counts text in forms only, and the API's parser reads JSON to its end however long it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return too_much(request) if announced(request) > most_of(request) else self.get_response(request)


def announced(request: HttpRequest) -> int:
    """Without a length there is no body: the server passes on none that it can't measure."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdigit() else 0


def most_of(request: HttpRequest) -> int:
    if request.content_type == "multipart/form-data":
        return int(READ_AT_MOST * settings.UPLOAD_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return int(
        settings.API_MAX_BYTES if request.path_info.startswith(problems.API) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    )


def too_much(request: HttpRequest) -> HttpResponse:
    if request.path_info.startswith(problems.API):
        return problems.answer(413, f"At most {most_of(request)} bytes.")
    return HttpResponse(render_to_string("413.html", {"clinic_phone": settings.CLINIC_PHONE}), status=413)


class TooLarge(Uploaded):
    """In place of a file that was not kept: its name, and how large it was."""


class Weighed(FileUploadHandler):
    """First in the row: when a request brings more than one file may hold, none of its files is written anywhere.

    The text beside them is read all the same, and comes back with the form and the reason.
    """

    is_over = False

    def handle_raw_input(
        self,
        input_data: Any,
        meta: Any,
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        self.is_over = content_length > settings.UPLOAD_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.is_over:
            raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return None if self.is_over else raw_data

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        if not self.is_over:
            return None
        return TooLarge(BytesIO(), self.file_name, self.content_type, file_size)
