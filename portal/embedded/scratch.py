"""Private servers for one command (the tests): fresh, on free ports, gone afterwards."""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

from portal.embedded import Servers, postgres, remove, start, stop
from portal.embedded.machine import die_with_parent, locked

PREFIX = "test-"


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """A folder for test servers, removed at the end; if we are killed, the next one removes it."""
    parent.mkdir(parents=True, exist_ok=True)
    with locked(parent / "scratch.lock"):
        sweep(parent)
        home = parent / f"{PREFIX}{secrets.token_hex(4)}"
        home.mkdir()
        # Held while we live: by it a sweep sees that the folder is in use.
        claim = (home / "claim").open("w")
        fcntl.flock(claim, fcntl.LOCK_EX)
    try:
        yield home
    finally:
        clear(home)
        claim.close()


def sweep(parent: Path) -> None:
    for home in parent.glob(f"{PREFIX}*"):
        with (home / "claim").open("a") as claim:
            if is_unclaimed(claim):
                clear(home)


def clear(home: Path) -> None:
    """Remove the folder, and the servers of every home a test made in it."""
    for lock in home.rglob("servers.lock"):
        stop(lock.parent)
    remove(home)


def is_unclaimed(claim: IO[str]) -> bool:
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def surroundings(servers: Servers) -> dict[str, str]:
    """The environment of a test run: what is set stays, what Fascicle needs and nobody set is filled in."""
    settings = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SITE_URL": "http://localhost:8000",
        "EMAIL_URL": "smtp://127.0.0.1:9",
        "DEBUG": "1",  # static files as they lie; the test runner itself switches debugging off
        # Tests make databases and look behind the wall; their work is done as the application.
        "DATABASE_URL": servers.owner_url,
        "APPLICATION_ROLE": postgres.APPLICATION,
        "REDIS_URL": servers.redis_url,
    }
    return {name: value for name, value in settings.items() if value} | os.environ


def run_with_servers(command: Sequence[str], parent: Path) -> int:
    """Run the command with DATABASE_URL and REDIS_URL of servers of its own; returns its exit code."""
    with scratch(parent) as home:
        wanted = {"database": "DATABASE_URL" not in os.environ, "broker": "REDIS_URL" not in os.environ}
        return run(command, surroundings(start(home, durable=False, **wanted)))


def run(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run to the end. Being told to stop is passed on, and waited for, so that the servers stop last."""
    process = subprocess.Popen(command, env=environment, preexec_fn=die_with_parent)  # noqa: S603

    def pass_on(number: int, _frame: FrameType | None) -> None:
        # Ctrl-C reaches the whole foreground group, the command too.
        if number != signal.SIGINT:
            process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    return process.wait()
