"""What the fault runs stand on: servers of their own, the processes of production, and the means to harm them.

Every process was started here, is ended here by its number, and dies with us.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psycopg
from psycopg.sql import SQL, Identifier

from portal import embedded
from portal.embedded import postgres, valkey
from portal.embedded.machine import Place, die_with_parent, free_port, is_free

ROOT = Path(__file__).resolve().parents[2]
TICK = 0.05
# As the supervisor does (portal/processes.py).
REVIVE_SECONDS = 1.0
CELERY = (sys.executable, "-W", "ignore", "-m", "celery", "-A", "portal.celery", "--quiet")


@dataclass
class Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes]
    ended_at: float = 0
    starts: int = 1

    @property
    def pool(self) -> int:
        """The process that sends: of a Celery worker the one in its pool, else the program itself."""
        try:
            path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
            return int((path.read_text().split() or [str(self.process.pid)])[0])
        except OSError:
            return self.process.pid


@dataclass
class Ground:
    home: Path
    environment: dict[str, str]
    # To look behind the wall: how the tests sign in to count.
    behind: str
    broker: Place
    smtp: int = field(default_factory=free_port)
    http: int = field(default_factory=free_port)
    lease: int = 3
    children: dict[str, Child] = field(default_factory=dict)
    stopped: dict[int, float] = field(default_factory=dict)
    stops: int = 0

    def __post_init__(self) -> None:
        self.environment |= {
            "EMAIL_URL": f"smtp://127.0.0.1:{self.smtp}",
            "MAIL_LOOKUP": f"http://127.0.0.1:{self.http}/{{message_id}}",
            "LEASE_SECONDS": str(self.lease),
            "SWEEP_SECONDS": "1",
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
            "LOG_LEVEL": "WARNING",
            "AUDIT_TIP_FILE": str(self.home / "tips.txt"),
            "FILES_DIR": str(self.home / "files"),
        }

    @contextmanager
    def copied(self, name: str) -> Iterator[Ground]:
        """The same, in a copy of its database on the same server. Nobody may be at it meanwhile."""
        here = self.behind.rpartition("/")[2]
        with psycopg.connect(self.behind.removesuffix(here) + "postgres", autocommit=True) as connection:
            connection.execute(
                SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(*map(Identifier, (name, here, postgres.OWNER)))
            )
        address = self.environment["DATABASE_URL"].removesuffix(here) + name
        environment = self.environment | {"DATABASE_URL": address}
        yield replace(self, environment=environment, behind=self.behind.removesuffix(here) + name, children={})

    # processes

    def spawn(self, command: Sequence[str], name: str, *, is_asked: bool = False) -> subprocess.Popen[bytes]:
        """What it says goes to a log; of one that `is_asked`, through pipes."""
        with (self.home / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE if is_asked else subprocess.DEVNULL,
                stdout=subprocess.PIPE if is_asked else log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def add(self, name: str, *command: str) -> None:
        self.children[name] = Child(name, command, self.spawn(command, name))

    def add_worker(self, name: str) -> None:
        self.add(name, *CELERY, "worker", "--loglevel=WARNING", "--concurrency=1", "--without-gossip",
                 "--without-mingle", "-n", f"{name}@chaos")  # fmt: skip

    def add_beat(self, name: str) -> None:
        self.add(name, *CELERY, "beat", "--loglevel=WARNING", f"--schedule={self.home / name}", "--pidfile=")

    def add_drain(self, name: str) -> None:
        self.add(name, sys.executable, "manage.py", "drain")

    def staff(self, *, senders: int = 4, beats: int = 2) -> None:
        for number in range(senders):
            self.add_worker(f"sender{number}")
        for number in range(beats):
            self.add_beat(f"beat{number}")

    @property
    def senders(self) -> list[Child]:
        return [child for name, child in self.children.items() if name.startswith(("sender", "drain"))]

    def dismiss(self) -> None:
        """All of them, whatever they are at."""
        for child in self.children.values():
            end(child.process)
        self.children.clear()
        self.stopped.clear()

    def tend(self) -> None:
        """Who died starts again after a second; who was stopped goes on when its lease is surely over."""
        now = time.monotonic()
        for child in self.children.values():
            if child.process.poll() is None:
                self._wake(child.pool, now)
            elif not child.ended_at:
                child.ended_at = now
            elif now > child.ended_at + REVIVE_SECONDS:
                end(child.process)
                child.process, child.ended_at = self.spawn(child.command, child.name), 0
                child.starts += 1
        # Who was killed while stopped is stopped no more.
        self.stopped = {pid: since for pid, since in self.stopped.items() if is_stopped(pid)}

    def _wake(self, pid: int, now: float) -> None:
        if not is_stopped(pid):
            return
        if pid not in self.stopped:
            self.stopped[pid] = now
            self.stops += 1
        elif now > self.stopped[pid] + self.lease + 2:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def until(self, is_so: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > deadline:
                return False
            self.tend()
            time.sleep(TICK)
        return True

    # harm

    def kill_one(self, chance: random.Random) -> None:
        """kill -9: the whole worker or only the process in its pool."""
        child = chance.choice(self.senders)
        with suppress(ProcessLookupError):
            if chance.random() < 0.5:
                os.killpg(child.process.pid, signal.SIGKILL)
            else:
                os.kill(child.pool, signal.SIGKILL)

    def stop_one(self, chance: random.Random) -> None:
        """SIGSTOP for whoever is awake; `tend` lets it go on past its lease."""
        awake = [child for child in self.senders if child.process.poll() is None and child.pool not in self.stopped]
        if awake:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(awake).pool, signal.SIGSTOP)

    def flush(self) -> None:
        with valkey.client(self.broker) as broker:
            broker.flushall()

    def kill_broker(self) -> None:
        if pid := valkey.recorded_pid(self.broker):
            os.kill(pid, signal.SIGKILL)

    def start_broker(self) -> None:
        valkey.start(self.broker, durable=True)

    # the mail server

    def tell_sink(self, what: str, **given: float) -> None:
        words = "&".join(f"{name}={value}" for name, value in given.items())
        with urlopen(Request(f"http://127.0.0.1:{self.http}/{what}?{words}", method="POST"), timeout=10):
            pass

    def seen(self) -> dict[str, list[float]]:
        with urlopen(f"http://127.0.0.1:{self.http}/seen", timeout=20) as answer:
            found: dict[str, list[float]] = json.loads(answer.read())
        return found

    # the rows

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Behind the wall; also of a server that starts again this moment."""
        for _try in range(40):
            try:
                with psycopg.connect(self.behind, autocommit=True, connect_timeout=3) as connection:
                    cursor = connection.execute(statement, values or None)
                    return cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError:
                time.sleep(0.25)
        raise TimeoutError("the database does not come back")

    @contextmanager
    def behind_the_wall(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.behind, autocommit=True) as connection:
            yield connection

    def people(self, number: int) -> list[str]:
        made = """INSERT INTO portal_user (id, created_at, password, email, name, title, is_active, time_zone)
            SELECT gen_random_uuid(), now(), '!', gen_random_uuid() || '@example.org', 'Patient', '', true, 'UTC'
              FROM generate_series(1, %s) RETURNING id::text"""
        return [pk for (pk,) in self.ask(made, number)]


