"""Mails over SMTP in two steps, so that everything which can fail safely fails before the body.

`offer` speaks as far as DATA's 354: until then the server has nothing, and a failure loses nothing.
`finish` sends the body: what happens from there on may have been sent.

Several connections go in step: each is told the next word, then each is heard. So they wait for the server's answers
together, and what goes together needs one commit. A server that takes several words at once (RFC 2920) gets them so.
"""

from __future__ import annotations

import smtplib
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage

from portal.channels import CutOff, SaidNo
from portal.outbound import trusted

# One that hangs has used up the time of all: those after it have had theirs meanwhile, and get this more.
A_MOMENT = 1
BEFORE, BODY = slice(3), slice(3, 4)
GO_ON = 354
WANTED = (250,), (250, 251), (GO_ON,)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail as it goes over the line: MAIL, RCPT, DATA, and the body to the dot that ends it.

    Nothing is left to do once it is armed.
    """

    words: tuple[bytes, ...]


class Connection:
    """To the mail server of the settings, kept for several mails. `trouble` is what became of the one it has."""

    def __init__(self) -> None:
        self.mail: Envelope | None = None
        self.trouble: Exception | None = None
        # It carried a mail before: that it is ended now says nothing of the next.
        self.is_kept = False
        self.server = opened()

    @property
    def is_open(self) -> bool:
        return self.server.sock is not None

    @property
    def takes_many(self) -> bool:
        return self.server.has_extn("pipelining")

    def take(self, mail: Envelope) -> None:
        self.mail, self.trouble = mail, None

    def take_anew(self) -> None:
        """The same mail, over another line."""
        try:
            self.server, self.trouble, self.is_kept = opened(), None, False
        except OSError as wrong:
            self.trouble = wrong

    def say(self, part: slice) -> None:
        """Of the words of its mail."""
        assert self.mail
        try:
            self.server.send(b"".join(self.mail.words[part]))
        except OSError as wrong:
            self.trouble = wrong

    def hear(self, wanted: Collection[int], patience: float) -> None:
        """Of several answers the first that was not wanted counts."""
        try:
            self.wait_for(patience)
            code, text = self.server.getreply()
        except OSError as wrong:
            # smtplib says of a server that did not answer in time that it ended the line.
            self.trouble = wrong.__context__ if isinstance(wrong.__context__, TimeoutError) else wrong
            return
        if code not in wanted:
            self.trouble = self.trouble or SaidNo(code, text)
        elif self.trouble and code == GO_ON:
            # It waits for a body that it shall not have.
            self.drop()

    def wait_for(self, seconds: float) -> None:
        if self.server.sock and self.server.sock.gettimeout() != seconds:
            self.server.sock.settimeout(seconds)

    @property
    def hung(self) -> bool:
        return isinstance(self.trouble, TimeoutError)

    def forget(self) -> None:
        """What was refused before the body: the server is told so, and takes the next."""
        try:
            self.server.rset()
            self.mail, self.is_kept = None, True
        except OSError:
            self.drop()

    def drop(self) -> None:
        """Without goodbye: in the middle of a mail even that would be taken for text of it."""
        self.server.close()
        self.mail = None

    def close(self) -> None:
        if self.mail:
            self.drop()
        with suppress(OSError):
            self.server.quit()


def opened() -> smtplib.SMTP:
    """Raises OSError, of which smtplib's own errors are."""
    config = settings.EMAIL_CONFIG
    address = config["EMAIL_HOST"], config["EMAIL_PORT"] or 25
    if config.get("EMAIL_USE_SSL"):
        server: smtplib.SMTP = smtplib.SMTP_SSL(*address, timeout=settings.EMAIL_TIMEOUT, context=trusted())
    else:
        server = smtplib.SMTP(*address, timeout=settings.EMAIL_TIMEOUT)
    try:
        if config.get("EMAIL_USE_TLS"):
            server.starttls(context=trusted())
        if config.get("EMAIL_HOST_USER"):
            server.login(config["EMAIL_HOST_USER"], config["EMAIL_HOST_PASSWORD"])
        server.ehlo_or_helo_if_needed()
    except BaseException:
        server.close()
        raise
    return server


def offer(connections: Collection[Connection]) -> None:
    """As far as 354; `trouble` says of each what became of it."""
    many = [one for one in connections if one.trouble is None and one.takes_many]
    for one in many:
        one.say(BEFORE)
    for step, wanted in enumerate(WANTED):
        others = [one for one in connections if one.trouble is None and not one.takes_many]
        for one in others:
            one.say(slice(step, step + 1))
        _hear([*many, *others], *wanted)
    for one in connections:
        if isinstance(one.trouble, SaidNo) and one.is_open:
            one.forget()


def finish(connections: Collection[Connection]) -> None:
    """The bodies; `trouble` is SaidNo where one was refused, CutOff where nobody can tell."""
    for one in connections:
        one.say(BODY)
    _hear(connections, 250)
    for one in connections:
        one.is_kept, one.mail = True, None
        if isinstance(one.trouble, OSError):
            one.drop()
            one.trouble = CutOff(type(one.trouble).__name__, is_late=one.hung)


def _hear(connections: Collection[Connection], *wanted: int) -> None:
    patience: float = settings.EMAIL_TIMEOUT
    for one in connections:
        if one.is_open:
            one.hear(wanted, patience)
            if one.hung:
                patience = A_MOMENT


def enveloped(mail: EmailMessage) -> Envelope:
    message: Any = mail.message()
    body = smtplib._quote_periods(message.as_bytes(linesep="\r\n"))  # type: ignore[attr-defined]
    ending = b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n"
    sender, to = (smtplib.quoteaddr(str(message[name])).encode("ascii") for name in ("From", "To"))
    return Envelope((b"MAIL FROM:%b\r\n" % sender, b"RCPT TO:%b\r\n" % to, b"DATA\r\n", body + ending))
