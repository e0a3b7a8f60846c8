"""Everything, with one command: the servers, the web server, the worker, the drain, the clock and the mailbox.

`make run` calls this file as a program. It imports no Django: nothing of it works before the servers do.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import os
import secrets
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from portal import embedded
from portal.embedded import CannotStart
from portal.embedded.machine import Place, remembered_port
from portal.preconditions import (
    check_given,
    check_port,
    check_room,
    free_megabytes,
    health,
    loopbacks,
    only_copy,
    port_from,
)
from portal.processes import MARK, ToldToStop, Tree, end_leftovers

ROOT = Path(__file__).resolve().parent.parent
FIRST_PAGE_SECONDS = 120
PACKAGES = ("portal", "faq", "patients", "clinicians")
NO_SPACE = os.strerror(errno.ENOSPC)
WSGI = "portal.wsgi:application"
# Celery's page of warning to root, who was asked for nothing: `make run` is for a laptop.
NO_SERMON = ("-W", "ignore::UserWarning:celery.platforms")
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
    home = Path(os.environ.get("FASCICLE_HOME") or ROOT / ".local").absolute()
    try:
        home.mkdir(parents=True, exist_ok=True)
        plan = plan_from(home.resolve(), arguments)
        with only_copy(plan.home, plan.address):
            check_room(plan.home)
            check_port(plan.port)
            return run(plan)
    except CannotStart as wrong:
        return refuse(full(home) if NO_SPACE in str(wrong) or free_megabytes(home) < 20 else str(wrong))
    except OSError as wrong:
        if wrong.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        return refuse(full(home))


def full(home: Path) -> str:
    return f"the disk that holds {home} is full. Free some space and start again."


def refuse(sentence: str) -> int:
    sys.stderr.write(f"Fascicle can't start: {sentence}\n")
    return 1


def plan_from(home: Path, arguments: list[str] | None) -> Plan:
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--port", default=os.environ.get("PORT") or "8000")
    parser.add_argument("--dev", action="store_true", help="reload when a file changes, show errors in full")
    asked = parser.parse_args(arguments)
    return Plan(home, port_from(asked.port), asked.dev)


def run(plan: Plan) -> int:
    tree = Tree({}, ROOT)
    tree.listen()
    ended = end_leftovers(str(plan.home))
    if ended:
        tree.say("run", f"ended {ended} processes that the last run left behind")
    try:
        tree.environment = environment(plan, start_servers(plan, tree))
        prepare(tree)
        start_web(plan, tree)
        await_first_page(plan, tree)
        start_background(plan, tree)
        welcome(plan, tree)
        tree.watch(Keeper(plan, tree).tend)
    except ToldToStop:
        pass
    finally:
        if tree.children:
            tree.say("run", "stopping")
        tree.stop()
        embedded.stop(plan.home)
        if tree.children:
            tree.say("run", "stopped; nothing is lost, `make run` goes on from here")
    return 0


def wanted() -> dict[str, bool]:
    return {"database": not os.environ.get("DATABASE_URL"), "broker": not os.environ.get("REDIS_URL")}


def start_servers(plan: Plan, tree: Tree) -> embedded.Servers:
    check_given(os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL"))
    servers = embedded.start(plan.home, **wanted())
    names = [name for name, ours in zip(("PostgreSQL", "Valkey"), wanted().values(), strict=True) if ours]
    if names:
        tree.say("run", f"{' and '.join(names)} answer, kept in {plan.home}")
    return servers


@dataclass
class Keeper:
    """What is looked after every second or so while everything runs."""

    plan: Plan
    tree: Tree
    changed_at: int = 0

    def __post_init__(self) -> None:
        self.changed_at = newest_change()

    def tend(self) -> None:
        if any(wanted().values()) and not embedded.are_alive(self.plan.home, **wanted()):
            self.restart_servers()
        if self.plan.is_dev and (changed_at := newest_change()) != self.changed_at:
            self.changed_at = changed_at
            self.tree.say("run", "a file changed; starting again with it")
            self.tree.restart(self.tree.children)

    def restart_servers(self) -> None:
        """If a server had to move, the children are told by being started again."""
        self.tree.say("run", "a private server ended; it starts again")
        moved = addresses(embedded.start(self.plan.home, **wanted()))
        if not moved.items() <= self.tree.environment.items():
            self.tree.environment |= moved
            self.tree.restart(self.tree.children)


def newest_change() -> int:
    """When (in nanoseconds) a file that only a restart takes in was last changed."""
    changes = [0]
    for package in PACKAGES:
        for suffix in ("py", "html", "csv", "mo"):
            changes += [path.stat().st_mtime_ns for path in (ROOT / package).rglob(f"*.{suffix}")]
    return max(changes)


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
        "AUDIT_TIP_FILE": str(plan.home / "audit-tips.txt"),
        "STATIC_ROOT": str(plan.home / "static"),
    }
    given = {name: value for name, value in os.environ.items() if value or name not in values}
    # Without kept bytecode every start compiles all of Django again.
    given.pop("PYTHONDONTWRITEBYTECODE", None)
    ours = {MARK: str(plan.home), "PYTHONUNBUFFERED": "1", "PORT": str(plan.port)}
    return values | given | addresses(servers) | ours


def addresses(servers: embedded.Servers) -> dict[str, str]:
    named = {
        "DATABASE_URL": servers.database_url,
        "OWNER_DATABASE_URL": servers.owner_url,
        "SENDER_DATABASE_URL": servers.sender_url,
        "REDIS_URL": servers.redis_url,
    }
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
    tree.run("migrate", *manage("migrate", "--verbosity=1"), database="OWNER_DATABASE_URL")
    if tree.environment["DEBUG"] == "0":
        collect_static(tree)
    tree.run("seed", *manage("seed", "--if-empty"))


def collect_static(tree: Tree) -> None:
    """Only when a file changed: compressing them all takes longer than everything else of a second start."""
    folder = Path(tree.environment["STATIC_ROOT"])
    seen, now = folder / ".collected", fingerprint()
    if seen.exists() and seen.read_text() == now:
        return
    tree.run("static", *manage("collectstatic", "--noinput", "--clear", "--verbosity=0"))
    seen.write_text(now)


def fingerprint() -> str:
    """Of our static files and of the installed packages, which bring theirs."""
    ours = sorted(path for name in PACKAGES for path in (ROOT / name / "static").rglob("*") if path.is_file())
    stamps = [f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}" for path in ours]
    lock = (ROOT / "requirements.txt").read_text()
    return hashlib.sha256("\n".join([*stamps, lock]).encode()).hexdigest()


def start_web(plan: Plan, tree: Tree) -> None:
    """First and alone: the page is what somebody waits for."""
    binds = [f"--bind={shown}:{plan.port}" for _, shown in loopbacks()]
    tree.add("web", sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", *binds, WSGI)


def start_background(plan: Plan, tree: Tree) -> None:
    celery = (sys.executable, *NO_SERMON, "-m", "celery", "-A", "portal.celery", "--quiet")
    worker = (*celery, "worker", "--loglevel=INFO", "--concurrency=2", *QUIET_WORKER)
    tree.add("worker", *worker, database="SENDER_DATABASE_URL")
    # Beside Celery: what is due goes also while the broker is away.
    tree.add("drain", *manage("drain"), database="SENDER_DATABASE_URL")
    tree.add("beat", *celery, "beat", "--loglevel=WARNING", f"--schedule={plan.home / 'beat'}", "--pidfile=")
    if not os.environ.get("EMAIL_URL"):
        port = tree.environment["EMAIL_URL"].rsplit(":", 1)[1]
        tree.add("mailbox", *manage("mailbox", f"--port={port}"))


def await_first_page(plan: Plan, tree: Tree) -> None:
    web, deadline, asked_at, heard = tree.children[0], time.monotonic() + FIRST_PAGE_SECONDS, 0.0, ""
    while heard != "200":
        if tree.told:
            raise ToldToStop
        if web.failures > 2 or time.monotonic() > deadline:
            raise CannotStart(f"the web server {heard or 'does not answer'}; its lines above say why.")
        tree.pump()
        tree.revive()
        if time.monotonic() - asked_at > 0.25:
            heard, asked_at = health(plan.port), time.monotonic()


def welcome(plan: Plan, tree: Tree) -> None:
    """The address at once, then the demo's sign-ins."""
    tree.say("run", f"Fascicle is at {plan.address}")
    # A database of one's own may have no demo in it.
    with suppress(CannotStart):
        tree.run("sign-in", *manage("seed", "--sign-ins"))
    tree.say("run", "Ctrl-C stops it")


if __name__ == "__main__":
    raise SystemExit(main())
