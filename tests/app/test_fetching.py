"""Pictures from addresses: what is fetched, and everything that is refused, by real servers."""

import socket
import ssl
import subprocess
import threading
import time
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

import pytest

from app.search import fetching
from app.search.fetching import FetchFailed, Rules, fetch
from app.search.networks import AddressRefused, is_public
from models.errors import EncoderBusy, ImageTooLarge
from tests import serving
from tests.app.sites import LOOPBACK, MOST, OK, Site, Talk, dripping, saying, site


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