def is_stopped(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


def end(process: subprocess.Popen[bytes]) -> None:
    """It, and what it left in its group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Hand:
    """tests/chaos/hand.py, asked and answered by lines."""

    def __init__(self, ground: Ground) -> None:
        command = (sys.executable, "-W", "ignore", "-m", "tests.chaos.hand")
        self.process = ground.spawn(command, "hand", is_asked=True)

    def do(self, what: str, **wish: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": what} | wish).encode() + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@contextmanager
def manned(ground: Ground) -> Iterator[Hand]:
    """The mail server and the hand run; everything is ended afterwards, also on failure."""
    sink = ground.spawn((sys.executable, "-m", "tests.chaos.sink", str(ground.smtp), str(ground.http)), "sink")
    hand = Hand(ground)
    try:
        ground.until(lambda: not is_free(ground.http), 60)
        yield hand
    finally:
        ground.dismiss()
        end(hand.process)
        end(sink)


def own_ground(home: Path) -> Ground:
    """Durable servers as of `make run`, migrated."""
    servers = embedded.start(home, durable=True)
    database, broker = embedded.places(home)
    environment = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    environment |= {
        "SECRET_KEY": "only-for-the-fault-runs-which-tell-nobody-anything",
        "SITE_URL": "http://localhost:8000",
        "DATABASE_URL": str(servers.sender_url),
        "REDIS_URL": str(servers.redis_url),
    }
    superuser = postgres.address(database).split("@", 1)[1]
    behind = f"postgres://postgres:{database.read('superuser')}@{superuser}"
    ground = Ground(home, environment, behind, broker)
    owner = ground.environment | {"OWNER_DATABASE_URL": str(servers.owner_url)}
    subprocess.run((sys.executable, "manage.py", "migrate", "--verbosity=0"), cwd=ROOT, env=owner, check=True)
    return ground
