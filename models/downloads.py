"""ImageNet weights come by Keras's own loader, once, and a network that is not there is noticed."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from urllib.request import Request, urlopen

from models.errors import WeightsMissing
from models.networks import Download

ANSWER_SECONDS = 10.0
"""How long a server may take to answer at all."""

_STALL_SECONDS = 60.0


def keras_cache() -> Path:
    """Return the folder where Keras keeps downloaded weights."""
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home) / "models"


def fetch(download: Download, *, seconds: float = ANSWER_SECONDS) -> Path:
    """Return Keras's own copy of a file, downloaded and hash-checked where it has none.

    TensorFlow is imported only where there really is something to download.

    Args:
        download: what to fetch.
        seconds: how long the server may take to answer.

    Raises:
        WeightsMissing: the file cannot be had; the message gives the cause.
    """
    cached = keras_cache() / download.file
    if cached.is_file() and _is_sound(cached, download.md5):
        return cached
    try:
        _check_answers(download.url, seconds)
        return _by_keras(download)
    except Exception as error:
        raise WeightsMissing(f"{download.url} cannot be downloaded: {error}.") from error


def _is_sound(file: Path, md5: str | None) -> bool:
    if md5 is None:
        return True
    with file.open("rb") as content:
        return file_digest(content, "md5").hexdigest() == md5


def _check_answers(url: str, seconds: float) -> None:
    """Ask the server for the file's header, for so long and no longer.

    A dead network may hold up the look-up of a name, or each of a dozen addresses, far beyond
    any time limit of a socket: hence the thread.
    """
    outcome: list[Exception | None] = []

    def ask() -> None:
        try:
            with urlopen(Request(url, method="HEAD"), timeout=seconds):
                outcome.append(None)
        except Exception as error:
            outcome.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if not outcome:
        raise TimeoutError(f"no answer within {seconds:g} seconds")
    if outcome[0] is not None:
        raise outcome[0]


def _by_keras(download: Download) -> Path:
    from models.engines.keras import import_keras

    keras = import_keras()
    with _bounded_waits(_STALL_SECONDS):
        path = keras.utils.get_file(
            download.file, download.url, cache_subdir="models", file_hash=download.md5
        )
    return Path(path)


@contextmanager
def _bounded_waits(seconds: float) -> Iterator[None]:
    """Bound each wait for the network, which Keras's loader leaves without an end."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
