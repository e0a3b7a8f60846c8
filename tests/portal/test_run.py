"""`make run` for real: to the first page, through a kill -9 of everything, to Ctrl-C."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from portal import embedded
from portal.embedded import machine, postgres, scratch, valkey
from portal.processes import leftovers

ROOT = Path(__file__).resolve().parents[2]
TAKEN = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "SITE_URL",
    "EMAIL_URL",
    "MAILBOX_DIR",
    "FILES_DIR",
    "STATIC_ROOT",
    "AUDIT_TIP_FILE",
)


class Run:
    def __init__(self, home: Path, port: int, **more: str) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in TAKEN}
        self.home, self.port, self.lines = home, port, list[str]()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "portal.supervisor"],
            cwd=ROOT,
            env={**environment, "FASCICLE_HOME": str(home), "PORT": str(port), **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def await_line(self, words: str, seconds: float = 150) -> None:
        self.until(lambda: words in self.said, seconds)

    def until(self, what: Callable[[], object], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, self.said
            assert self.process.poll() is None, self.said
            time.sleep(0.05)

    def page(self, path: str = "/sign-in/") -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers={"Host": "localhost"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def end(self) -> int:
        code = self.process.wait(40)
        self.reader.join(10)
        assert self.process.stdout
        self.process.stdout.close()
        return code

    def is_refused(self, sentence: str) -> bool:
        return self.end() == 1 and re.search(f"^Fascicle can't start: .*{sentence}", self.said) is not None


@pytest.fixture
def home() -> Iterator[Path]:
    with scratch.scratch(ROOT / ".local") as home:
        yield home


def kill_everything(run: Run) -> None:
    database, broker = embedded.places(run.home)
    servers = [postgres.recorded_pid(database), valkey.recorded_pid(broker)]
    for pid in [run.process.pid, *leftovers(str(run.home)), *servers]:
        with suppress(ProcessLookupError):
            os.kill(pid or 0, signal.SIGKILL)
    run.end()


def kept_row(home: Path, statement: str) -> None:
    with psycopg.connect(str(embedded.start(home, broker=False).owner_url)) as connection:
        connection.execute(statement)


def test_from_nothing_to_the_first_page_through_kill_9_to_ctrl_c(home: Path) -> None:
    run = Run(home, machine.free_port())
    run.await_line("Fascicle is at")
    assert run.page() == 200
    assert Run(home, machine.free_port()).is_refused(rf"already running \(process {run.process.pid}")
    assert Run(home / "other", run.port).is_refused(rf"port {run.port} is taken .*make run PORT=")
    kept_row(home, "CREATE TABLE kept AS SELECT 1 AS one")
    secret = (home / "secret").read_text()
    run.await_line("celery@")
    kill_everything(run)

    again = Run(home, run.port)
    again.await_line("Fascicle is at")
    assert again.page() == 200
    kept_row(home, "SELECT one FROM kept")
    assert (home / "secret").read_text() == secret

    again.await_line("Ctrl-C stops it")
    [master] = [pid for pid in leftovers(str(home)) if is_web_master(pid)]
    os.kill(master, signal.SIGKILL)
    again.await_line("ended (SIGKILL)")
    again.until(lambda: again.page() == 200)
    again.process.send_signal(signal.SIGINT)
    assert again.end() == 0
    assert leftovers(str(home)) == []
    assert not embedded.are_alive(home, database=False)
    assert not embedded.are_alive(home, broker=False)


def is_web_master(pid: int) -> bool:
    """The gunicorn whose parent is not a gunicorn."""
    parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    commands = [Path(f"/proc/{number}/cmdline").read_bytes() for number in (pid, parent)]
    return b"gunicorn" in commands[0] and b"gunicorn" not in commands[1]


def test_a_database_that_does_not_answer_is_one_sentence(home: Path) -> None:
    address = f"postgres://someone:hidden@127.0.0.1:{machine.free_port()}/x"
    run = Run(home, machine.free_port(), DATABASE_URL=address, REDIS_URL="redis://127.0.0.1:1")
    assert run.is_refused("no PostgreSQL answers at the DATABASE_URL")
    assert "hidden" not in run.said


def test_a_wrong_setting_is_one_sentence_that_names_it(home: Path) -> None:
    run = Run(home, machine.free_port(), SECRET_KEY="short")
    assert run.end() == 1
    assert "SECRET_KEY" in run.said
    assert "Traceback" not in run.said


def test_a_port_that_is_none_is_refused(home: Path) -> None:
    assert Run(home, 0, PORT="abc").is_refused("PORT=abc is no port number")
