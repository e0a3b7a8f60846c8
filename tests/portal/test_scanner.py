"""What is clean is only what the scanner says is clean, in full and in time."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from portal import scanner
from portal.scanner import Scan, Verdict
from tests.portal.clamd import VERSION, VIRUS, Clamd, clamd


@pytest.fixture
def daemon(settings: Settings) -> object:
    with clamd() as running:
        settings.VIRUS_SCANNER = running.address
        yield running


def test_without_a_scanner_nothing_is_claimed(settings: Settings) -> None:
    settings.VIRUS_SCANNER = ""
    assert scanner.ask(VIRUS) == Verdict(Scan.NOT_SCANNED, "", None)
    assert not scanner.is_set()


def test_what_is_clean_is_said_by_which_engine_and_when(daemon: Clamd) -> None:
    before = timezone.now()
    content = bytes(range(256)) * 5000
    verdict = scanner.ask(content)
    assert (verdict.scan, verdict.words) == (Scan.CLEAN, VERSION)
    assert verdict.at is not None
    assert before <= verdict.at <= timezone.now()
    assert daemon.heard == [content]


def test_what_is_found_is_named(daemon: Clamd) -> None:
    verdict = scanner.ask(b"before " + VIRUS + b" behind")
    assert (verdict.scan, verdict.words) == (Scan.INFECTED, "Fascicle.Test-1")


@pytest.mark.parametrize("manner", ["slow", "cut", "odd", "mute", "small", "rude"])
@pytest.mark.parametrize("content", [b"x" * 500, b"x" * 3_000_000 + VIRUS], ids=["small", "large"])
def test_whatever_else_it_says_is_no_answer(
    daemon: Clamd, manner: str, content: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(scanner, "PATIENCE_SECONDS", 1)
    daemon.manner = manner
    with caplog.at_level(logging.WARNING):
        verdict = scanner.ask(content)
    assert verdict.scan == Scan.FAILED
    assert verdict.at is not None
    assert "xxx" not in caplog.text


def test_a_scanner_that_is_down_is_no_answer(daemon: Clamd, settings: Settings, tmp_path: Path) -> None:
    assert scanner.answers()
    for address in ("tcp://127.0.0.1:1", f"unix://{tmp_path}/nobody"):
        settings.VIRUS_SCANNER = address
        assert scanner.ask(b"x").scan == Scan.FAILED
        assert not scanner.answers()


def test_a_socket_in_a_folder_does_as_well(settings: Settings, tmp_path: Path) -> None:
    with clamd(tmp_path) as running:
        settings.VIRUS_SCANNER = running.address
        assert scanner.ask(b"x").scan == Scan.CLEAN
        assert scanner.ask(VIRUS).scan == Scan.INFECTED
