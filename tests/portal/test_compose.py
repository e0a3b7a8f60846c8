"""docker-compose.yml without an engine: its form, and the very commands of its services on servers of our own."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml

from portal import embedded
from portal.embedded import machine, postgres, scratch
from portal.logs import CONTINUED

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("web", "worker", "drain", "beat", "migrate")
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::([-?])([^}]*))?\}")


def filled(text: str, values: dict[str, str]) -> str:
    """The text as compose reads it: ${NAME}, ${NAME:-default}, ${NAME:?reason}, and $$ for one dollar."""

    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        if kind == "?" and not values.get(name):
            raise KeyError(name)
        return values.get(name) or (rest if kind == "-" else "")

    return VARIABLE.sub(value, text).replace("$$", "$")


def test_the_file_keeps_to_the_compose_specification() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_web_workers_beat_and_migrate_are_one_image_with_one_environment() -> None:
    for part in ("image", "build", "volumes"):
        assert len({str(SERVICES[name][part]) for name in OURS}) == 1
    # But for whom they are to the database: beat asks it nothing.
    environments = [dict(SERVICES[name]["environment"]) for name in OURS]
    roles = {urlsplit(re.sub(r"\$\{[^}]+\}", "x", env.pop("DATABASE_URL"))).username for env in environments}
    assert roles == {"fascicle_app", "fascicle_sender", "fascicle"}
    assert len({str(env) for env in environments}) == 1


def test_every_service_that_stays_has_a_health_check() -> None:
    checked = {name for name, service in SERVICES.items() if service["healthcheck"].get("test")}
    assert set(SERVICES) - checked == {"migrate"}


def test_any_service_may_be_scaled_but_the_doors() -> None:
    assert not [name for name, service in SERVICES.items() if "container_name" in service]
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_data_outlives_its_containers() -> None:
    kept = {name: [v.split(":")[0] for v in service.get("volumes", [])] for name, service in SERVICES.items()}
    assert "database" in kept["database"]
    assert "broker" in kept["broker"]
    assert all("files" in kept[name] for name in OURS)
    named = {name for names in kept.values() for name in names if not name.startswith(".")}
    assert named == set(COMPOSE["volumes"])


def test_nothing_runs_with_more_rights_than_it_needs() -> None:
    for service in SERVICES.values():
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert not service.get("privileged")
    assert all(SERVICES[name]["read_only"] for name in OURS)
    assert "USER 10001" in (ROOT / "Dockerfile").read_text()
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["database"]["networks"] == SERVICES["broker"]["networks"] == ["inside"]


# A monitor outside, text messages, a provider of mail and its reports: each may be left out.
NOBODY_MUST = {"DEAD_MAN_URL", "SMS_URL", "SMS_SECRET", "HOOK_SECRET", "ANYMAIL_WEBHOOK_SECRET"}


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_from_the_environment_and_must_be_set(name: str) -> None:
    for key, value in SERVICES[name].get("environment", {}).items():
        if re.search("PASSWORD|SECRET|_URL$", key) and key not in NOBODY_MUST:
            assert re.search(r"\$\{\w+:\?set [^}]+\}", str(value)), key
            with pytest.raises(KeyError):
                filled(str(value), {})


@pytest.mark.parametrize("name", OURS)
def test_the_commands_name_what_exists(name: str) -> None:
    module_or_file = SERVICES[name]["command"][1:3]
    if module_or_file[0] == "-m":
        assert subprocess.run([sys.executable, "-c", f"import {module_or_file[1]}"], check=False).returncode == 0
    else:
        assert (ROOT / module_or_file[0]).is_file()


def test_files_that_are_mounted_or_copied_exist() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert not source.startswith(".") or (ROOT / source).is_file()
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source


# The commands themselves. Replaced are only the servers' addresses, the port, and the folder for temporary files.


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with scratch.scratch(ROOT / ".local") as home:
        yield home


@pytest.fixture(scope="module")
def surroundings(home: Path) -> dict[str, str]:
    servers = embedded.start(home, durable=False)
    secrets = {
        "SECRET_KEY": "x" * 40,
        "SITE_URL": "http://portal.test",
        "EMAIL_URL": "smtp://127.0.0.1:9",
        "DATABASE_PASSWORD": "unused",
        "VALKEY_PASSWORD": "unused",
    }
    environment = {name: filled(str(value), secrets) for name, value in SERVICES["web"]["environment"].items()}
    return {
        "PATH": os.environ["PATH"],
        **environment,
        **role("web", servers),
        "REDIS_URL": str(servers.redis_url),
        "FILES_DIR": str(home / "files"),
        "AUDIT_TIP_FILE": str(home / "audit" / "tips.txt"),
        "SWEEP_SECONDS": "1",
    }


def role(service: str, servers: embedded.Servers) -> dict[str, str]:
    """The address this service signs in to the database with, by the role that the compose file gives it."""
    user = urlsplit(re.sub(r"\$\{[^}]+\}", "x", SERVICES[service]["environment"]["DATABASE_URL"])).username
    urls = (servers.database_url, servers.owner_url, servers.sender_url)
    return {"DATABASE_URL": next(str(url) for url in urls if urlsplit(str(url)).username == user)}


def command(name: str, home: Path, part: list[str] | None = None) -> list[str]:
    words = [filled(word, {}).replace("/tmp", str(home)) for word in part or SERVICES[name]["command"]]
    if words[0] == "CMD-SHELL":
        return ["sh", "-c", words[1].replace("python ", f"{shlex.quote(sys.executable)} ")]
    words = words[1:] if words[0] == "CMD" else words
    return [sys.executable, *words[1:]] if words[0] == "python" else words


@contextmanager
def service(name: str, home: Path, environment: dict[str, str], *more: str) -> Iterator[subprocess.Popen[bytes]]:
    with (
        (home / f"{name}.log").open("wb") as log,
        subprocess.Popen(
            [*command(name, home), *more], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)


def await_health(name: str, home: Path, environment: dict[str, str]) -> None:
    """Ask as compose asks, till it is healthy."""
    ask = command(name, home, SERVICES[name]["healthcheck"]["test"])
    deadline = time.monotonic() + 60
    while (asked := subprocess.run(ask, cwd=ROOT, env=environment, capture_output=True, check=False)).returncode:
        log = (home / f"{name}.log").read_text(errors="replace")
        assert time.monotonic() < deadline, f"{name}: {asked.stderr.decode()} {asked.stdout.decode()}\n{log[-3000:]}"
        time.sleep(0.3)


def test_the_commands_of_all_services_work_together(home: Path, surroundings: dict[str, str]) -> None:
    servers = embedded.start(home, durable=False)
    owner, sender = ({**surroundings, **role(name, servers)} for name in ("migrate", "worker"))
    assert len({owner["DATABASE_URL"], sender["DATABASE_URL"], surroundings["DATABASE_URL"]}) == 3
    migrated = subprocess.run(
        command("migrate", home), cwd=ROOT, env=owner, capture_output=True, text=True, check=False
    )
    assert migrated.returncode == 0, migrated.stderr
    port = machine.free_port()
    with ExitStack() as running:
        web = {**surroundings, "PORT": str(port)}
        running.enter_context(service("web", home, web, f"--bind=127.0.0.1:{port}"))
        # The worker tells of each sweep only to who looks closely.
        running.enter_context(service("worker", home, {**sender, "LOG_LEVEL": "DEBUG"}))
        running.enter_context(service("drain", home, sender))
        running.enter_context(service("beat", home, surroundings))
        for name in ("web", "worker", "drain", "beat"):
            await_health(name, home, web)
        await_text(home / "worker.log", "Task portal.tasks.deliver[")
    for name in ("web", "worker", "drain", "beat"):
        # An exception, as the log writes it (portal/logs.py) and as Python does.
        log = (home / f"{name}.log").read_text(errors="replace")
        assert not [mark for mark in (CONTINUED, "Traceback") if mark in log], log[-3000:]


def await_text(path: Path, words: str) -> None:
    """The clock's message went through the broker to the worker."""
    deadline = time.monotonic() + 40
    while words not in path.read_text(errors="replace"):
        assert time.monotonic() < deadline, path.read_text(errors="replace")[-3000:]
        time.sleep(0.2)


