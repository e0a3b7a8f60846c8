"""What is posted to an address that somebody typed in leaves for the open internet, or not at all."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal import outbound

HOST, HERE = "hooks.example.org", "127.0.0.1"
INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.7", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.127.255.254", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1",
    "fec0::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:93.184.215.14", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "not-an-address", "",
]  # fmt: skip
OPEN = ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111"]


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_a_network(address: str) -> None:
    assert not outbound.is_open(address)


@pytest.mark.parametrize("address", OPEN)
def test_the_open_internet(address: str) -> None:
    assert outbound.is_open(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "file:///etc/passwd", "//example.org/", "https://", "https:///x",
        "https://user@example.org/", "https://user:pass@example.org/", "https://example.org/#part",
        "https://example.org:99999/", "https://example.org:0/", "https://[::1", "gopher://example.org:70/",
    ],
)  # fmt: skip
def test_only_plain_https(url: str) -> None:
    with pytest.raises(outbound.Forbidden):
        outbound.post(url, b"", {})


# However the number is written, it is the resolver that reads it, and its answer that is looked at.
@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:10.0.0.1]"])
def test_a_name_for_the_inside_is_refused(host: str) -> None:
    with pytest.raises(outbound.NotSent):
        outbound.post(f"https://{host}/", b"", {})


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Each question is answered with the next of these, the last for ever; what was asked."""
    asked: list[str] = []

    really = socket.getaddrinfo

    def resolve(host: str, port: int, *about: Any, **more: Any) -> Any:
        if host[0].isdigit():
            return really(host, port, *about, **more)
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_one_inside_among_several_is_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, ["93.184.215.14", "10.0.0.1"])
    with pytest.raises(outbound.Forbidden):
        outbound.post(f"https://{HOST}/", b"", {})


def test_what_a_name_means_a_moment_later_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: asked once, and the socket goes to the very address that was looked at."""
    asked, opened = names(monkeypatch, ["93.184.215.14"], [HERE]), []

    def connect(address: tuple[str, int], **_about: Any) -> Any:
        opened.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(outbound.NotSent):
        outbound.post(f"https://{HOST}:8443/hook", b"", {})
    assert (asked, opened) == ([HOST], [("93.184.215.14", 8443)])


# A receiver of ours, on this machine.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For HOST, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*plain) + made.public_bytes(serialization.Encoding.PEM))
    return path


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def receiver(certificate: Path, answer: Answer) -> Iterator[tuple[int, list[tuple[str, dict[str, str], bytes]]]]:
    """Its port, and what it was sent: path, headers, body."""
    got: list[tuple[str, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, dict(self.headers), body))
            answer(self)

        def log_message(self, *_words: object) -> None:
            pass

    server = HTTPServer((HERE, 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], got
    finally:
        server.shutdown()
        server.server_close()


def status(code: int, **headers: str) -> Answer:
    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(code)
        for name, value in headers.items():
            to.send_header(name, value)
        to.send_header("Content-Length", "0")
        to.end_headers()

    return answer


@pytest.fixture
def here(certificate: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name leads to this machine, this once allowed, and its certificate is known."""
    settings.OUTBOUND_TEST_ADDRESSES = frozenset({HERE})
    names(monkeypatch, [HERE])
    monkeypatch.setattr(outbound, "trusted", lambda: ssl.create_default_context(cafile=str(certificate)))


@pytest.mark.usefixtures("here")
def test_a_redirect_is_not_followed(certificate: Path) -> None:
    with receiver(certificate, status(302, Location=f"https://{HERE}/elsewhere")) as (port, got):
        assert outbound.post(f"https://{HOST}:{port}/hook?of=us", b"{}", {"webhook-id": "1"}) == 302
    [(path, headers, body)] = got
    assert (path, headers["Host"], headers["webhook-id"], body) == ("/hook?of=us", f"{HOST}:{port}", "1", b"{}")


@pytest.mark.usefixtures("here")
def test_another_name_than_the_certificates_gets_nothing(certificate: Path) -> None:
    with receiver(certificate, status(200)) as (port, got), pytest.raises(outbound.NotSent, match="CertVerification"):
        outbound.post(f"https://other.example.org:{port}/", b"secret", {})
    assert got == []


@pytest.mark.usefixtures("here")
def test_who_answers_slowly_or_without_end_holds_nobody_up(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "STEP_SECONDS", 0.3)
    monkeypatch.setattr(outbound, "WHOLE_SECONDS", 0.6)
    done = threading.Event()

    def drip(to: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            to.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not done.wait(0.1):
                to.wfile.write(b"x-more: 1\r\n")

    began = datetime.now(UTC)
    with receiver(certificate, drip) as (port, _got):
        with pytest.raises(outbound.NotSent):
            outbound.post(f"https://{HOST}:{port}/", b"", {})
        assert datetime.now(UTC) - began < timedelta(seconds=3)
        done.set()


@pytest.mark.usefixtures("here")
def test_no_more_is_read_than_needed(certificate: Path) -> None:
    def endless(to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.send_header("Content-Length", str(10**12))
        to.end_headers()
        to.wfile.write(b"x" * 100_000)

    with receiver(certificate, endless) as (port, _got):
        assert outbound.post(f"https://{HOST}:{port}/", b"", {}) == 200
