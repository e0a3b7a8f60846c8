"""A mail server that delivers nothing and keeps everything: the demo's outgoing mail."""

from __future__ import annotations

import asyncio
import signal
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal import mailbox

LARGEST_BYTES = 30_000_000


class Keeper:
    def __init__(self, directory: Path) -> None:
        self.directory = directory

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            mailbox.keep(self.directory, raw)
        except OSError as wrong:
            return f"452 Not kept: {wrong.strerror}"
        return "250 Kept"


async def serve(directory: Path, port: int) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    server = partial(SMTP, Keeper(directory), data_size_limit=LARGEST_BYTES, enable_SMTPUTF8=True)
    listening = await loop.create_server(server, "127.0.0.1", port)
    async with listening:
        await stopped.wait()


class Command(BaseCommand):
    help = "Keep the mail sent to 127.0.0.1 at --port as files in MAILBOX_DIR."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, required=True)

    def handle(self, *_: Any, port: int, **__: Any) -> None:
        directory = Path(settings.MAILBOX_DIR)
        self.stdout.write(f"keeping mail sent to 127.0.0.1:{port} in {directory}")
        try:
            asyncio.run(serve(directory, port))
        except OSError as wrong:
            raise CommandError(f"The mailbox can't listen on port {port}: {wrong.strerror}.") from wrong
