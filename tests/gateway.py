"""A real HTTP server on a free port, in the place of a provider: keeps what it is asked, answers as it is told."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answer = tuple[int, str]


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Gateway:
    """`reply` makes the answer to each request; `cut` breaks the line once a request was taken."""

    url: str
    reply: Callable[[Asked], Answer]
    asked: list[Asked] = field(default_factory=list)
    cut: int = 0


@contextmanager
def gateway(reply: Callable[[Asked], Answer]) -> Iterator[Gateway]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    kept = Gateway(f"http://127.0.0.1:{server.server_address[1]}", reply)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            one = Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            kept.asked.append(one)
            status, text = kept.reply(one)
            if kept.cut:
                kept.cut -= 1
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = _answer  # noqa: N815

        def log_message(self, *about: Any) -> None:
            """Not to the test's output."""

    server.RequestHandlerClass = Handler
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
