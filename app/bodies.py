"""Takes request bodies in, bounded in time, so that a client that stalls holds nothing for long."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from werkzeug.exceptions import RequestTimeout

from app.words import _

IDLE_SECONDS = 10.0
DRAIN_SECONDS = 10.0
DRAIN_BYTES = 256 * 2**20
STEP = 2**16

Environ = dict[str, Any]


class UploadStalled(RequestTimeout):
    """A body that did not arrive in time."""


class Body:
    """A request's body that must arrive within a time.

    Args:
        raw: the server's stream.
        length: bytes announced, or None where the server ends the stream by itself.
        seconds: time for all of it.
    """

    def __init__(self, raw: Any, length: int | None, seconds: float) -> None:
        self.raw = raw
        self.left = length
        self.deadline = time.monotonic() + seconds

    def read(self, size: int = -1) -> bytes:
        """Read at most `size` bytes.

        Raises:
            UploadStalled: if the body is late.
        """
        if self.left is not None:
            size = self.left if size < 0 else min(size, self.left)
        if time.monotonic() > self.deadline:
            raise UploadStalled(self._late())
        try:
            data: bytes = self.raw.read(size)
        except TimeoutError as error:
            raise UploadStalled(self._late()) from error
        if self.left is not None:
            self.left -= len(data)
        return data

    def drain(self) -> None:
        """Read what is left and forget it, for a bounded time and to a bounded size."""
        self.deadline = time.monotonic() + DRAIN_SECONDS
        left = DRAIN_BYTES
        try:
            while left > 0 and (data := self.read(STEP)):
                left -= len(data)
        except (OSError, UploadStalled):
            return

    def _late(self) -> str:
        return _("The picture did not arrive in time. Check the connection, and send it again.")


class BoundedBodies:
    """WSGI middleware that bounds the time that a request's body may take."""

    def __init__(self, app: Callable[[Environ, Any], Iterable[bytes]], seconds: float) -> None:
        self.app = app
        self.seconds = seconds

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        # gunicorn hands its socket over; without a timeout one silent client holds a thread.
        if (connection := environ.get("gunicorn.socket")) is not None:
            connection.settimeout(min(IDLE_SECONDS, self.seconds))
        length = environ.get("CONTENT_LENGTH") or ""
        known = int(length) if length.isascii() and length.isdigit() else None
        environ["wsgi.input"] = Body(environ["wsgi.input"], known, self.seconds)
        return self.app(environ, start_response)


def init_app(app: Flask) -> None:
    """Bound the bodies of all requests."""
    app.wsgi_app = BoundedBodies(  # type: ignore[method-assign]
        app.wsgi_app, app.config["UPLOAD_SECONDS"]
    )


def drainer(environ: Environ) -> Callable[[], None]:
    """Return a function that reads the rest of a refused body after the answer was sent."""
    body = environ["wsgi.input"]
    return body.drain if isinstance(body, Body) else lambda: None