def test_the_health_check_of_a_web_server_that_is_not_there_fails(home: Path, surroundings: dict[str, str]) -> None:
    environment = {**surroundings, "PORT": str(machine.free_port())}
    asked = subprocess.run(
        command("web", home, SERVICES["web"]["healthcheck"]["test"]),
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
    )
    assert asked.returncode == 1
    assert b"no answer" in asked.stderr


def test_the_broker_starts_with_its_command_and_wants_its_password(home: Path) -> None:
    place = embedded.places(home)[1]
    folder = home / "bin"
    folder.mkdir()
    (folder / "valkey-server").symlink_to(embedded.valkey.program(place))
    port = machine.free_port()
    [shell, flag, line] = command("broker", home)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "VALKEY_PASSWORD": "open"}
    with subprocess.Popen(
        [shell, flag, f"{line} --port {port} --dir {shlex.quote(str(folder))} --bind 127.0.0.1"],
        env=environment,
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            assert spoken(port, "PING").startswith(b"-NOAUTH")
            assert spoken(port, "AUTH open\r\nCONFIG GET maxmemory-policy").endswith(b"noeviction\r\n")
        finally:
            process.terminate()


def spoken(port: int, words: str) -> bytes:
    deadline = time.monotonic() + 10
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
                line.sendall(words.encode() + b"\r\n")
                time.sleep(0.2)
                return line.recv(1000)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_the_database_is_prepared_as_the_private_one_is(home: Path, surroundings: dict[str, str]) -> None:
    """deploy/database.sh, run by the image's superuser on a cluster that has none of it yet."""
    place = machine.Place(
        machine.ground(home / "image", machine.server_account()) / "postgres", machine.server_account()
    )
    embedded.start(home / "image", durable=False, broker=False)
    admin = f"postgres://postgres:{place.read('superuser')}@127.0.0.1:{place.read('port')}"
    with psycopg.connect(f"{admin}/postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE fascicle")
        for name in (*postgres.PASSWORDS, postgres.KEEPER):
            connection.execute(f"DROP ROLE {name}")
    with psycopg.connect(f"{admin}/template1", autocommit=True) as connection:
        for name in postgres.EXTENSIONS:
            connection.execute(f"DROP EXTENSION {name}")
    environment = {
        "PATH": f"{postgres.tool(place, 'psql').parent}:{os.environ['PATH']}",
        "PGHOST": "127.0.0.1",
        "PGPORT": place.read("port"),
        "PGPASSWORD": place.read("superuser"),
        "POSTGRES_USER": "postgres",
        "DATABASE_OWNER_PASSWORD": "its-own",
        "DATABASE_PASSWORD": "the-applications",
        "DATABASE_SENDER_PASSWORD": "the-senders",
        "DATABASE_BACKUP_PASSWORD": "the-backups",
    }
    script = ROOT / "deploy" / "database.sh"
    prepared = subprocess.run([script], env=environment, capture_output=True, text=True, check=False)
    assert prepared.returncode == 0, prepared.stderr
    with psycopg.connect(f"postgres://fascicle:its-own@127.0.0.1:{place.read('port')}/fascicle") as connection:
        found = {row[0] for row in connection.execute("SELECT extname FROM pg_extension")}
        assert found >= set(postgres.EXTENSIONS)
        assert connection.execute("SHOW is_superuser").fetchone() == ("off",)
        roles = "SELECT rolname, rolcanlogin, rolbypassrls FROM pg_roles WHERE rolname LIKE 'fascicle%%' ORDER BY 1"
        assert connection.execute(roles, ()).fetchall() == [
            ("fascicle", True, False),
            ("fascicle_app", True, False),
            ("fascicle_backup", True, True),
            ("fascicle_keeper", False, True),
            ("fascicle_sender", True, False),
        ]
