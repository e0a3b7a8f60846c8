"""Everything, with one command: the servers, the web server, the worker, the clock and the mailbox.

`make run` calls this file as a program. It imports no Django: nothing of it works before the servers do.
"""

from __future__ import annotations

import argparse
import errno
import fcntl
import http.client
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal import embedded
from portal.embedded import CannotStart
from portal.embedded.machine import Place, remembered_port
from portal.processes import MARK, ToldToStop, Tree, end_leftovers

ROOT = Path(__file__).resolve().parent.parent
NEEDED_MEGABYTES = 300
FIRST_PAGE_SECONDS = 120
WSGI = "portal.wsgi:application"
QUIET_WORKER = ("--without-gossip", "--without-mingle")


@dataclass(frozen=True)
class Plan:
    home: Path
    port: int
    is_dev: bool

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"


def main(arguments: list[str] | None = None) -> int:
    try:
        plan = plan_from(arguments)
        with only_copy(plan):
            check_room(plan)
            check_port(plan.port)
            return run(plan)
    except CannotStart as wrong:
        return refuse(str(wrong))
    except OSError as wrong:
        if wrong.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        return refuse(f"the disk that holds {wrong.filename or ROOT} is full. Free some space and start again.")


def refuse(sentence: str) -> int:
    sys.stderr.write(f"Fascicle can't start: {sentence}\n")
    return 1


def plan_from(arguments: list[str] | None) -> Plan:
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--port", type=int, default=os.environ.get("PORT") or 8000)
    parser.add_argument("--dev", action="store_true", help="reload when a file changes, show errors in full")
    asked = parser.parse_args(arguments)
    home = Path(os.environ.get("FASCICLE_HOME") or ROOT / ".local")
    home.mkdir(parents=True, exist_ok=True)
    return Plan(home.resolve(), asked.port, asked.dev)


