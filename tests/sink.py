"""A real SMTP server on a free port that keeps what it is sent, and can be told to fail."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from django.conf import settings


@dataclass
class Sink:
    """`answers` are given to the next bodies, one each ("451 later"); `cut` breaks the line after a body; an answer
    to a body takes `pause` seconds.
    """

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    cut: int = 0
    pause: float = 0
    refused: set[str] = field(default_factory=set)
    # Over which a body is on its way, and how many they were at most.
    lines: set[Any] = field(default_factory=set)
    most_lines: int = 0
    # It takes them in any case; said, we give it many words at once.
    says_pipelining: bool = False

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, name: str, said: list[str]) -> list[str]:  # noqa: N802
        session.host_name = name
        return ["250-PIPELINING", *said] if self.says_pipelining else said

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        self.lines.add(session.peer)
        self.most_lines = max(self.most_lines, len(self.lines))
        return "250 go on"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.lines.discard(session.peer)
        await asyncio.sleep(self.pause)
        if self.answers:
            return self.answers.pop(0)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        if self.cut:
            self.cut -= 1
            server.transport.abort()
        return "250 kept"


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    """The settings' mail server, for as long as this lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sink = Sink(port)
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    before = dict(settings.EMAIL_CONFIG)
    settings.EMAIL_CONFIG.update(EMAIL_HOST="127.0.0.1", EMAIL_PORT=port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
        settings.EMAIL_CONFIG.update(before)
