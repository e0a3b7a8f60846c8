"""Posting to an address that somebody typed in: to the open internet, and nowhere else.

A name is resolved once, every address it has is looked at, and the socket is opened to the very address that passed:
what the name means a moment later (DNS rebinding) makes no difference. No redirect is followed, no proxy asked, and
what comes back is read no further than its status and headers.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

# For one step on the line, and for all of them: who sends a byte every four seconds holds nobody up.
STEP_SECONDS, WHOLE_SECONDS = 5, 10
# IPv6 that carries an IPv4 address in it: a translator on the way would lead inside. Mapped, NAT64, 6to4, Teredo.
CARRYING = [IPv6Network(net) for net in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16",
                                         "2001::/32", "fec0::/10")]  # fmt: skip


class NotSent(Exception):
    """Nothing, or nothing good, came of it. Why, in words for who set the address."""


class Forbidden(NotSent):
    """An address that we don't post to."""


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status that was answered. Raises NotSent where none was, within WHOLE_SECONDS."""
    parts = checked(url)
    host, port = str(parts.hostname), parts.port or 443
    try:
        with opened(address_of(host, port), host) as line:
            to = http.client.HTTPSConnection(host, port)
            to.sock = line
            to.request("POST", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", body, dict(headers))
            return to.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as broken:
        raise NotSent(type(broken).__name__) from broken


def checked(url: str) -> SplitResult:
    """Raises Forbidden for an address that can't be one of a webhook, whatever its name means."""
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError as wrong:
        raise Forbidden("no address") from wrong
    if parts.scheme != "https" or not parts.hostname or not has_port:
        raise Forbidden("only https:// is posted to")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Forbidden("an address without a name, password or fragment in it")
    return parts


def address_of(host: str, port: int) -> tuple[str, int]:
    """Of the addresses this name has now, the first. Raises Forbidden where any of them is not of the open internet."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as unknown:
        raise NotSent("the name is not known") from unknown
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(is_open(address) for address in addresses):
        raise Forbidden("the name leads to an address inside a network")
    return addresses[0], port


def is_open(text: str) -> bool:
    if text in settings.OUTBOUND_TEST_ADDRESSES:
        return True
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and (address.scope_id or any(address in net for net in CARRYING)):
        return False
    return is_public(address)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Not private, shared (CGNAT), loopback, link-local, documentation, multicast, reserved or unspecified."""
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_loopback or address.is_link_local
    )


@contextmanager
def opened(address: tuple[str, int], host: str) -> Iterator[ssl.SSLSocket]:
    """To this address, and to nobody who has no certificate for this name."""
    with socket.create_connection(address, timeout=STEP_SECONDS) as plain:
        if not is_open(str(plain.getpeername()[0])):
            raise Forbidden("the line leads inside a network")
        # With TLS the line is in other hands: the first gives its number away. One that breaks off is no answer.
        held: list[socket.socket] = [plain]
        stop = Timer(WHOLE_SECONDS, cut, [held])
        stop.daemon = True
        stop.start()
        try:
            with trusted().wrap_socket(plain, server_hostname=host, suppress_ragged_eofs=False) as line:
                held.append(line)
                yield line
        finally:
            stop.cancel()


def cut(held: list[socket.socket]) -> None:
    """Below TLS, which would go on in plain text."""
    with suppress(OSError):
        socket.socket.shutdown(held[-1], socket.SHUT_RDWR)


def trusted() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
