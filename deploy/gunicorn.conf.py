"""How the web server runs, for `make run` and for docker-compose.yml alike."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gunicorn.glogging import Logger

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 10
keepalive = 30
# A worker makes room for a new one now and then; the jitter keeps them from doing so together.
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
# Heartbeats in memory: on a slow disk they would stall the worker.
MEMORY = Path("/dev/shm")  # noqa: S108 gunicorn unlinks its file at once
worker_tmp_dir = str(MEMORY) if MEMORY.is_dir() else None
# The path without its query: a search term is no business of the log. The id leads to the trail, which knows who.
accesslog = "-"
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(M)s ms %({x-request-id}o)s"
errorlog = "-"


# What follows these in a path is a key that lets in whoever has it.
KEYED = ("/recover/", "/register/confirm/", "/invite/", "/answer/", "/calendar/", "/stop/")


class Quiet(Logger):
    """Keeps keys out of the log, and health checks that find all well, every few seconds."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        path = environ.get("PATH_INFO", "")
        if path == "/health/" and resp.status.startswith("200"):
            return
        shown = next((f"{keyed}-" for keyed in KEYED if path.startswith(keyed)), path)
        # Percent-encoded anew: a line end in an address begins no line of the log.
        super().access(resp, req, {**environ, "PATH_INFO": quote(shown, encoding="latin-1")}, request_time)


logger_class = Quiet
loglevel = os.environ.get("GUNICORN_LOG_LEVEL", "info")
