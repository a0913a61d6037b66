"""Servers on the loopback that answer as a test says, well or badly."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from app.search.fetching import Rules

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
