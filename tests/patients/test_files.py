"""Files of a case: looked into, cleaned, counted, scanned, held back, swept; and served so that nothing runs."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import Settings

from patients import tasks
from patients.actions import attachments, examining
from patients.actions.attachments import Blind, Infected, NoRoom
from patients.exchange.unreadable import REASONS, Unreadable
from patients.forms.files import UNREADABLE
from patients.models import Attachment, Case, Patient
from portal import limited, scanner
from portal.access import SYSTEM, IllegalMove, Refused
from portal.acting import acting_as
from portal.models import AuditEvent, Clinic, Department, User
from portal.scanner import Scan, Verdict
from tests import files, make
from tests.patients.told import ask_form, trail
from tests.portal.clamd import VERSION, VIRUS, Clamd, clamd

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
SignIn = Callable[[User | Patient], Client]
DAY = 24 * 60 * 60


def attach(case: Case, content: bytes | None = None, name: str = "report.pdf", by: User | None = None) -> Attachment:
    by = by or case.patient.user
    assert by
    with acting_as(by):
        upload = SimpleUploadedFile(name, files.pdf() if content is None else content)
        return attachments.attach(case, by=by, upload=upload)


def stored(store: Path) -> list[Path]:
    return [path for path in store.rglob("*") if path.is_file()]


@pytest.fixture
def daemon(settings: Settings) -> Iterator[Clamd]:
    with clamd() as running:
        settings.VIRUS_SCANNER = running.address
        yield running


class TestWhatIsKept:
    def test_a_photo_is_kept_without_where_it_was_taken(self, case: Case, store: Path) -> None:
        exif = Image.Exif()
        exif[0x010E] = "Lindenweg 7"
        sent = files.picture("JPEG", exif=exif)
        row = attach(case, sent, "photo.jpg")
        [kept] = stored(store)
        assert b"Lindenweg" in sent
        assert b"Lindenweg" not in kept.read_bytes()
        assert row.is_cleaned
        assert row.sent_sha256 == sha256(sent).hexdigest()
        assert row.sha256 == sha256(kept.read_bytes()).hexdigest() != row.sent_sha256
        assert row.size == kept.stat().st_size
        assert kept.name == str(row.pk)

    def test_a_recording_is_kept_as_it_was_sent(self, case: Case, store: Path) -> None:
        sent = files.edf()
        row = attach(case, sent, "eeg.edf")
        [kept] = stored(store)
        assert kept.read_bytes() == sent
        assert (row.content_type, row.is_cleaned, row.is_readable) == ("application/edf", False, True)
        assert row.sha256 == row.sent_sha256

    def test_a_recording_that_adds_up_and_crashes_its_reader_is_kept_and_marked(
        self, case: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(examining, "READER", "tests.portal.test_limited:crash")
        assert not attach(case, files.edf(), "eeg.edf").is_readable

    def test_a_recording_that_lies_never_reaches_its_reader(self, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limited, "call", lambda *_: pytest.fail("it was read"))
        with pytest.raises(Unreadable) as refused:
            attach(case, files.edf(records="400"), "eeg.edf")
        assert (refused.value.reason, refused.value.detail) == ("header", "number of data records")

    def test_no_parser_runs_in_our_own_process(self, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("PIL.Image.open", lambda *_, **__: pytest.fail("in our process"))
        monkeypatch.setattr("pikepdf.open", lambda *_, **__: pytest.fail("in our process"))
        monkeypatch.setattr("edfio.read_edf", lambda *_, **__: pytest.fail("in our process"))
        for content, name in ((files.pdf(), "a.pdf"), (files.picture(), "a.png"), (files.edf(), "a.edf")):
            assert attach(case, content, name).is_readable

    @pytest.mark.parametrize("function", ["crash", "hang"])
    def test_a_parser_that_dies_refuses_its_file_and_nothing_else(
        self, case: Case, store: Path, monkeypatch: pytest.MonkeyPatch, function: str
    ) -> None:
        monkeypatch.setitem(examining.CLEANERS, "application/pdf", f"tests.portal.test_limited:{function}")
        monkeypatch.setattr(limited.call, "__kwdefaults__", {"seconds": 1})
        with pytest.raises(Unreadable, match=r"^(crash|time)$") as refused:
            attach(case)
        assert refused.value.reason == "unreadable"
        assert attach(case, files.picture(), "a.png").size
        assert len(stored(store)) == 1

    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            ("../../etc/passwd", "passwd.pdf"),
            ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie: x=1.pdf"),
            ("gpj\u202efdp.exe", "gpjfdp.exe.pdf"),
            ("nul\x00.pdf", "nul.pdf"),
            ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
            ("page.html", "page.html.pdf"),
            ("報告 Ü.PDF", "報告 Ü.PDF"),
            (" . ", "file.pdf"),
        ],
    )
    def test_names_are_safe_and_say_what_the_file_is(self, case: Case, name: str, kept: str) -> None:
        upload = SimpleUploadedFile("x", files.pdf())
        upload._name = name  # type: ignore[attr-defined]  # as it would come from another way in than a form
        user = case.patient.user
        assert user
        with acting_as(user):
            assert attachments.attach(case, by=user, upload=upload).name == kept


def test_every_reason_has_its_words() -> None:
    assert set(UNREADABLE) == REASONS


HOSTILE = [
    ("a.png", files.png_claiming(50_000, 50_000), "has more points than we can open"),
    ("a.pdf", files.pdf_bomb(500_000_000), "is larger inside than we can open"),
    ("a.edf", files.edf(records="99"), "is not a whole recording"),
    ("a.edf", files.edf()[:700], "is not a whole recording"),
    ("a.jpg", files.picture("JPEG", (300, 300))[:700], "can’t be opened"),
    ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "is not a PDF"),
    ("a.html", b"<html><script>alert(1)</script>", "is not a PDF"),
    ("a.gif", b"GIF89a/*" + b"\0" * 30 + b"*/=1;alert(1)", "is not a PDF"),
    ("a.pdf", b"<html>" + files.pdf(), "is not a PDF"),
    ("a.zip", b"PK\x03\x04" + b"\0" * 100, "is not a PDF"),
]


@pytest.mark.parametrize(("name", "content", "words"), HOSTILE)
def test_a_trap_is_refused_in_plain_words_and_the_text_is_kept(
    as_user: SignIn, alice: Patient, neurology: Department, store: Path, name: str, content: bytes, words: str
) -> None:
    answer = as_user(alice).post("/ask/", ask_form(uploads=[SimpleUploadedFile(name, content)]))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"“{name}” {words}" in page
    assert "It began two months ago." in page
    assert not Case.objects.exists()
    assert stored(store) == []


class TestQuota:
    def test_a_person_has_room_for_so_many_files(self, case: Case, settings: Settings, store: Path) -> None:
        settings.PATIENT_QUOTA_FILES = 2
        attach(case)
        attach(case)
        with pytest.raises(NoRoom):
            attach(case)
        assert Attachment.objects.count() == len(stored(store)) == 2
        assert trail("attachments.attach")[-1] == ("refusal", "no_room")

    def test_and_for_so_many_bytes_whichever_case_they_are_of(
        self, case: Case, cardiology: Department, settings: Settings
    ) -> None:
        size = attach(case).size
        settings.PATIENT_QUOTA_BYTES = 2 * size
        other = make.make_case(case.patient, cardiology)
        attach(other)
        with pytest.raises(NoRoom):
            attach(other)

    def test_it_is_said_with_the_form_and_nothing_is_sent(
        self, as_user: SignIn, case: Case, settings: Settings, store: Path
    ) -> None:
        settings.PATIENT_QUOTA_FILES = 1
        uploads = [SimpleUploadedFile(f"{n}.pdf", files.pdf()) for n in "ab"]
        answer = as_user(case.patient).post("/ask/", ask_form(uploads=uploads))
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "There is no room left for “b.pdf”: we keep at most 1 files" in page
        assert "It began two months ago." in page
        assert list(Case.objects.all()) == [case]
        assert trail("attachments.attach") == [("refusal", "no_room")]

    @pytest.mark.django_db(transaction=True)
    def test_files_sent_at_once_do_not_pass_it_together(
        self, case: Case, cardiology: Department, settings: Settings
    ) -> None:
        """Eight senders on two cases of one person, room for three."""
        settings.PATIENT_QUOTA_FILES = 3
        other = make.make_case(case.patient, cardiology)
        examined = examining.examine(SimpleUploadedFile("a.pdf", files.pdf()))
        user, outcomes, gate = case.patient.user, [], threading.Barrier(8)
        assert user

        def send(number: int) -> None:
            gate.wait()
            try:
                with acting_as(user):
                    attachments.attach((case, other)[number % 2], by=user, upload=examined)
                outcomes.append("kept")
            except NoRoom:
                outcomes.append("no room")
            finally:
                connection.close()

        senders = [threading.Thread(target=send, args=(number,)) for number in range(8)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(60)
        assert sorted(outcomes) == ["kept"] * 3 + ["no room"] * 5
        assert Attachment.objects.count() == 3


class TestScan:
    def test_without_a_scanner_it_is_said_honestly(self, as_user: SignIn, case: Case, nadia: User) -> None:
        row = attach(case)
        assert (row.scan, row.scanned_at) == (Scan.NOT_SCANNED, None)
        assert "Not scanned for viruses." in as_user(case.patient).get(f"/my/cases/{case.ref}/").content.decode()
        assert (
            "Not scanned for viruses."
            in as_user(nadia).get(reverse("clinicians:case", args=[case.ref])).content.decode()
        )

    def test_what_is_clean_says_by_whom_and_when(self, case: Case, daemon: Clamd) -> None:
        sent = files.pdf()
        row = attach(case, sent)
        assert (row.scan, row.scan_note) == (Scan.CLEAN, VERSION)
        assert row.scanned_at
        assert "none found" in row.scan_words
        # The scanner is asked about what was sent, before anything was taken out of it.
        assert daemon.heard == [sent]

    def test_what_is_infected_is_refused_and_on_record(self, case: Case, daemon: Clamd, store: Path) -> None:
        with pytest.raises(Infected):
            attach(case, files.pdf(VIRUS.decode()))
        assert stored(store) == []
        assert not Attachment.objects.exists()
        event = AuditEvent.objects.get(name="attachments.attach")
        assert (event.kind, event.outcome, event.people) == ("refusal", "infected", [case.patient_id])

    def test_with_the_form_too_and_nothing_is_sent(
        self, as_user: SignIn, alice: Patient, neurology: Department, daemon: Clamd, store: Path
    ) -> None:
        uploads = [SimpleUploadedFile("a.pdf", files.pdf()), SimpleUploadedFile("b.pdf", files.pdf(VIRUS.decode()))]
        answer = as_user(alice).post("/ask/", ask_form(uploads=uploads))
        assert answer.status_code == 422
        assert "A virus was found in “b.pdf”. We did not keep it." in answer.content.decode()
        assert "It began two months ago." in answer.content.decode()
        assert not Case.objects.exists()
        assert trail("attachments.attach") == [("refusal", "infected")]

    def test_what_could_not_be_scanned_is_held_for_its_sender_alone(
        self, as_user: SignIn, case: Case, nadia: User, daemon: Clamd
    ) -> None:
        daemon.manner = "mute"
        row = attach(case)
        assert row.scan == Scan.FAILED
        path = f"/my/files/{row.pk}/"
        assert as_user(case.patient).get(path).status_code == 200
        held = as_user(nadia).get(path)
        assert held.status_code == 409
        assert b"%PDF" not in held.content
        assert "waits for its virus scan" in held.content.decode()
        desk = as_user(nadia).get(reverse("clinicians:case", args=[case.ref])).content.decode()
        assert "Waits for its virus scan" in desk
        assert path not in desk

    def test_it_opens_once_it_is_found_clean(self, as_user: SignIn, case: Case, nadia: User, daemon: Clamd) -> None:
        daemon.manner = "mute"
        row = attach(case)
        assert tasks.scan_files() == 0
        daemon.manner = "well"
        assert tasks.scan_files() == 1
        row.refresh_from_db()
        assert (row.scan, row.scan_note) == (Scan.CLEAN, VERSION)
        assert as_user(nadia).get(f"/my/files/{row.pk}/").status_code == 200
        assert tasks.scan_files() == 0
        assert trail("attachments.judge") == [("verb", "")]

    @pytest.mark.django_db(transaction=True)
    def test_what_is_then_found_infected_leaves_the_store(
        self, as_user: SignIn, case: Case, daemon: Clamd, store: Path
    ) -> None:
        daemon.manner = "mute"
        row = attach(case, files.pdf(VIRUS.decode()))
        assert len(stored(store)) == 1
        daemon.manner = "well"
        assert tasks.scan_files() == 1
        row.refresh_from_db()
        assert (row.scan, row.scan_note) == (Scan.INFECTED, "Fascicle.Test-1")
        assert stored(store) == []
        for who in (case.patient, row.added_by):
            gone = as_user(who).get(f"/my/files/{row.pk}/")
            assert gone.status_code == 409
            assert "A virus was found in it on" in gone.content.decode()
        assert "and it was removed" in as_user(case.patient).get(f"/my/cases/{case.ref}/").content.decode()

    def test_what_came_before_the_scanner_is_scanned_too(self, case: Case, settings: Settings) -> None:
        settings.VIRUS_SCANNER = ""
        row = attach(case)
        assert tasks.scan_files() == 0
        with clamd() as running:
            settings.VIRUS_SCANNER = running.address
            assert tasks.scan_files() == 1
        row.refresh_from_db()
        assert row.scan == Scan.CLEAN

    def test_one_file_that_the_scanner_cannot_take_holds_up_no_other(self, case: Case, daemon: Clamd) -> None:
        daemon.manner = "mute"
        attach(case, files.edf(), "eeg.edf")
        attach(case, files.picture(), "a.png")
        daemon.manner = "small"
        assert Attachment.objects.get(name="a.png").size < 100 < Attachment.objects.get(name="eeg.edf").size
        assert tasks.scan_files() == 1
        assert sorted(Attachment.objects.values_list("name", "scan")) == [("a.png", "clean"), ("eeg.edf", "failed")]

    def test_a_missing_file_holds_up_no_other(self, case: Case, settings: Settings, store: Path) -> None:
        attach(case)
        stored(store)[0].unlink()
        attach(case, files.picture(), "a.png")
        with clamd() as running:
            settings.VIRUS_SCANNER = running.address
            assert tasks.scan_files() == 1

    def test_a_verdict_stands(self, case: Case, daemon: Clamd) -> None:
        row = attach(case)
        with pytest.raises(IllegalMove), acting_as(SYSTEM):
            attachments.judge(row, by=SYSTEM, verdict=scanner.ask(VIRUS))
        row.refresh_from_db()
        assert row.scan == Scan.CLEAN

    def test_only_the_system_judges(self, case: Case, nadia: User) -> None:
        row = attach(case)
        with pytest.raises(Refused), acting_as(nadia):
            attachments.judge(row, by=nadia, verdict=Verdict(Scan.INFECTED))


class TestSweep:
    def sweep(self) -> int:
        return cast(int, tasks.sweep_files())

    def test_the_file_of_a_transaction_that_rolled_back_is_removed_after_a_day(self, case: Case, store: Path) -> None:
        kept = attach(case)
        with pytest.raises(RuntimeError), transaction.atomic():
            attach(case, files.picture(), "lost.png")
            raise RuntimeError
        assert len(stored(store)) == 2
        assert self.sweep() == 0
        self.age(store, DAY + 60)
        assert self.sweep() == 1
        assert [path.name for path in stored(store)] == [str(kept.pk)]
        assert trail("attachments.sweep") == [("verb", "")] * 2

    def age(self, store: Path, seconds: float) -> None:
        for path in stored(store):
            os.utime(path, (time.time() - seconds,) * 2)

    def test_files_that_are_not_named_as_ours_are_left_alone(self, case: Case, store: Path) -> None:
        attach(case)
        for name in ("README", "attachments/aa/notes.txt", "other/aa/" + str(uuid4())):
            (store / name).parent.mkdir(parents=True, exist_ok=True)
            (store / name).write_text("x")
        self.age(store, 2 * DAY)
        assert self.sweep() == 0
        assert len(stored(store)) == 4

    @pytest.mark.django_db(transaction=True)
    def test_what_was_found_infected_is_removed_should_it_still_be_there(
        self, case: Case, daemon: Clamd, store: Path
    ) -> None:
        attach(case)
        daemon.manner = "mute"
        row = attach(case)
        row.judge(Verdict(Scan.INFECTED, "x", row.created_at))
        self.age(store, 2 * DAY)
        assert self.sweep() == 1

    def test_who_sees_no_rows_removes_nothing(self, case: Case, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Were the rows hidden from the system by a wall, every file would look like nobody's."""
        for _ in range(3):
            attach(case)
        self.age(store, 2 * DAY)
        rows = type(Attachment.objects.all())
        monkeypatch.setattr(rows, "visible_to", lambda self, *_: self.none())
        with pytest.raises(Blind), acting_as(SYSTEM):
            attachments.sweep.__wrapped__(Clinic.the(), by=SYSTEM)  # type: ignore[attr-defined]
        assert len(stored(store)) == 3

    def test_a_great_many_at_once_are_no_tidying_up(self, case: Case, store: Path) -> None:
        attach(case)
        for _ in range(attachments.FEW + 1):
            path = store / "attachments" / "aa" / str(uuid4())
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
        self.age(store, 2 * DAY)
        with pytest.raises(Blind):
            self.sweep()
        assert len(stored(store)) == attachments.FEW + 2
        assert trail("attachments.sweep") == [("refusal", "blind")]

    def test_an_empty_store_is_swept(self) -> None:
        assert self.sweep() == 0

    def test_a_person_may_ask_for_it(self, case: Case, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        attach(case)
        call_command("sweep_files")
        assert capsys.readouterr().out.strip() == "Removed: 0"


class TestServed:
    def test_headers(self, as_user: SignIn, case: Case) -> None:
        row = attach(case, files.picture(), "Bericht “Ü”; filename=evil.html")
        response = as_user(case.patient).get(f"/my/files/{row.pk}/")
        raw = response.serialize_headers()
        assert raw.count(b"\r\n") == len(list(response.items())) - 1
        wanted = {
            "Content-Type": "image/png",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Accept-Ranges": "none",
            "Content-Length": str(row.size),
        }
        assert {name: response[name] for name in wanted} == wanted

    @pytest.mark.parametrize(
        ("name", "header"),
        [
            ("plain.pdf", b'Content-Disposition: attachment; filename="plain.pdf"'),
            ('a"b\\c.pdf', b'Content-Disposition: attachment; filename="c.pdf"'),
            ('a"; filename="evil.exe', b'Content-Disposition: attachment; filename="a\\"; filename=\\"evil.exe.pdf"'),
            ("報告.pdf", b"Content-Disposition: attachment; filename*=utf-8''%E5%A0%B1%E5%91%8A.pdf"),
            ("a\r\nX-Evil: 1.pdf", b'Content-Disposition: attachment; filename="aX-Evil: 1.pdf"'),
            ("\u202efdp.exe", b'Content-Disposition: attachment; filename="fdp.exe.pdf"'),
            ("../../x.html", b'Content-Disposition: attachment; filename="x.html.pdf"'),
            ("e\u0301\u2028.pdf", b"Content-Disposition: attachment; filename*=utf-8''e%CC%81.pdf"),
        ],
    )
    def test_whatever_the_row_says_the_header_is_one_line(
        self, as_user: SignIn, case: Case, name: str, header: bytes
    ) -> None:
        """Past the verb, as a row might come from an import: the view does not rely on it."""
        row = attach(case)
        Attachment.objects.filter(pk=row.pk).update(name=name)
        raw = as_user(case.patient).get(f"/my/files/{row.pk}/").serialize_headers()
        assert header in raw.split(b"\r\n")
        assert b"\r\nX-Evil" not in raw

    def test_a_part_is_not_served_and_head_has_no_body(self, as_user: SignIn, case: Case) -> None:
        row = attach(case)
        browser = as_user(case.patient)
        whole = browser.get(f"/my/files/{row.pk}/", headers={"Range": "bytes=0-3"})
        assert whole.status_code == 200
        assert len(b"".join(whole.streaming_content)) == row.size  # type: ignore[attr-defined]
        head = browser.head(f"/my/files/{row.pk}/")
        assert (head.status_code, head["Content-Length"]) == (200, str(row.size))
        assert b"".join(head.streaming_content) == b""  # type: ignore[attr-defined]
        for method in ("post", "put", "delete"):
            assert getattr(browser, method)(f"/my/files/{row.pk}/").status_code == 405

    def test_a_missing_file_is_said_plainly(self, as_user: SignIn, case: Case, store: Path) -> None:
        row = attach(case)
        stored(store)[0].unlink()
        answer = as_user(case.patient).get(f"/my/files/{row.pk}/")
        assert answer.status_code == 404
        assert "its content is no longer in our store" in answer.content.decode()

    def test_to_a_stranger_held_missing_and_removed_are_all_nothing(
        self, as_user: SignIn, case: Case, bob: Patient, daemon: Clamd
    ) -> None:
        daemon.manner = "mute"
        row = attach(case, name="secretname.pdf")
        answers = [as_user(bob).get(f"/my/files/{key}/") for key in (row.pk, uuid4())]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert "secretname" not in answers[0].content.decode()

    def test_what_is_served_can_be_shown(self, as_user: SignIn, case: Case) -> None:
        row = attach(case, files.picture("JPEG"), "a.jpg")
        response = as_user(case.patient).get(f"/my/files/{row.pk}/")
        content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
        assert Image.open(BytesIO(content)).size == (24, 16)
        assert sha256(content).hexdigest() == row.sha256
