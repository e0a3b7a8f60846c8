"""A mail server as a process: counts what it accepted by Message-ID, says so when asked, and fails when told to.

python -m tests.chaos.sink PORT_OF_SMTP PORT_OF_HTTP

GET  /<message-id>                                  200 it was accepted, 404 it was not
GET  /seen                                          {message-id: [when, when, …]}
POST /faults?refuse=0.05&cut=0.02&pace=0.02&seed=1  so many refused for now, so many cut off after acceptance
POST /die?seconds=5                                 SMTP ends every line and takes none for so long
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from urllib.parse import parse_qs, unquote, urlsplit

MESSAGE_ID = re.compile(rb"^message-id:\s*<([^>]+)>", re.IGNORECASE | re.MULTILINE)


class Sink:
    def __init__(self) -> None:
        self.seen: dict[str, list[float]] = {}
        self.lines: set[Smtp] = set()
        self.chance = random.Random(1)
        self.refuse = self.cut = self.pace = 0.0
        self.dead_until = 0.0

    def accept(self, body: bytes) -> None:
        found = MESSAGE_ID.search(body)
        self.seen.setdefault(found.group(1).decode() if found else "?", []).append(time.time())

    def set_faults(self, **faults: float) -> None:
        self.chance = random.Random(faults.get("seed", 1))
        self.refuse, self.cut, self.pace = (faults.get(name, 0.0) for name in ("refuse", "cut", "pace"))

    def die(self, seconds: float) -> None:
        self.dead_until = time.monotonic() + seconds
        for line in list(self.lines):
            line.transport.abort()

    @property
    def is_dead(self) -> bool:
        return time.monotonic() < self.dead_until


class Smtp(asyncio.Protocol):
    """As little of SMTP as a sender speaks, and as fast as Python can."""

    transport: asyncio.Transport

    def __init__(self, sink: Sink) -> None:
        self.sink, self.unread = sink, b""
        self.has_recipient = self.is_body = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self.sink.is_dead:
            transport.abort()
            return
        self.sink.lines.add(self)
        transport.write(b"220 sink\r\n")

    def connection_lost(self, exc: Exception | None) -> None:
        self.sink.lines.discard(self)

    def data_received(self, data: bytes) -> None:
        self.unread += data
        while not self.transport.is_closing():
            part, end, rest = self.unread.partition(b"\r\n.\r\n" if self.is_body else b"\r\n")
            if not end:
                return
            self.unread = rest
            if self.is_body:
                self.is_body = False
                self.take(part)
            else:
                self.obey(part.upper())

    def obey(self, line: bytes) -> None:
        if line.startswith(b"EHLO"):
            self.say(b"250-sink\r\n250 PIPELINING")
        elif line.startswith(b"RCPT"):
            self.has_recipient = self.sink.chance.random() >= self.sink.refuse / 2
            self.say(b"250 well" if self.has_recipient else b"451 later")
        elif line.startswith(b"DATA"):
            self.is_body = self.has_recipient
            self.say(b"354 go on" if self.is_body else b"503 to whom?")
        elif line.startswith(b"QUIT"):
            self.say(b"221 bye")
            self.transport.close()
        else:
            self.say(b"250 well")

    def take(self, body: bytes) -> None:
        """Half of what is refused is refused here, after the body; what is cut off was accepted."""
        sink = self.sink
        if sink.chance.random() < sink.refuse / 2:
            self.say(b"451 not now")
            return
        sink.accept(body)
        if sink.chance.random() < sink.cut:
            self.transport.abort()
        elif sink.pace:
            asyncio.get_running_loop().call_later(sink.pace, self.say, b"250 kept")
        else:
            self.say(b"250 kept")

    def say(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer + b"\r\n")


class Http(asyncio.Protocol):
    """One question a connection."""

    transport: asyncio.Transport

    def __init__(self, sink: Sink) -> None:
        self.sink, self.unread = sink, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.unread += data
        if b"\r\n\r\n" not in self.unread:
            return
        method, target = self.unread.split(b" ", 2)[:2]
        status, body = self.answer(method.decode(), target.decode())
        head = f"HTTP/1.1 {status} -\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self.transport.write(head.encode() + body)
        self.transport.close()

    def answer(self, method: str, target: str) -> tuple[int, bytes]:
        path = unquote(urlsplit(target).path).strip("/")
        given = {name: float(values[0]) for name, values in parse_qs(urlsplit(target).query).items()}
        if method == "POST":
            self.obey(path, given)
            return 200, b""
        if path == "seen":
            return 200, json.dumps(self.sink.seen).encode()
        return (200 if path in self.sink.seen else 404), b""

    def obey(self, path: str, given: dict[str, float]) -> None:
        if path == "die":
            self.sink.die(given["seconds"])
        else:
            self.sink.set_faults(**given)


async def serve(smtp: int, http: int) -> None:
    loop, sink = asyncio.get_running_loop(), Sink()
    await loop.create_server(lambda: Smtp(sink), "127.0.0.1", smtp)
    await loop.create_server(lambda: Http(sink), "127.0.0.1", http)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
