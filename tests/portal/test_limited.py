"""A parser in a process of its own: it crashes, hangs and eats memory there, and knows none of our secrets."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest

from portal import limited
from portal.limited import Failed

HERE = "tests.portal.test_limited"


# Functions that run in the child.


def shout(data: bytes) -> bytes:
    return data.upper()


def refuse(data: bytes) -> bytes:
    wrong = ValueError("not for anyone's eyes")
    wrong.reason = "encrypted"  # type: ignore[attr-defined]
    raise wrong


def decode(data: bytes) -> bytes:
    return data.decode().encode()


def tell(_data: bytes) -> bytes:
    return json.dumps({"environment": dict(os.environ), "pid": os.getpid()}).encode()


def crash(_data: bytes) -> bytes:
    os.abort()


def raise_something(_data: bytes) -> bytes:
    raise RuntimeError("boom")


def hang(_data: bytes) -> bytes:
    time.sleep(60)
    return b""


def hang_and_tell(data: bytes) -> bytes:
    Path(data.decode()).write_text(str(os.getpid()))
    time.sleep(60)
    return b""


def spin(_data: bytes) -> bytes:
    while True:
        pass


def eat(_data: bytes) -> bytes:
    return b"x" * (limited.MEMORY_BYTES + 1)


def flood(_data: bytes) -> bytes:
    return b"x" * (limited.OUTPUT_BYTES + 1)


def limits(_data: bytes) -> bytes:
    return Path("/proc/self/limits").read_bytes()


def descriptors(_data: bytes) -> bytes:
    numbers = [0, 1, 2, *range(3, 40)]
    return "\n".join(
        str(Path(f"/proc/self/fd/{number}").readlink())
        for number in numbers
        if Path(f"/proc/self/fd/{number}").is_symlink()
    ).encode()


def call(function: str, data: bytes = b"", **how: int) -> bytes:
    return limited.call(f"{HERE}:{function}", data, **how)


def test_it_gives_back_what_the_function_makes() -> None:
    content = os.urandom(3_000_000)
    assert call("shout", content) == content.upper()


def test_a_refusal_comes_back_as_its_word() -> None:
    with pytest.raises(Failed, match=r"^encrypted$"):
        call("refuse")


def test_what_python_calls_a_reason_is_not_passed_on() -> None:
    with pytest.raises(Failed, match=r"^unreadable$"):
        call("decode", b"\xff secret")


@pytest.mark.parametrize("function", ["crash", "raise_something", "eat", "flood"])
def test_a_crash_is_one(function: str) -> None:
    with pytest.raises(Failed, match=r"^crash$"):
        call(function)


def test_who_takes_too_long_is_ended(tmp_path: Path) -> None:
    began, note = time.monotonic(), tmp_path / "pid"
    with pytest.raises(Failed, match=r"^time$"):
        call("hang_and_tell", str(note).encode(), seconds=2)
    assert time.monotonic() - began < 10
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_who_computes_too_long_is_ended() -> None:
    with pytest.raises(Failed, match=r"^time$"):
        call("spin", seconds=3)


def test_it_knows_no_setting_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary-of-a-secret")
    told = json.loads(call("tell"))
    assert told["pid"] != os.getpid()
    assert "canary-of-a-secret" not in str(told)
    assert not {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL"} & set(told["environment"])


def test_the_limits_are_the_kernels() -> None:
    """Seen from inside: soft and hard alike, so that the child can't raise them again."""
    told = call("limits").decode()
    wanted = {
        "address space": limited.MEMORY_BYTES,
        "cpu time": limited.CPU_SECONDS,
        "file size": limited.OUTPUT_BYTES,
        "open files": limited.OPEN_FILES,
        "core file size": 0,
    }
    for name, most in wanted.items():
        assert re.search(rf"(?m)^Max {name} +{most} +{most} ", told), name


def test_nothing_of_ours_is_left_open_to_it(tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as kept:
        os.set_inheritable(kept.fileno(), True)
        assert str(tmp_path) not in call("descriptors").decode()
