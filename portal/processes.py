"""Child processes as one tree: their lines with a prefix, started again when they die, gone when we go.

One thread, one loop: signals only raise a flag, and every wait goes through `Tree.pump`.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from portal.embedded import CannotStart
from portal.embedded.machine import die_with_parent

MARK = "FASCICLE_TREE"
STEADY_SECONDS = 60
LONGEST_PAUSE = 30
PATIENCE_SECONDS = 15
TEND_SECONDS = 1
COLOURS = (36, 32, 33, 35, 34, 31)


class ToldToStop(Exception):
    pass


@dataclass
class Child:
    name: str
    command: Sequence[str]
    database: str = "DATABASE_URL"
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    due_at: float = 0
    failures: int = 0
    unfinished: bytes = b""


@dataclass
class Tree:
    environment: dict[str, str]
    folder: Path
    out: IO[str] = field(default_factory=lambda: sys.stdout)
    children: list[Child] = field(default_factory=list)
    told: int = 0

    def __post_init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.is_coloured = self.out.isatty() and "NO_COLOR" not in os.environ

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.told += 1

    def say(self, name: str, line: str) -> None:
        prefix = f"{name:<8} │"
        if self.is_coloured:
            prefix = f"\x1b[{COLOURS[sum(map(ord, name)) % len(COLOURS)]}m{prefix}\x1b[0m"
        # The terminal may be gone; the children must be stopped all the same.
        with suppress(OSError):
            self.out.write(f"{prefix} {line}\n")
            self.out.flush()

    def add(self, name: str, *command: str, database: str = "DATABASE_URL") -> Child:
        """`database`: the variable that holds the address this child is given, as DATABASE_URL."""
        child = Child(name, command, database)
        self.children.append(child)
        self.start(child)
        return child

    def start(self, child: Child) -> None:
        child.process = subprocess.Popen(  # noqa: S603 our own programs
            child.command,
            cwd=self.folder,
            env=self.environment_of(child),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        child.started_at = time.monotonic()
        output = child.process.stdout
        assert output is not None
        os.set_blocking(output.fileno(), False)
        self.selector.register(output, selectors.EVENT_READ, child)

    def environment_of(self, child: Child) -> dict[str, str]:
        """What all are given, and of the database's addresses only the child's own."""
        given = {name: value for name, value in self.environment.items() if not name.endswith("_DATABASE_URL")}
        address = self.environment.get(child.database) or self.environment.get("DATABASE_URL")
        return given | ({"DATABASE_URL": address} if address else {})

    def run(self, name: str, *command: str, database: str = "DATABASE_URL") -> None:
        """Run a step to its end. Raises CannotStart if it fails, ToldToStop if told to stop meanwhile."""
        step = Child(name, command, database)
        self.start(step)
        while step.process and step.process.poll() is None:
            if self.told:
                self.end([step])
                raise ToldToStop
            self.pump()
        code = step.process.returncode if step.process else 0
        self._bury(step)
        if code:
            raise CannotStart(f"the step “{name}” failed; the lines above say why.")

    def pump(self, seconds: float = 0.1) -> None:
        """Print what the children said, waiting at most so long for them to say something."""
        if not self.selector.get_map():
            time.sleep(seconds)
        for key, _ in self.selector.select(seconds):
            if not self._print(key.data, key.fileobj):  # type: ignore[arg-type]  # a file, as registered
                self.selector.unregister(key.fileobj)

    def _print(self, child: Child, output: IO[bytes]) -> bool:
        """False at the end of its output."""
        try:
            said = os.read(output.fileno(), 65536)
        except BlockingIOError:
            return True
        *lines, child.unfinished = (child.unfinished + said).split(b"\n")
        for line in lines if said else [*lines, child.unfinished]:
            if line.strip():
                self.say(child.name, line.decode(errors="replace").rstrip())
        return bool(said)

    def watch(self, tend: Callable[[], None]) -> None:
        """Keep the children running, and every few seconds call `tend`, until we are told to stop."""
        tended_at = time.monotonic()
        while not self.told:
            self.pump()
            self.revive()
            if time.monotonic() - tended_at > TEND_SECONDS:
                tend()
                tended_at = time.monotonic()

    def revive(self) -> None:
        """Bury who died, start who is due: after a second, then later each time it dies young."""
        now = time.monotonic()
        for child in self.children:
            if child.process and child.process.poll() is not None:
                child.failures = 0 if now - child.started_at > STEADY_SECONDS else child.failures
                pause = min(LONGEST_PAUSE, 2**child.failures)
                self.say(child.name, f"ended ({manner(child.process.returncode)}); starts again in {pause} s")
                child.failures += 1
                child.due_at = now + pause
                self._bury(child)
            elif not child.process and now >= child.due_at:
                self.start(child)

    def restart(self, children: Sequence[Child]) -> None:
        self.end(children)
        for child in children:
            child.failures = 0
            self.start(child)

    def stop(self) -> None:
        self.end(self.children)

    def end(self, children: Sequence[Child]) -> None:
        """Ask, wait, then insist; a second Ctrl-C insists at once."""
        living = [child for child in children if child.process]
        for child in living:
            if child.process:
                child.process.terminate()
        told, deadline = self.told, time.monotonic() + PATIENCE_SECONDS
        while any(child.process and child.process.poll() is None for child in living):
            if time.monotonic() > deadline or self.told > max(told, 1):
                break
            self.pump()
        for child in living:
            self._bury(child)

    def _bury(self, child: Child) -> None:
        """The last lines of a child, and the end of whatever it left behind in its process group."""
        process, child.process = child.process, None
        if process is None or process.stdout is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        while process.stdout.fileno() in self.selector.get_map() and self._print(child, process.stdout):
            if not self.selector.select(0):
                break
        with suppress(KeyError):
            self.selector.unregister(process.stdout)
        process.stdout.close()
        child.unfinished = b""


def manner(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def leftovers(mark: str) -> list[int]:
    """Processes of a tree whose root was killed: those with our mark in the environment they started with."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
    return [pid for pid in found if pid != os.getpid()]


def end_leftovers(mark: str) -> int:
    """Returns how many there were."""
    first = leftovers(mark)
    for number, seconds in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 2.0)):
        for pid in leftovers(mark):
            with suppress(OSError):
                os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while leftovers(mark) and time.monotonic() < deadline:
            time.sleep(0.05)
    return len(first)
