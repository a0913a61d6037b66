"""Pictures from addresses: what is fetched, and everything that is refused, by real servers."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path

import pytest
from flask import Flask

from app.search import fetching
from app.search.fetching import FetchFailed, Rules, fetch
from app.search.networks import AddressRefused, is_public
from models.errors import EncoderBusy, ImageTooLarge
from tests import serving

LOOPBACK = ("127.0.0.0/8", "::1/128")
MOST = 100_000

Talk = Callable[[socket.socket, str], None]
"""Answers a connection on which the head of a request has come."""


@dataclass
class Site:
    """A server on the loopback: its port, and the heads of the requests that it got."""

    port: int
    heads: list[str] = field(default_factory=list)

    def address(self, path: str = "/picture.png", host: str = "127.0.0.1") -> str:
        """Return an address on it."""
        return f"http://{host}:{self.port}{path}"

    def rules(self, **changes: object) -> Rules:
        """Return rules that allow it."""
        rules = Rules(MOST, seconds=5, ports=frozenset({self.port}), allowed=LOOPBACK)
        return replace(rules, **changes)  # type: ignore[arg-type]


@contextmanager
def site(talk: Talk, tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Serve, each connection in a thread, until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = Site(listener.getsockname()[1])

        def secured(raw: socket.socket) -> socket.socket:
            return tls.wrap_socket(raw, server_side=True) if tls else raw

        def answer(raw: socket.socket) -> None:
            with suppress(OSError), raw, secured(raw) as connection:
                head = b""
                while b"\r\n\r\n" not in head and (data := connection.recv(4096)):
                    head += data
                served.heads.append(head.decode("latin-1"))
                talk(connection, head.split(b" ")[1].decode("latin-1"))

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield served
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def saying(head: str, body: bytes = b"") -> Talk:
    """Return what sends always the same."""
    content = head.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body
    return lambda connection, path: connection.sendall(content)


def dripping(first: bytes, drop: bytes, seconds: float = 20) -> Talk:
    """Return what sends something, and then a little of it every 20 ms."""

    def talk(connection: socket.socket, path: str) -> None:
        connection.sendall(first)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            connection.sendall(drop)
            time.sleep(0.02)

    return talk


OK = "HTTP/1.1 200 OK\nContent-Type: text/html\nConnection: close"


def test_what_lies_there_is_fetched_whatever_it_is_called() -> None:
    with site(saying(OK, serving.png())) as served:
        assert fetch(served.address(), served.rules()) == serving.png()
    (head,) = served.heads
    assert f"Host: 127.0.0.1:{served.port}" in head
    assert "Accept-Encoding: identity" in head
    assert "Cookie" not in head


def test_a_name_is_kept_while_the_connection_goes_to_its_address() -> None:
    with site(saying(OK, b"x")) as served:
        assert fetch(served.address(host="localhost"), served.rules()) == b"x"
    assert f"Host: localhost:{served.port}" in served.heads[0]


def test_a_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    known = socket.getaddrinfo

    def resolve(host: str, *rest: object, **more: object) -> object:
        asked.append(host)
        # What a rebinding server does: public at the first look, ours at the second.
        place = "127.0.0.1" if len(asked) == 1 else "10.0.0.1"
        return known(place, *rest, **more)  # type: ignore[arg-type]

    with site(saying(OK, b"x")) as served:
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        assert fetch(served.address(host="rebinding.example"), served.rules()) == b"x"
    assert asked == ["rebinding.example"]


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "ftp://example.org/a.jpg",
        "gopher://example.org/",
        "javascript:alert(1)",
        "example.org/a.jpg",
        "//example.org/a.jpg",
        "http://",
        "http:///a.jpg",
        "",
        "http://exa mple.org/",
        "http://example.org/\r\nHost: x",
        "http://" + "a" * 3000,
        "http://[::1",
        "http://example.org:99999/",
        "http://example.org:8080/",
        "https://example.org:22/",
    ],
)
def test_what_is_no_address_of_a_picture_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        fetch(address, Rules(MOST, seconds=2))


def test_users_and_passwords_are_refused_and_not_repeated() -> None:
    with pytest.raises(AddressRefused, match="user or password") as refused:
        fetch("https://me:secret@example.org/a.jpg", Rules(MOST))
    assert "secret" not in str(refused.value)
    assert "https://example.org/a.jpg" in str(refused.value)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[fe80::1]",
        "[fc00::1]",
        "[ff02::1]",
    ],
)
def test_our_own_networks_are_refused(host: str) -> None:
    with pytest.raises(AddressRefused, match="does not lead to the public internet") as refused:
        fetch(f"http://{host}/", Rules(MOST, seconds=2))
    assert host in str(refused.value)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("172.15.0.1", True),
        ("172.32.0.1", True),
        ("100.63.255.255", True),
        ("100.127.255.255", False),
        ("198.19.0.1", False),
        ("203.0.113.9", False),
        ("240.0.0.1", False),
        ("2606:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::808:808", True),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::808:808", False),
        ("::8.8.8.8", False),
        ("2002:808:808::", False),
        ("2001::1", False),
        ("2001:db8::1", False),
        ("fec0::1", False),
        ("5f00::1", False),
    ],
)
def test_networks_are_told_apart(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


def test_a_redirect_is_followed() -> None:
    def talk(connection: socket.socket, path: str) -> None:
        moved = "HTTP/1.1 302 Found\nLocation: /b?c=1\nContent-Length: 0"
        saying(moved if path == "/a" else OK, b"" if path == "/a" else b"x")(connection, path)

    with site(talk) as served:
        assert fetch(served.address("/a"), served.rules()) == b"x"
    assert served.heads[1].startswith("GET /b?c=1 ")


@pytest.mark.parametrize(
    ("target", "refusal"),
    [
        ("http://169.254.169.254/latest/meta-data/", AddressRefused),
        ("http://10.0.0.1/", AddressRefused),
        ("http://127.0.0.1:22/", AddressRefused),
        ("file:///etc/passwd", AddressRefused),
        ("http://u:p@127.0.0.1/", AddressRefused),
        ("/again", FetchFailed),
    ],
)
def test_every_redirect_is_checked_anew(target: str, refusal: type[Exception]) -> None:
    moved = saying(f"HTTP/1.1 301 Moved\nLocation: {target}\nContent-Length: 0")
    with site(moved) as served:
        rules = served.rules(ports=frozenset({served.port, 80}))
        with pytest.raises(refusal) as refused:
            fetch(served.address("/a"), rules)
    assert len(served.heads) == (4 if target == "/again" else 1)
    assert "user" in str(refused.value) or served.address("/a") in str(refused.value)


@pytest.mark.parametrize(
    "talk",
    [
        dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n", b"x"),
        dripping(b"HTTP/1.1 200 OK\r\n", b"x"),
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        dripping(b"", b""),
    ],
    ids=["body", "announced body", "header", "continue", "silence"],
)
def test_what_comes_too_slowly_is_cut(talk: Talk) -> None:
    with site(talk) as served:
        start = time.monotonic()
        with pytest.raises(FetchFailed, match=r"did not come within 0\.5 seconds"):
            fetch(served.address(), served.rules(seconds=0.5))
        assert time.monotonic() - start < 10  # it would go on for 20


@pytest.mark.parametrize(
    "talk",
    [
        saying(f"{OK}\nContent-Length: {MOST + 1}"),
        saying(f"{OK}\nContent-Length: {'9' * 4000}"),
        dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 50_000),
        dripping(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"c350\r\n" + b"x" * 50_000 + b"\r\n",
        ),
    ],
    ids=["announced", "absurd", "endless", "endless chunks"],
)
def test_what_is_too_large_is_refused(talk: Talk) -> None:
    with site(talk) as served, pytest.raises(ImageTooLarge, match="100,000 bytes"):
        fetch(served.address(), served.rules())


def test_no_more_is_read_than_was_announced() -> None:
    with site(saying(f"{OK}\nContent-Length: 3", b"abcdef")) as served:
        assert fetch(served.address(), served.rules()) == b"abc"


@pytest.mark.parametrize(
    ("talk", "why"),
    [
        (saying(f"{OK}\nContent-Length: 10", b"abc"), "connection failed"),
        (saying(f"{OK}\nContent-Encoding: gzip", b"\x1f\x8b"), "packed"),
        (saying(f"{OK}\nContent-Encoding: br, identity", b""), "packed"),
        (saying("HTTP/1.1 404 Not Found\nContent-Length: 0"), "status 404"),
        (saying("HTTP/1.1 204 No Content"), "status 204"),
        (saying("HTTP/1.1 302 Found\nContent-Length: 0"), "status 302"),
        (saying("SSH-2.0-OpenSSH_9.2"), "connection failed"),
        (saying("HTTP/1.1 200 OK\n" + "X: y\n" * 200 + "Z: z"), "connection failed"),
        (saying("HTTP/1.1 200 OK\nX: " + "y" * 70_000), "connection failed"),
        (saying("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", b"zz\r\n"), "connection failed"),
    ],
)
def test_what_is_not_as_it_should_be_is_refused(talk: Talk, why: str) -> None:
    with site(talk) as served, pytest.raises(FetchFailed, match=why) as refused:
        fetch(served.address(), served.rules())
    assert served.address() in str(refused.value)


def test_a_name_that_nobody_knows_is_told() -> None:
    with pytest.raises(FetchFailed, match="on no server that is known"):
        fetch("http://nobody.invalid/a.jpg", Rules(MOST))


def test_a_port_where_nobody_listens_is_told() -> None:
    port = serving.free_port()
    rules = Rules(MOST, ports=frozenset({port}), allowed=LOOPBACK)
    with pytest.raises(FetchFailed, match="connection failed"):
        fetch(f"http://127.0.0.1:{port}/", rules)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for localhost, with its key in the same file."""
    folder = tmp_path_factory.mktemp("tls")
    made = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-days", "2", "-nodes"]
    what = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", *made, *what]
    subprocess.run(command, check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    return both


def test_certificates_are_verified_for_the_name(certificate: Path) -> None:
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(certificate)
    names: list[str | None] = []
    ours.sni_callback = lambda _, name, __: names.append(name)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with site(saying(OK, b"x"), ours) as served:
        address = f"https://localhost:{served.port}/"
        assert fetch(address, served.rules(tls=trusting)) == b"x"
        with pytest.raises(FetchFailed, match="connection failed"):
            fetch(address, served.rules())  # nobody vouches for the certificate
        with pytest.raises(FetchFailed, match="connection failed"):
            fetch(address.replace("localhost", "127.0.0.1"), served.rules(tls=trusting))
    assert names[0] == "localhost"


def test_a_slow_handshake_is_cut() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        served = Site(silent.getsockname()[1])
        with pytest.raises(FetchFailed, match=r"did not come within 0\.5 seconds"):
            fetch(f"https://127.0.0.1:{served.port}/", served.rules(seconds=0.5))


def test_a_name_of_many_addresses_takes_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:  # nobody accepts them, so the next one is not answered
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        known = socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM) * 40
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: known)
        start = time.monotonic()
        with pytest.raises(FetchFailed, match=r"did not come within 0\.5 seconds"):
            fetch(f"http://many.example:{port}/", Site(port).rules(seconds=0.5))
        assert time.monotonic() - start < 10  # one after the other they would take 20
        for each in waiting:
            each.close()


