"""More clients than the web server has threads, for a minute: what they are answered, and what memory it takes."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

CLIENTS = 64
# Seconds between two questions of a client, at least: who asks more often is told to wait (portal/limits.py).
PAUSE = 0.11
PATHS = ("/clinic/", "/api/v1/clinic/", "/clinic/reply/?sort=due", "/api/v1/clinic/waiting/?sort=newest")


@dataclass
class Load:
    answers: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)  # bytes of all workers, once a second


def put_under_load(database: str, cookies: Sequence[str], seconds: int, warm_up: int) -> Load:
    """`cookies`: of people who are signed in."""
    load = Load()
    with served(database) as (port, process):
        ends = time.monotonic() + warm_up + seconds
        clients = [
            threading.Thread(target=_client, args=(port, cookies[n % len(cookies)], ends, load, n))
            for n in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        time.sleep(warm_up)
        while time.monotonic() < ends - 1:
            load.memory.append(memory_of(process.pid))
            time.sleep(1)
        for client in clients:
            client.join()
    return load


def _client(port: int, cookie: str, ends: float, load: Load, number: int) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while time.monotonic() < ends:
        number += 1
        began = time.perf_counter()
        try:
            line.request("GET", PATHS[number % len(PATHS)], headers={"Cookie": cookie, "Host": "localhost"})
            answer = line.getresponse()
            answer.read()
            load.answers[answer.status] += 1
        except (OSError, http.client.HTTPException):
            load.answers[0] += 1
            line.close()
        took = time.perf_counter() - began
        load.times.append(took * 1000)
        time.sleep(max(0.0, PAUSE - took))


def memory_of(master: int) -> int:
    """What its workers hold, in bytes."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    pages = [int(Path(f"/proc/{child}/statm").read_text().split()[1]) for child in children]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def served(database: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """gunicorn as `make run` starts it, on this database."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = urlsplit(os.environ["DATABASE_URL"])
    ours = {"DATABASE_URL": urlunsplit(address._replace(path=f"/{database}")), "GUNICORN_LOG_LEVEL": "warning"}
    web = (
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "gunicorn",
        "-c",
        "deploy/gunicorn.conf.py",
        "--access-logfile=/dev/null",
    )
    server = subprocess.Popen(
        (*web, f"--bind=127.0.0.1:{port}", "portal.wsgi:application"), cwd=settings.BASE_DIR, env=os.environ | ours
    )
    try:
        _await(port)
        yield port, server
    finally:
        server.terminate()
        server.wait()


def _await(port: int) -> None:
    for _attempt in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The web server did not start.")
