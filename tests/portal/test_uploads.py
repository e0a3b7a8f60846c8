"""A body with no end is not read; one that is too large is written nowhere; text typed beside it comes back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from pytest_django import Settings

from patients.models import Attachment, Case, Patient
from portal.models import Department, User
from portal.uploads import TooLarge
from tests import files
from tests.patients.told import ask_form

SignIn = Callable[[User | Patient], Client]
pytestmark = pytest.mark.django_db


class Unread(BytesIO):
    """A body that must not be read."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def post_unread(client: Client, path: str, content_type: str, length: int) -> Any:
    body: dict[str, Any] = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(length), "CONTENT_TYPE": content_type}
    return client.generic("POST", path, **body)


@pytest.mark.parametrize("path", ["/api/v1/cases/", "/api/v1/nowhere/"])
def test_json_has_an_end(as_user: SignIn, nadia: User, path: str) -> None:
    answer = post_unread(as_user(nadia), path, "application/json", 1_000_001)
    assert answer.status_code == 413
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "Content Too Large"
    assert answer.json()["detail"] == "At most 1000000 bytes."


@pytest.mark.parametrize(
    ("content_type", "length"),
    [
        ("multipart/form-data; boundary=x", 10**12),
        ("application/x-www-form-urlencoded", 2_500_001),
        ("text/plain", 10**9),
        ("", 10**9),
    ],
)
def test_a_form_has_an_end(client: Client, content_type: str, length: int) -> None:
    answer = post_unread(client, "/ask/", content_type, length)
    assert answer.status_code == 413
    assert "more than we can take at once" in answer.content.decode()
    assert answer["X-Request-ID"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The temporary files that were made."""
    made: list[str] = []
    make = tempfile.NamedTemporaryFile

    def noted(*args: Any, **kwargs: Any) -> Any:
        found = make(*args, **kwargs)
        made.append(found.name)
        return found

    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", noted)
    return made


def request_with(*uploads: tuple[str, int]) -> WSGIRequest:
    body = encode_multipart(
        BOUNDARY,
        {"story": "It began two months ago.", "uploads": [SimpleUploadedFile(n, b"x" * s) for n, s in uploads]},
    )
    return WSGIRequest(
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": MULTIPART_CONTENT,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
    )


def test_what_is_too_much_is_read_and_written_nowhere(settings: Settings, written: list[str]) -> None:
    settings.UPLOAD_MAX_BYTES = 1_000_000
    request = request_with(("a.pdf", 3_000_000), ("b.pdf", 900_000))
    assert request.POST["story"] == "It began two months ago."
    found = request.FILES.getlist("uploads")
    assert [(type(file), file.name, file.size, file.read()) for file in found] == [
        (TooLarge, "a.pdf", 3_000_000, b""),
        (TooLarge, "b.pdf", 900_000, b""),
    ]
    assert written == []


def test_what_is_not_too_much_arrives(written: list[str]) -> None:
    [found] = request_with(("a.pdf", 3_000_000)).FILES.getlist("uploads")
    assert (found.size, found.read(3)) == (3_000_000, b"xxx")
    assert len(written) == 1
    found.close()
    assert not Path(written[0]).exists()


def test_a_person_is_told_by_name_and_keeps_what_they_typed(
    as_user: SignIn, alice: Patient, neurology: Department, settings: Settings
) -> None:
    settings.UPLOAD_MAX_BYTES = 1_000_000
    uploads = [SimpleUploadedFile("film.pdf", b"x" * 4_000_000), SimpleUploadedFile("letter.pdf", files.pdf())]
    answer = as_user(alice).post("/ask/", ask_form(uploads=uploads))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“film.pdf” is too large: at most 1 MB a file." in page
    assert "“letter.pdf” could not come along: all files of one sending may be 1 MB together." in page
    assert "It began two months ago." in page
    assert "Eyelid keeps twitching" in page
    assert not Case.objects.exists()


def test_files_are_counted_together(as_user: SignIn, alice: Patient, neurology: Department, settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 1_000
    one = files.pdf("x" * 300)
    assert 500 < len(one) < 1_000
    answer = as_user(alice).post("/ask/", ask_form(uploads=[SimpleUploadedFile(f"{n}.pdf", one) for n in "ab"]))
    assert "all files of one sending may be 0.001 MB together" in answer.content.decode()
    settings.UPLOAD_MAX_FILES = 1
    answer = as_user(alice).post("/ask/", ask_form(uploads=[SimpleUploadedFile(f"{n}.pdf", one) for n in "ab"]))
    assert "Choose at most 1 files." in answer.content.decode()
    assert not Attachment.objects.exists()


def test_a_form_of_very_many_files_is_refused(as_user: SignIn, alice: Patient) -> None:
    uploads = [SimpleUploadedFile(f"{n}.pdf", b"x") for n in range(21)]
    assert as_user(alice).post("/ask/", ask_form(uploads=uploads)).status_code == 400
