"""The demo's mailbox: whatever is sent is kept, listed and readable; an id leads nowhere else."""

from __future__ import annotations

import os
import re
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import mailbox
from portal.embedded.machine import free_port

ROOT = Path(__file__).resolve().parents[2]


def letter(subject: str = "A new message", text: str = "Please sign in to read it.\n") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "Clinic <no-reply@localhost>"
    message["To"] = "Åsa <asa@example.org>"
    message["Message-ID"] = "<one@localhost>"
    message.set_content(text)
    return message


def test_a_kept_message_is_listed_and_read(tmp_path: Path) -> None:
    path = mailbox.keep(tmp_path / "mail", bytes(letter("Grüße", "Guten Tag\n")))
    [mail] = mailbox.kept(tmp_path / "mail")
    assert mail == mailbox.read(tmp_path / "mail", path.stem)
    assert (mail.subject, mail.to, mail.text) == ("Grüße", "Åsa <asa@example.org>", "Guten Tag\n")
    assert datetime.now(UTC) - mail.sent_at < timedelta(minutes=1)


def test_newest_first_and_no_more_than_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "KEPT_AT_MOST", 3)
    for number in range(5):
        mailbox.keep(tmp_path, bytes(letter(f"number {number}")))
    assert [mail.subject for mail in mailbox.kept(tmp_path)] == ["number 4", "number 3", "number 2"]
    assert len(list(tmp_path.iterdir())) == 3


def test_an_empty_or_missing_mailbox_is_empty(tmp_path: Path) -> None:
    assert mailbox.kept(tmp_path / "none") == []


@pytest.mark.parametrize(
    "id",
    [
        "",
        ".",
        "../secret",
        "/etc/passwd",
        "20260101T000000.000000Z-000000000000/../../secret",
        "20260101T000000.000000Z-000000000000\n",
        "20260101T000000.000000Z-000000000000\x00",
        "20260101T000000.000000Z-000000000000",
        "٢٠٢٦٠١٠١T000000.000000Z-000000000000",
    ],
)
def test_an_id_leads_only_to_a_kept_message(tmp_path: Path, id: str) -> None:
    (tmp_path / "secret.eml").write_text("Subject: secret\n\n")
    with pytest.raises(mailbox.NoSuchMail):
        mailbox.read(tmp_path / "mail", id)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(head=st.binary(max_size=200), body=st.binary(max_size=200))
def test_whatever_is_sent_is_kept_and_readable(tmp_path: Path, head: bytes, body: bytes) -> None:
    path = mailbox.keep(tmp_path, b"Subject: " + head + b"\r\nTo: " + body + b"\r\n\r\n" + body)
    mail = mailbox.read(tmp_path, path.stem)
    for text in (mail.subject, mail.to, mail.text):
        assert re.search("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]", text) is None
        text.encode()
    assert path.read_bytes().endswith(body)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?utf-8?q?=00=01?=\n\nx",
        b"Subject: =?x-none?b?////?=\nContent-Type: text/plain; charset=x-none\n\n\xff\xfe",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n--b",
        b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n***",
        b"Content-Type: multipart/alternative\n\nno boundary",
        b"To: a@b:;,,<@>\nMessage-ID: <\nSubject: \xe5\n\n",
        b'Content-Type: text/plain; charset="utf-8\\x00"\n\nx',
    ],
)
def test_hostile_mail_is_kept_and_shown(tmp_path: Path, raw: bytes) -> None:
    mailbox.keep(tmp_path, raw)
    assert len(mailbox.kept(tmp_path)) == 1


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "manage.py", "mailbox", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "MAILBOX_DIR": str(tmp_path / "mail")},
        stdout=subprocess.DEVNULL,
    ) as process:
        await_listening(port)
        yield port
        process.terminate()
        assert process.wait(10) == 0


def await_listening(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the mailbox does not listen")


def test_mail_sent_by_smtp_is_kept(tmp_path: Path, port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
        for number in range(3):
            server.send_message(letter(f"number {number}", ".a line that begins with a dot\n"))
    found = mailbox.kept(tmp_path / "mail")
    assert [mail.subject for mail in found] == ["number 2", "number 1", "number 0"]
    assert found[0].text == ".a line that begins with a dot\n"
