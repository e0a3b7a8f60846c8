"""May Fascicle start here, and has it: one copy, room on the disk, a free port, an answer."""

from __future__ import annotations

import errno
import fcntl
import http.client
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

from portal.embedded import CannotStart

NEEDED_MEGABYTES = 300


@contextmanager
def only_copy(home: Path, address: str) -> Iterator[None]:
    """Hold the lock of this folder; the kernel drops it however we end."""
    with (home / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            who = lock.read().strip() or "another process"
            raise CannotStart(f"it is already running ({who}). Stop that one first, with Ctrl-C there.") from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, {address}\n")
        lock.flush()
        yield


def check_room(home: Path) -> None:
    free = free_megabytes(home)
    if free < NEEDED_MEGABYTES:
        raise CannotStart(
            f"the disk that holds {home} has {free} MB left, and it needs {NEEDED_MEGABYTES}. "
            "Free some space and start again."
        )


def free_megabytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free // 1_000_000


def port_from(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise CannotStart(f"PORT={text} is no port number. Choose one from 1024 to 65535.")


def check_port(port: int) -> None:
    try:
        for address, _ in loopbacks():
            socket.create_server((address, port), family=family(address)).close()
    except PermissionError:
        raise CannotStart(f"port {port} is reserved for root. Choose another: make run PORT=8000") from None
    except OSError as wrong:
        if wrong.errno != errno.EADDRINUSE:
            raise
        other = port + 1 if port < 65535 else 8000
        raise CannotStart(f"port {port} is taken by another program. Choose another: make run PORT={other}") from None


def family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def loopbacks() -> list[tuple[str, str]]:
    """Where `localhost` may lead on this machine, bare and as part of a URL."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return [("127.0.0.1", "127.0.0.1")]
    return [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")]


def check_given(database_url: str | None, redis_url: str | None) -> None:
    """Addresses that were set must answer. What they contain stays unsaid: a password is in them."""
    if database_url and not database_answers(database_url):
        raise CannotStart("no PostgreSQL answers at the DATABASE_URL that is set. Correct it, or unset it.")
    if redis_url and not broker_answers(redis_url):
        raise CannotStart("no Valkey or Redis answers at the REDIS_URL that is set. Correct it, or unset it.")


def database_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error:
        return False
    return True


def broker_answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as client:
            return bool(client.ping())
    except (redis.RedisError, ValueError):
        return False


def health(port: int) -> str:
    """“200”, or what is wrong in words; empty when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health/", headers={"Host": f"localhost:{port}"})
        answer = connection.getresponse()
        return "200" if answer.status == 200 else f"says {answer.read(500).decode(errors='replace')}"
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()