@contextmanager
def only_copy(plan: Plan) -> Iterator[None]:
    """Hold the lock of this folder; the kernel drops it however we end."""
    with (plan.home / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            who = lock.read().strip() or "another process"
            raise CannotStart(f"it is already running ({who}). Stop that one first, with Ctrl-C there.") from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, {plan.address}\n")
        lock.flush()
        yield


def check_room(plan: Plan) -> None:
    free = shutil.disk_usage(plan.home).free // 1_000_000
    if free < NEEDED_MEGABYTES:
        raise CannotStart(
            f"the disk that holds {plan.home} has {free} MB left, and it needs {NEEDED_MEGABYTES}. "
            "Free some space and start again."
        )


def check_port(port: int) -> None:
    try:
        for address, _ in loopbacks():
            socket.create_server((address, port), family=family(address)).close()
    except OverflowError:
        raise CannotStart(f"PORT={port} is no port number. Choose one from 1024 to 65535.") from None
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


def run(plan: Plan) -> int:
    tree = Tree({}, ROOT)
    tree.listen()
    ended = end_leftovers(str(plan.home))
    if ended:
        tree.say("run", f"ended {ended} processes that the last run left behind")
    try:
        tree.environment = environment(plan, start_servers(plan, tree))
        prepare(tree)
        start_children(plan, tree)
        await_first_page(plan, tree)
        welcome(plan, tree)
        tree.watch(lambda: tend(plan, tree))
    except ToldToStop:
        pass
    finally:
        tree.say("run", "stopping")
        tree.stop()
        embedded.stop(plan.home)
        tree.say("run", "stopped; nothing is lost, `make run` goes on from here")
    return 0


def wanted() -> dict[str, bool]:
    return {"database": not os.environ.get("DATABASE_URL"), "broker": not os.environ.get("REDIS_URL")}


def start_servers(plan: Plan, tree: Tree) -> embedded.Servers:
    servers = embedded.start(plan.home, **wanted())
    names = [name for name, ours in zip(("PostgreSQL", "Valkey"), wanted().values(), strict=True) if ours]
    if names:
        tree.say("run", f"{' and '.join(names)} answer, kept in {plan.home}")
    return servers


def tend(plan: Plan, tree: Tree) -> None:
    """Start a private server that died; if it had to move, the children are told by being started again."""
    if not any(wanted().values()) or embedded.are_alive(plan.home, **wanted()):
        return
    tree.say("run", "a private server ended; it starts again")
    moved = addresses(embedded.start(plan.home, **wanted()))
    if not moved.items() <= tree.environment.items():
        tree.environment |= moved
        tree.restart(tree.children)


def environment(plan: Plan, servers: embedded.Servers) -> dict[str, str]:
    """What is set stays; what Fascicle needs and nobody set is filled in."""
    values = {
        "SECRET_KEY": kept_secret(plan.home),
        "SITE_URL": plan.address,
        "EMAIL_URL": f"smtp://127.0.0.1:{remembered_port(Place(plan.home, None), name='mail-port')}",
        "DEBUG": "1" if plan.is_dev else "0",
        "FASCICLE_DEMO": "1",
        "MAILBOX_DIR": str(plan.home / "mail"),
        "FILES_DIR": str(plan.home / "files"),
        "STATIC_ROOT": str(plan.home / "static"),
    }
    given = {name: value for name, value in os.environ.items() if value or name not in values}
    ours = {MARK: str(plan.home), "PYTHONUNBUFFERED": "1", "PORT": str(plan.port)}
    return values | given | addresses(servers) | ours


def addresses(servers: embedded.Servers) -> dict[str, str]:
    named = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
    return {name: address for name, address in named.items() if address}


def kept_secret(home: Path) -> str:
    """Made once, so that a restart signs nobody out."""
    place = Place(home, None)
    if not (home / "secret").exists():
        place.write("secret", secrets.token_urlsafe(48))
    return place.read("secret")


def manage(*words: str) -> tuple[str, ...]:
    return (sys.executable, "manage.py", *words)


def prepare(tree: Tree) -> None:
    tree.run("migrate", *manage("migrate", "--verbosity=1"))
    if tree.environment["DEBUG"] == "0":
        tree.run("static", *manage("collectstatic", "--noinput"))
    tree.run("seed", *manage("seed", "--if-empty"))


def start_children(plan: Plan, tree: Tree) -> None:
    binds = [f"--bind={shown}:{plan.port}" for _, shown in loopbacks()]
    celery = (sys.executable, "-m", "celery", "-A", "portal.celery", "--quiet")
    tree.add("web", sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", *binds, WSGI)
    tree.add("worker", *celery, "worker", "--loglevel=INFO", "--concurrency=2", *QUIET_WORKER)
    tree.add("beat", *celery, "beat", "--loglevel=WARNING", f"--schedule={plan.home / 'beat'}", "--pidfile=")
    if not os.environ.get("EMAIL_URL"):
        port = tree.environment["EMAIL_URL"].rsplit(":", 1)[1]
        tree.add("mailbox", *manage("mailbox", f"--port={port}"))


def await_first_page(plan: Plan, tree: Tree) -> None:
    web = tree.children[0]
    deadline = time.monotonic() + FIRST_PAGE_SECONDS
    while not answers(plan.port):
        if tree.told:
            raise ToldToStop
        if web.failures > 2 or time.monotonic() > deadline:
            raise CannotStart("the web server does not answer; its lines above say why.")
        tree.pump()
        tree.revive()


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health/", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def welcome(plan: Plan, tree: Tree) -> None:
    """The address and the demo's sign-ins, last, so they stay in sight."""
    told = subprocess.run(  # noqa: S603 our own program
        manage("seed", "--sign-ins"),
        cwd=ROOT,
        env=tree.environment,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    lines = ["", f"Fascicle is at {plan.address}", *told.stdout.splitlines(), "", "Ctrl-C stops it.", ""]
    for line in lines:
        tree.say("run", line)


if __name__ == "__main__":
    raise SystemExit(main())
