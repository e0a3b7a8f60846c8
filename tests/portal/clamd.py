"""A double of ClamAV's daemon: it speaks INSTREAM, VERSION and PING on a real socket, and can be unwell."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

# What this double takes for a virus. (Not the well-known test string: a real scanner would remove this file.)
VIRUS = b"FASCICLE-TEST-VIRUS-7f3a"
VERSION = "ClamAV 1.4.2/27500/Tue Nov  3 09:00:00 2026"


@dataclass
class Clamd:
    address: str
    # well, slow (says nothing), cut (hangs up in the middle of its answer), small (takes 100 bytes), odd, mute
    manner: str = "well"
    heard: list[bytes] = field(default_factory=list)

    def answer(self, content: bytes) -> bytes:
        self.heard.append(content)
        found = "Fascicle.Test-1 FOUND" if VIRUS in content else "OK"
        return {
            **dict.fromkeys(("well", "small"), f"stream: {found}\n"),
            "cut": "stream: O",
            "odd": "stream: perhaps\n",
            "mute": "",
            "rude": "stream: \udcff\udcfe OK\n",
        }[self.manner].encode("utf-8", "surrogateescape")


def receive(line: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        more = line.recv(count - len(got))
        if not more:
            raise ConnectionError
        got += more
    return got


def read_stream(line: socket.socket, most: int) -> bytes:
    content = b""
    while length := struct.unpack("!L", receive(line, 4))[0]:
        content += receive(line, length)
        if len(content) > most:
            line.sendall(b"INSTREAM size limit exceeded. ERROR\n")
            raise ConnectionError
    return content


@contextmanager
def clamd(folder: Path | None = None) -> Iterator[Clamd]:
    """Running, on TCP or on a socket in this folder."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            command = b""
            while not command.endswith(b"\n"):
                command += receive(self.request, 1)
            with suppress(OSError):
                self.reply(command.strip())

        def reply(self, command: bytes) -> None:
            if command == b"nVERSION":
                self.request.sendall(f"{VERSION}\n".encode())
            elif command == b"nPING":
                self.request.sendall(b"PONG\n")
            elif command == b"nINSTREAM":
                if daemon.manner == "slow":
                    time.sleep(2)
                    return
                content = read_stream(self.request, 100 if daemon.manner == "small" else 10**9)
                self.request.sendall(daemon.answer(content))

    daemon = Clamd("")
    server: socketserver.BaseServer
    if folder:
        path = folder / "clamd.sock"
        server = socketserver.ThreadingUnixStreamServer(str(path), Handler)
        daemon.address = f"unix://{path}"
    else:
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        daemon.address = f"tcp://127.0.0.1:{server.server_address[1]}"
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield daemon
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
