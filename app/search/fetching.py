"""Fetches a picture from its address, without letting the sender reach into our own networks.

Off unless the operator turns it on. A name is resolved once, here, and the connection goes to the
very address that was checked: what the name says a moment later does not matter. Every redirect
is checked anew, and time and bytes are bounded in all.
"""

import logging
import socket
import ssl
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from threading import BoundedSemaphore, Event, Timer
from time import monotonic
from typing import Any
from urllib.parse import urljoin

from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Url

from app.search.addresses import PORTS, SHOWN, require_address
from app.search.connections import CheckedHTTP, CheckedHTTPS, Connection
from app.search.networks import Network, require_public
from indexer.text import readable
from models.errors import EncoderBusy, ImageTooLarge, LikenessError

logger = logging.getLogger(__name__)

REDIRECTS = (301, 302, 303, 307, 308)
STEP = 2**16
HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "Likeness"}

_places = BoundedSemaphore(4)
_resolving = ThreadPoolExecutor(4, thread_name_prefix="names")


class AddressesOff(LikenessError):
    """A search by address where the operator has not turned it on."""


class FetchFailed(LikenessError):
    """An address from which no picture came."""


@dataclass(frozen=True)
class Rules:
    """What may be fetched.

    Attributes:
        most_bytes: of a body.
        seconds: for all of it: resolving, connecting, redirects and the body.
        redirects: that are followed at most.
        ports: that may be connected to.
        allowed: networks that count as public though they are not.
        tls: how certificates are verified; None for as the system does.
    """

    most_bytes: int
    seconds: float = 10.0
    redirects: int = 3
    ports: frozenset[int] = frozenset(PORTS.values())
    allowed: Sequence[Network] = ()
    tls: ssl.SSLContext | None = None


def fetch(address: str, rules: Rules, deadline: float | None = None) -> bytes:
    """Return what lies at an address; whether it is a picture is for `models.images` to say.

    Args:
        address: of http or https, as it was given.
        rules: what may be fetched.
        deadline: on the monotonic clock, where several share one; None: as the rules say.

    Raises:
        AddressRefused: it is no such address, or not one of the public internet.
        FetchFailed: nothing came, or not in time, or not as it was announced.
        ImageTooLarge: it is over the limit of bytes.
        EncoderBusy: too many are fetched at once.
    """
    if not _places.acquire(blocking=False):
        raise EncoderBusy("Too many pictures are being fetched. Try again in a moment.")
    try:
        return _Fetch(address, rules, deadline or monotonic() + rules.seconds).followed()
    finally:
        _places.release()


@dataclass
class _Fetch:
    """One fetch, through all its redirects."""

    given: str
    rules: Rules
    deadline: float
    late: Event = field(init=False, default_factory=Event)

    @property
    def name(self) -> str:
        """Return the address as messages repeat it."""
        return readable(self.given[:SHOWN])

    def followed(self) -> bytes:
        address = self.given.strip()
        for _ in range(self.rules.redirects + 1):
            found = self._once(require_address(address, self.name, self.rules.ports), address)
            if isinstance(found, bytes):
                return found
            address = found
        raise FetchFailed(
            f"{self.name} leads on more than {self.rules.redirects} times. "
            "Give the address at the end."
        )

    def _once(self, url: Url, address: str) -> bytes | str:
        """Return the body of an answer, or the address to which it leads on."""
        connection = self._connection(url)
        try:
            with self._watched(connection):
                connection.request(
                    "GET",
                    url.request_uri,
                    headers=HEADERS,
                    preload_content=False,
                    decode_content=False,
                )
                with closing(connection.getresponse()) as response:
                    target = response.headers.get("Location")
                    if response.status in REDIRECTS and target:
                        return urljoin(address, target)
                    self._require_sound(response)
                    body = self._body(response)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            logger.info("Nothing came from %s: %s", self.name, error)
            if self.late.is_set() or monotonic() >= self.deadline:
                raise self._too_late() from error
            raise FetchFailed(
                f"{self.name} gave no picture: the connection failed. "
                "Check the address, or download the picture and send it."
            ) from error
        finally:
            connection.close()
            connection.release()
        if self.late.is_set():
            raise self._too_late()
        return body

    def _connection(self, url: Url) -> Connection:
        host, port = (url.host or "").strip("[]"), url.port or PORTS[url.scheme or ""]
        sockets = self._resolved(host, port)
        seconds = self.rules.seconds
        if url.scheme == "http":
            connection: Connection = CheckedHTTP(host, port, timeout=seconds)
        else:
            context = self.rules.tls or ssl.create_default_context()
            connection = CheckedHTTPS(host, port, timeout=seconds, ssl_context=context)
        connection.checked, connection.deadline = sockets, self.deadline
        return connection

    def _resolved(self, host: str, port: int) -> list[tuple[Any, ...]]:
        """Return where a name leads, all of it checked, as getaddrinfo gives it.

        Raises:
            AddressRefused: to where nothing is fetched from.
            FetchFailed: nobody knows the name, or not in time.
        """
        asked = _resolving.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            found = asked.result(max(0.0, self.deadline - monotonic()))
        except Late:
            asked.cancel()
            raise self._too_late() from None
        except (OSError, UnicodeError) as error:
            raise FetchFailed(
                f"{self.name} is on no server that is known. Check the address."
            ) from error
        require_public([str(each[4][0]) for each in found], self.name, self.rules.allowed)
        return list(found)

    @contextmanager
    def _watched(self, connection: Connection) -> Iterator[None]:
        """Cut the connection at the deadline, however slowly something still comes."""

        def cut() -> None:
            self.late.set()
            connection.cut()

        timer = Timer(max(0.0, self.deadline - monotonic()), cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _require_sound(self, response: BaseHTTPResponse) -> None:
        if response.status != 200:
            raise FetchFailed(
                f"{self.name} answered with the status {response.status}. Check the address."
            )
        coding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in ("", "identity"):
            raise FetchFailed(
                f"{self.name} sends the picture packed ({readable(coding[:40])}), which was not "
                "asked for. Download the picture, and send it."
            )

    def _body(self, response: BaseHTTPResponse) -> bytes:
        most = self.rules.most_bytes
        announced = response.headers.get("Content-Length", "")
        body = bytearray()
        if not (announced.isascii() and announced.isdigit() and int(announced[:18]) > most):
            while len(body) <= most and (data := response.read(STEP)):
                body += data
            if len(body) <= most:
                return bytes(body)
        raise ImageTooLarge(
            f"{self.name} has more than {most:,} bytes, which is the most that is taken. "
            "Save the picture smaller, and send it."
        )

    def _too_late(self) -> FetchFailed:
        return FetchFailed(
            f"{self.name} did not come within {self.rules.seconds:g} seconds. "
            "Download the picture, and send it."
        )
