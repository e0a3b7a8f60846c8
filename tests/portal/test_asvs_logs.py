"""One event is one line, with its time; nothing that somebody typed makes another, and no key stays in one."""

from __future__ import annotations

import io
import logging
import re
import runpy
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from gunicorn.config import Config  # type: ignore[import-untyped]

from portal.limits import Throttle, within
from portal.logs import Line
from portal.middleware import REQUEST_ID, RequestIdFilter
from portal.models import User

LOGGING: Any = settings.LOGGING
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


@pytest.fixture
def written() -> Any:
    """A logger as the settings make it, and what it has written."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Line(LOGGING["formatters"]["line"]["format"]))
    handler.addFilter(RequestIdFilter())
    token = REQUEST_ID.set("r-1")
    logger = logging.Logger("portal.sample")
    logger.addHandler(handler)
    yield SimpleNamespace(log=logger, text=out.getvalue)
    REQUEST_ID.reset(token)


def test_the_settings_use_it() -> None:
    assert LOGGING["formatters"]["line"]["()"] == "portal.logs.Line"
    assert LOGGING["root"]["handlers"] == ["console"]


def test_a_line_says_when_what_and_in_which_request(written: Any) -> None:
    written.log.warning("a part is down: %s", "OperationalError")
    assert re.fullmatch(rf"{TIME} WARNING portal\.sample r-1 a part is down: OperationalError\n", written.text())


@pytest.mark.parametrize(
    "typed", ["x\nINFO all is well", "x\r\nx", "x\x1b[2Jx", "x\u2028x", "x\x85x", "x\u202ex", "x\x00x"]
)
def test_nothing_typed_begins_a_line(written: Any, typed: str) -> None:
    written.log.warning("searched for %s", typed)
    text = written.text()
    assert len(text.splitlines()) == 1
    assert text.removesuffix("\n").isprintable()


def test_a_traceback_stays_marked_as_one(written: Any) -> None:
    try:
        raise ValueError("it\n2026-01-01T00:00:00.000Z INFO forged")
    except ValueError:
        written.log.exception("fell over")
    first, *rest = written.text().splitlines()
    assert first.endswith("fell over")
    assert len(rest) == 3
    assert rest[-1] == "  | builtins.ValueError", "its kind, and not what it says"
    assert all(line.startswith("  | ") for line in rest)


@pytest.fixture(scope="module")
def gunicorn() -> dict[str, Any]:
    return runpy.run_path(str(Path(settings.BASE_DIR) / "deploy/gunicorn.conf.py"))


def access_line(gunicorn: dict[str, Any], path: str, caplog: pytest.LogCaptureFixture) -> str:
    config = Config()
    for name in ("access_log_format", "accesslog"):
        config.set(name, gunicorn[name])
    logger = gunicorn["Quiet"](config)
    logger.access_log.propagate = True
    environ = {
        "PATH_INFO": path,
        "QUERY_STRING": "q=my+illness",
        "REQUEST_METHOD": "GET",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "RAW_URI": f"{path}?q=my+illness",
    }
    answer = SimpleNamespace(status="200 OK", sent=1, headers=[("X-Request-ID", "r-1")], response_length=1)
    with caplog.at_level(logging.INFO, "gunicorn.access"):
        logger.access(answer, SimpleNamespace(headers=[]), environ, timedelta(seconds=1))
    return caplog.messages[-1]


def test_an_access_is_one_line_with_time_and_request(
    gunicorn: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    line = access_line(gunicorn, "/cases/F-1287/", caplog)
    assert re.fullmatch(r"\[\S+ [+-]\d{4}\] GET /cases/F-1287/ 200 1000 ms r-1", line)


@pytest.mark.parametrize("path", ["/x\n[01/Jan/2026:00:00:00 +0000] GET /forged 200", "/\x1b[2J", "/\x85\r"])
def test_an_address_begins_no_line(gunicorn: dict[str, Any], path: str, caplog: pytest.LogCaptureFixture) -> None:
    line = access_line(gunicorn, path, caplog)
    assert line.isprintable()
    assert "GET /forged" not in line


@pytest.mark.parametrize("path", ["/recover/1a-c0ffee-key/", "/register/confirm/MQ:1abc:key/"])
def test_a_key_and_a_search_stay_out(gunicorn: dict[str, Any], path: str, caplog: pytest.LogCaptureFixture) -> None:
    line = access_line(gunicorn, path, caplog)
    assert "key" not in line
    assert "illness" not in line


def limits_said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line for line in caplog.messages if line.startswith("limit reached")]


def test_a_limit_that_is_reached_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    request = RequestFactory().get("/search/?q=my+illness")
    assert [within(request, "search-miss", most=2, seconds=60) for _time in range(6)] == [True] * 2 + [False] * 4
    assert limits_said(caplog) == ["limit reached: search-miss by 127.0.0.1"]


@pytest.mark.django_db
def test_so_is_a_sign_in_too_many_without_whose(caplog: pytest.LogCaptureFixture) -> None:
    tried = {"login": "sandra@example.org", "password": "not the right one"}
    for number in range(7):
        Client().post("/sign-in/", tried, REMOTE_ADDR=f"10.0.0.{number}")
    assert limits_said(caplog) == ["limit reached: sign-in from 10.0.0.5", "limit reached: sign-in from 10.0.0.6"]
    assert "sandra" not in caplog.text
    assert "not the right one" not in caplog.text


@pytest.mark.django_db
def test_so_is_a_program_that_asks_without_end(
    nadia: User, as_user: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Throttle, "rate", "2/min")
    desk = as_user(nadia)
    assert [desk.get("/api/v1/").status_code for _time in range(3)] == [200, 200, 429]
    assert limits_said(caplog) == [f"limit reached: api by {nadia.pk}"]
