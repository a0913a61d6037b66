"""Uploads pictures to a server as programs and browsers do, and times every answer."""

import http.client
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

BOUNDARY = "likeness-benchmark"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
STAGE = re.compile(r"(\w+);dur=([\d.]+)")
TOKEN = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class Timed:
    """One answer.

    Attributes:
        status: of HTTP; 0 where none came.
        milliseconds: until all of it was there.
        stages: milliseconds that the server says its stages took.
        location: where it leads, or "".
        bytes: of its body.
    """

    status: int
    milliseconds: float
    stages: dict[str, float] = field(default_factory=dict)
    location: str = ""
    bytes: int = 0


class Client:
    """One client with one connection, as a program has it.

    Args:
        port: of the server on this machine.
        seconds: that it waits for an answer.
    """

    def __init__(self, port: int, seconds: float = 60) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
        self.headers: dict[str, str] = {}
        self.token = b""

    def search(self, picture: Path) -> Timed:
        """Upload a picture to the interface for programs."""
        return self._ask("POST", "/api/v1/search?k=10", _form(picture))

    def visit(self) -> None:
        """Open the home page, as a browser does before its first upload."""
        self.connection.request("GET", "/")
        with self.connection.getresponse() as answer:
            page, cookie = answer.read(), answer.headers["Set-Cookie"]
        found = TOKEN.search(page)
        if found is None or cookie is None:
            raise SystemExit("The home page has no form to upload with.")
        self.headers = {"Cookie": cookie.split(";")[0]}
        self.token = found[1]

    def upload(self, picture: Path) -> Timed:
        """Upload a picture by the form of the home page."""
        return self._ask("POST", "/search", _form(picture, self.token))

    def page(self, address: str, *, as_json: bool = False) -> Timed:
        """Open a page, or a picture, or the same facts as JSON."""
        return self._ask("GET", address, accept="application/json" if as_json else "text/html")

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _ask(
        self, method: str, address: str, body: bytes | None = None, accept: str = "*/*"
    ) -> Timed:
        headers = self.headers | {"Accept": accept} | (FORM if body else {})
        start = time.perf_counter()
        try:
            self.connection.request(method, address, body, headers)
            with self.connection.getresponse() as answer:
                size = len(answer.read())
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return Timed(0, (time.perf_counter() - start) * 1e3)
        milliseconds = (time.perf_counter() - start) * 1e3
        found = STAGE.findall(answer.headers.get("Server-Timing", ""))
        stages = {name: float(duration) for name, duration in found}
        location = answer.headers.get("Location", "")
        return Timed(answer.status, milliseconds, stages, location, size)


Answers = dict[str, list[Timed]]
"""What was asked for -> the answers."""


def by_programs(client: Client, picture: Path) -> dict[str, Timed]:
    """Search as a program does."""
    return {"search": client.search(picture)}


def by_browsers(client: Client, picture: Path) -> dict[str, Timed]:
    """Search as a browser does: send the form, open the page it leads to, load the picture."""
    if not client.token:
        client.visit()
    sent = client.upload(picture)
    if sent.status != 303:
        return {"upload": sent}
    return {
        "upload": sent,
        "page": client.page(sent.location),
        "picture": client.page(f"{sent.location}/picture.jpg"),
    }


def load(
    port: int,
    ask: Callable[[Client, Path], dict[str, Timed]],
    pictures: Sequence[Path],
    clients: int,
) -> tuple[Answers, float]:
    """Let clients share the uploads of pictures; return the answers, and the seconds of it all."""
    waiting: SimpleQueue[Client] = SimpleQueue()
    for _ in range(clients):
        waiting.put(Client(port))

    def one(picture: Path) -> dict[str, Timed]:
        client = waiting.get()
        try:
            return ask(client, picture)
        finally:
            waiting.put(client)

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        found = list(pool.map(one, pictures))
    seconds = time.perf_counter() - start
    for _ in range(clients):
        waiting.get().close()
    kinds = dict.fromkeys(name for each in found for name in each)
    return {name: [each[name] for each in found if name in each] for name in kinds}, seconds


def _form(picture: Path, token: bytes = b"") -> bytes:
    parts = [(b'"image"; filename="q.jpg"', picture.read_bytes())]
    parts += [(b'"csrf_token"', token)] if token else []
    edge = f"--{BOUNDARY}".encode()
    lines = [
        edge + b"\r\nContent-Disposition: form-data; name=%s\r\n\r\n%s" % part for part in parts
    ]
    return b"\r\n".join([*lines, edge + b"--\r\n"])