def test_few_are_fetched_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_places", threading.BoundedSemaphore(1))
    with site(dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x")) as served:
        first = threading.Thread(target=_try, args=(served.address(), served.rules(seconds=1)))
        first.start()
        while not served.heads:
            time.sleep(0.01)
        with pytest.raises(EncoderBusy):
            fetch(served.address(), served.rules())
        first.join()
        with pytest.raises(FetchFailed):
            fetch(served.address(), served.rules(seconds=0.1))


def _try(address: str, rules: Rules) -> None:
    with suppress(FetchFailed):
        fetch(address, rules)


@contextmanager
def fetching_app(served: Site) -> Iterator[Flask]:
    """Make an application that fetches from a site."""
    app = serving.make_app(serving.instance(), SEARCH_BY_ADDRESS=1)
    shared = app.extensions["likeness"]
    app.extensions["likeness"] = replace(shared, fetching=served.rules(most_bytes=2**20))
    yield app


def test_a_search_begins_with_an_address_on_the_home_page() -> None:
    picture = serving.pictures()[3]
    with site(saying(OK, picture.read_bytes())) as served, fetching_app(served) as app:
        client = app.test_client()
        home = client.get("/").text
        assert 'name="address"' in home
        form = {"csrf_token": serving.token_of(home), "address": served.address()}
        answer = client.post("/search", data=form, follow_redirects=True)
    assert answer.status_code == 200
    assert picture.name in answer.text


def test_a_program_searches_by_address() -> None:
    picture = serving.pictures()[3]
    with site(saying(OK, picture.read_bytes())) as served, fetching_app(served) as app:
        parts = [{"address": served.address(), "box": [0, 0, 1, 1]}]
        answer = app.test_client().post("/api/v1/search", json={"parts": parts})
    assert answer.json is not None
    assert answer.json["query"] == served.address()
    assert answer.json["hits"][0]["path"].endswith(picture.name)


def test_what_is_fetched_is_judged_by_its_content() -> None:
    head = "HTTP/1.1 200 OK\nContent-Type: image/jpeg\nConnection: close"
    with site(saying(head, b"<html>no picture</html>")) as served, fetching_app(served) as app:
        parts = [{"address": served.address()}]
        answer = app.test_client().post("/api/v1/search", json={"parts": parts})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("http://127.0.0.1/", 400, "address_refused"),
        ("http://nobody.invalid/", 422, "fetch_failed"),
        ("\ud800", 400, "bad_request"),
    ],
)
def test_refusals_have_a_status(address: str, status: int, code: str) -> None:
    app = serving.make_app(serving.instance(), SEARCH_BY_ADDRESS=1)
    answer = app.test_client().post("/api/v1/search", json={"parts": [{"address": address}]})
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)  # type: ignore[index]


def test_nothing_is_fetched_unless_that_is_turned_on(app: Flask) -> None:
    client = app.test_client()
    home = client.get("/").text
    assert 'name="address"' not in home
    with site(saying(OK, serving.png())) as served:
        parts = [{"address": served.address()}]
        answer = client.post("/api/v1/search", json={"parts": parts})
        form = {"csrf_token": serving.token_of(home), "address": served.address()}
        page = client.post("/search", data=form)
    assert (answer.status_code, page.status_code) == (403, 403)
    assert "LIKENESS_SEARCH_BY_ADDRESS" in answer.json["error"]["message"]  # type: ignore[index]
    assert served.heads == []


def test_a_form_with_neither_is_told(app: Flask) -> None:
    client = app.test_client()
    token = serving.token_of(client.get("/").text)
    answer = client.post("/search", data={"csrf_token": token, "address": ""})
    assert answer.status_code == 400
    assert "Choose a picture first." in answer.text
