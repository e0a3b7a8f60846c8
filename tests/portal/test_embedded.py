"""The private servers: found again running or dead, with everything they were told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from portal import embedded
from portal.embedded import machine, postgres, scratch, valkey

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def grounds() -> Iterator[Path]:
    with scratch.scratch(ROOT / ".local") as home:
        yield home


@pytest.fixture
def home(grounds: Path) -> Path:
    return grounds / "home"


def keep(servers: embedded.Servers, word: str) -> None:
    with psycopg.connect(str(servers.owner_url)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [word])
    with redis.Redis.from_url(f"{servers.redis_url}/1") as broker:
        broker.set(word, "kept")


def assert_kept(servers: embedded.Servers, word: str) -> None:
    with psycopg.connect(str(servers.owner_url)) as connection:
        assert connection.execute("SELECT count(*) FROM kept WHERE word = %s", [word]).fetchone() == (1,)
    with redis.Redis.from_url(f"{servers.redis_url}/1") as broker:
        assert broker.get(word) == b"kept"


def pids(home: Path) -> tuple[int, int]:
    database, broker = embedded.places(home)
    found = postgres.recorded_pid(database), valkey.recorded_pid(broker)
    assert found[0]
    assert found[1]
    return found[0], found[1]


def test_a_second_start_finds_the_same_servers(home: Path) -> None:
    first = embedded.start(home)
    running = pids(home)
    assert embedded.start(home) == first
    assert pids(home) == running
    assert embedded.are_alive(home)


def test_stop_ends_both_and_a_start_finds_what_was_kept(home: Path) -> None:
    keep(embedded.start(home), "stopped")
    database, broker = pids(home)
    embedded.stop(home)
    embedded.stop(home)
    assert not embedded.are_alive(home)
    assert not machine.is_running_in(database, embedded.places(home)[0].folder)
    assert not machine.is_running_in(broker, embedded.places(home)[1].folder)
    assert_kept(embedded.start(home), "stopped")


def test_nothing_is_lost_by_kill_9(home: Path) -> None:
    keep(embedded.start(home), "killed")
    for pid in pids(home):
        os.kill(pid, signal.SIGKILL)
    assert_kept(embedded.start(home), "killed")


def test_a_stale_pid_file_with_a_strangers_number_is_no_obstacle(home: Path) -> None:
    keep(embedded.start(home), "stale")
    for pid in pids(home):
        os.kill(pid, signal.SIGKILL)
    database, broker = embedded.places(home)
    account = machine.server_account()
    with subprocess.Popen(["sleep", "60"], user=account.uid if account else None) as stranger:
        number = f"{stranger.pid}\n"
        stale = database.folder / "data" / "postmaster.pid"
        stale.write_text(number + stale.read_text().partition("\n")[2])
        (broker.folder / "pid").write_text(number)
        assert_kept(embedded.start(home), "stale")
        assert stranger.poll() is None
        stranger.kill()


def test_a_port_taken_meanwhile_is_left_to_its_taker(home: Path) -> None:
    keep(embedded.start(home), "moved")
    embedded.stop(home)
    ports = [int(place.read("port")) for place in embedded.places(home)]
    with socket.create_server(("127.0.0.1", ports[0])), socket.create_server(("127.0.0.1", ports[1])):
        assert_kept(embedded.start(home), "moved")
    assert ports != [int(place.read("port")) for place in embedded.places(home)]


def test_a_first_start_cut_short_leaves_nothing_half_made(grounds: Path) -> None:
    home = grounds / "cut"
    half_made = home / "postgres.new"
    (half_made / "data").mkdir(parents=True)
    (half_made / "data" / "PG_VERSION").write_text("18\n")
    try:
        assert embedded.start(home, durable=False, broker=False).database_url
        assert not half_made.exists()
    finally:
        embedded.remove(home)


def test_a_new_database_has_the_extensions_and_its_owner_is_no_superuser(home: Path) -> None:
    servers = embedded.start(home)
    with psycopg.connect(str(servers.owner_url), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS fresh")
        connection.execute("CREATE DATABASE fresh")
        assert connection.execute("SHOW is_superuser").fetchone() == ("off",)
    with psycopg.connect(str(servers.owner_url).rsplit("/", 1)[0] + "/fresh") as connection:
        found = {row[0] for row in connection.execute("SELECT extname FROM pg_extension")}
    assert found >= set(postgres.EXTENSIONS)


def test_passwords_are_for_their_owner_only(home: Path) -> None:
    embedded.start(home)
    for place in embedded.places(home):
        assert place.folder.stat().st_mode & 0o077 == 0
        for name in ("password", "valkey.conf", "superuser"):
            path = place.folder / name
            assert not path.exists() or path.stat().st_mode & 0o177 == 0


def test_a_wrong_password_is_refused(home: Path) -> None:
    port = str(embedded.start(home).database_url).rsplit(":", 1)[1]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgres://fascicle:wrong@127.0.0.1:{port}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as another account")
def test_root_in_a_closed_folder_uses_a_stand_in(grounds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "ELSEWHERE", grounds / "elsewhere")
    closed = grounds / "closed"
    closed.mkdir(mode=0o700)
    place = machine.ground(closed / "home", machine.server_account())
    assert place.parent == grounds / "elsewhere"
    assert (place / "home").read_text().strip() == str(closed / "home")
    assert machine.ground(grounds, machine.server_account()) == grounds


def with_servers(parent: Path, *command: str) -> subprocess.Popen[str]:
    program = "import sys; from pathlib import Path; from portal.embedded.scratch import run_with_servers as run;"
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"{program} sys.exit(run(sys.argv[2:], Path(sys.argv[1])))",
            str(parent),
            *command,
        ],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}},
        stdout=subprocess.PIPE,
        text=True,
    )


ASK = "import os,sys; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'], flush=True);"


def test_with_gives_servers_and_the_exit_code_and_cleans_up(grounds: Path) -> None:
    parent = grounds / "with"
    process = with_servers(parent, sys.executable, "-c", ASK + "sys.exit(7)")
    said, _ = process.communicate(timeout=60)
    assert said.startswith("postgres://fascicle:")
    assert process.returncode == 7
    assert list(parent.glob("test-*")) == []


def test_with_killed_is_cleaned_up_by_the_next(grounds: Path) -> None:
    parent = grounds / "killed"
    process = with_servers(parent, sys.executable, "-c", ASK + "import time; time.sleep(60)")
    assert process.stdout
    url = process.stdout.readline().split()[0]
    process.kill()
    process.communicate(timeout=10)
    assert len(list(parent.glob("test-*"))) == 1
    with machine.locked(parent / "scratch.lock"):
        scratch.sweep(parent)
    assert list(parent.glob("test-*")) == []
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)


def test_with_told_to_stop_stops_its_servers(grounds: Path) -> None:
    parent = grounds / "told"
    process = with_servers(parent, sys.executable, "-c", ASK + "import time; time.sleep(60)")
    assert process.stdout
    process.stdout.readline()
    started = time.monotonic()
    process.terminate()
    process.communicate(timeout=20)
    assert time.monotonic() - started < 15
    assert list(parent.glob("test-*")) == []
