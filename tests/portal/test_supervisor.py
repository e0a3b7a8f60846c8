"""The tree of processes, with toys for children; and what is asked before anything starts."""

from __future__ import annotations

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from portal import preconditions, processes, supervisor
from portal.embedded import CannotStart, Servers, machine
from portal.processes import Tree

ROOT = Path(__file__).resolve().parents[2]
SLEEPER = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)")


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    tree = Tree({**os.environ, processes.MARK: str(tmp_path)}, tmp_path, io.StringIO())
    yield tree
    tree.told = 2
    tree.stop()


def said(tree: Tree) -> str:
    assert isinstance(tree.out, io.StringIO)
    return tree.out.getvalue()


def until(what: Callable[[], object], tree: Tree, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, said(tree)
        tree.pump(0.02)
        tree.revive()


def is_gone(pid: int) -> bool:
    """No such process, or one that is dead and only not yet buried by init."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() == b""
    except OSError:
        return True


def test_lines_carry_the_name_of_their_child(tree: Tree) -> None:
    tree.run("step", sys.executable, "-c", "print('one'); print('two', end='')")
    assert said(tree) == "step     │ one\nstep     │ two\n"


def test_bytes_that_are_no_text_are_shown_all_the_same(tree: Tree) -> None:
    tree.run("step", sys.executable, "-c", r"import sys; sys.stdout.buffer.write(b'\xff\xfe ok\n')")
    assert "ok" in said(tree)


def test_much_output_of_a_step_is_shown_whole(tree: Tree) -> None:
    tree.run("step", sys.executable, "-c", "for n in range(20000): print(n)")
    assert said(tree).count("\n") == 20000
    assert said(tree).endswith("19999\n")


def test_a_failed_step_is_one_sentence(tree: Tree) -> None:
    with pytest.raises(CannotStart, match="the step “migrate” failed"):
        tree.run("migrate", sys.executable, "-c", "raise SystemExit(3)")


def test_a_child_that_dies_is_started_again_and_that_is_said(tree: Tree) -> None:
    child = tree.add("worker", *SLEEPER)
    until(lambda: "up" in said(tree), tree)
    assert child.process
    first = child.process.pid
    child.process.kill()
    until(lambda: said(tree).count("up") == 2, tree)
    assert "worker   │ ended (SIGKILL); starts again in 1 s" in said(tree)
    assert child.process.pid != first


def test_one_that_keeps_dying_is_given_longer_pauses(tree: Tree) -> None:
    tree.add("web", sys.executable, "-c", "raise SystemExit(1)")
    until(lambda: "starts again in 2 s" in said(tree), tree)
    assert said(tree).index("in 1 s") < said(tree).index("in 2 s")


def test_what_a_dead_child_left_in_its_group_ends_too(tree: Tree) -> None:
    child = tree.add("worker", "sh", "-c", "sleep 60 & echo $!; wait")
    until(lambda: "│" in said(tree), tree)
    grandchild = int(said(tree).split()[-1])
    assert child.process
    child.process.kill()
    until(lambda: is_gone(grandchild), tree)


def test_stop_ends_children_that_will_not_listen(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE_SECONDS", 0.3)
    child = tree.add("deaf", "sh", "-c", "trap '' TERM; echo up; sleep 60 & wait; sleep 60")
    until(lambda: "up" in said(tree), tree)
    assert child.process
    pid = child.process.pid
    tree.stop()
    assert is_gone(pid)


def test_watch_ends_when_told(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "TEND_SECONDS", 0)
    tended: list[int] = []

    def tend() -> None:
        tended.append(1)
        tree.told = len(tended) // 3

    tree.watch(tend)
    assert len(tended) == 3


def test_leftovers_are_known_by_their_mark_and_ended(tmp_path: Path) -> None:
    ours = {**os.environ, processes.MARK: str(tmp_path / "ours")}
    theirs = {**os.environ, processes.MARK: str(tmp_path / "theirs")}
    with subprocess.Popen(["sleep", "60"], env=ours) as left, subprocess.Popen(["sleep", "60"], env=theirs) as other:
        while processes.leftovers(str(tmp_path / "ours")) != [left.pid]:
            time.sleep(0.01)
        assert processes.end_leftovers(str(tmp_path / "ours")) == 1
        assert left.wait(5) == -signal.SIGTERM
        assert other.poll() is None
        other.kill()


@pytest.mark.skipif(machine.LIBC is None, reason="only Linux tells a child of its parent's death")
def test_children_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from portal.processes import Tree;"
        f"tree = Tree(dict(os.environ), Path('.')); child = tree.add('x', *{SLEEPER!r});"
        "print(child.process.pid, flush=True); tree.watch(lambda: None)"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 5
    while not is_gone(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert is_gone(pid)


def test_a_second_copy_is_told_where_the_first_is(tmp_path: Path) -> None:
    told = rf"already running \(process {os.getpid()}, http://localhost:1\)"
    with (
        preconditions.only_copy(tmp_path, "http://localhost:1"),
        pytest.raises(CannotStart, match=told),
        preconditions.only_copy(tmp_path, "http://localhost:2"),
    ):
        pass
    with preconditions.only_copy(tmp_path, "http://localhost:2"):
        pass


@pytest.mark.parametrize("address", [bare for bare, _ in preconditions.loopbacks()])
def test_a_taken_port_is_one_sentence_that_names_port(address: str) -> None:
    with socket.create_server((address, 0), family=preconditions.family(address)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"port {port} is taken .* make run PORT=\d+"):
            preconditions.check_port(port)


@pytest.mark.parametrize("port", ["70000", "-1", "0", "abc", "", "٨٠"])
def test_a_port_that_is_none_is_one_sentence(port: str) -> None:
    with pytest.raises(CannotStart, match="is no port number"):
        preconditions.port_from(port)


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=12_000_000))
    with pytest.raises(CannotStart, match="has 12 MB left, and it needs 300"):
        preconditions.check_room(tmp_path)


def test_what_is_set_stays_and_what_is_missing_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "EMAIL_URL", "SITE_URL", "DEBUG", "MAILBOX_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLINIC_NAME", "Lakeside")
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/x")
    plan = supervisor.Plan(tmp_path, 8123, is_dev=False)
    servers = Servers(None, None, None, "redis://127.0.0.1:7")
    first, second = (supervisor.environment(plan, servers) for _ in range(2))
    assert first == second
    assert first["DATABASE_URL"] == "postgres://elsewhere/x"
    assert first["REDIS_URL"] == "redis://127.0.0.1:7"
    assert (first["CLINIC_NAME"], first["SITE_URL"], first["DEBUG"]) == ("Lakeside", "http://localhost:8123", "0")
    assert len(first["SECRET_KEY"]) > 32
    assert (tmp_path / "secret").stat().st_mode & 0o177 == 0
