"""Untrusted bytes are parsed in a process of their own, with little memory, little time and none of our secrets.

`call` starts this very module as a program. The child takes its limits before it imports a parser or reads a byte,
so that a parser that crashes, hangs or eats memory takes nobody with it.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile

ROOT = Path(__file__).resolve().parent.parent
MEMORY_BYTES = 1_500_000_000
CPU_SECONDS = 20
WALL_SECONDS = 40
OUTPUT_BYTES = 100_000_000
OPEN_FILES = 64
REASON_BYTES = 200
# The function said no, in words of ours; any other code is a crash.
REFUSED = 3


class Failed(Exception):
    """`reason` is what the function said (a word of ours), or how its process ended: "crash" or "time"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def call(function: str, data: bytes, *, seconds: int = WALL_SECONDS) -> bytes:
    """What `function` ("package.module:name", bytes to bytes) makes of these bytes. Raises Failed."""
    with TemporaryFile() as source, TemporaryFile() as made, TemporaryFile() as said:
        source.write(data)
        source.seek(0)
        command = [sys.executable, "-s", "-E", "-B", "-m", "portal.limited", function, str(seconds)]
        with subprocess.Popen(  # noqa: S603 our own program, no shell, and the name of a function of ours
            command, cwd=ROOT, env=surroundings(), stdin=source, stdout=made, stderr=said, start_new_session=True
        ) as process:
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired as late:
                raise Failed("time") from late
            finally:
                end(process)
        if code == REFUSED:
            said.seek(0)
            raise Failed(said.read(REASON_BYTES).decode("ascii", "replace"))
        if code:
            raise Failed("time" if code in (-signal.SIGXCPU, -signal.SIGALRM) else "crash")
        made.seek(0)
        return made.read()


def end(process: subprocess.Popen[bytes]) -> None:
    """Whatever is left of it, with what it may have started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def surroundings() -> dict[str, str]:
    """No setting, key or address of ours; one thread for the numeric libraries, which each take memory."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}


def take_limits(seconds: int) -> None:
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    # Ours to end, should the one who asked be gone.
    signal.alarm(seconds + 5)


def main(arguments: Sequence[str]) -> int:
    """In the child: take the limits, then import the parser, then read."""
    name, seconds = arguments
    take_limits(int(seconds))
    module, function = name.split(":")
    parse = getattr(import_module(module), function)
    try:
        made = parse(sys.stdin.buffer.read())
    except ValueError as wrong:
        # A word of ours; what Python's own errors call a reason quotes the bytes.
        reason = str(getattr(wrong, "reason", ""))
        sys.stderr.write(reason if reason.isidentifier() else "unreadable")
        return REFUSED
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    # Straight out: what a parser left behind is not to be tidied up by its own code.
    outcome = main(sys.argv[1:])
    sys.stdout.buffer.flush()
    sys.stderr.flush()
    os._exit(outcome)
