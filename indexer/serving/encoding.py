"""Lends the encoder to searches: opened once, and only a few pictures at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore, Lock

from models.encoder import Encoder, open_encoder
from models.errors import EncoderBusy
from models.exported import read_fingerprint

COMPILED = "compiled"
"""Where an instance keeps compiled networks."""


class Gate:
    """Lets a few pictures at a time be decoded and encoded, and the others wait a while."""

    def __init__(self, slots: int = 2, wait_seconds: float = 10.0) -> None:
        """Set how many may enter at once, and how long the next one waits."""
        self.wait_seconds = wait_seconds
        self._slots = BoundedSemaphore(slots)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Hold a slot.

        Raises:
            EncoderBusy: none became free in time.
        """
        if not self._slots.acquire(timeout=self.wait_seconds):
            raise EncoderBusy(
                f"Too many pictures are being searched for; none was finished within "
                f"{self.wait_seconds:g} seconds. Try again in a moment."
            )
        try:
            yield
        finally:
            self._slots.release()


class EncoderSlot:
    """An encoder that is opened at its first use, once, and then shared."""

    def __init__(self, directory: Path, threads: int = 0, compiled: Path | None = None) -> None:
        """Remember how to open it.

        Args:
            directory: where it lies.
            threads: of the processor for one picture; 0 for the encoder's choice.
            compiled: a folder that keeps compiled networks, as for models.encoder.open_encoder.
        """
        self._directory = directory
        self._threads = threads
        self._compiled = compiled
        self._lock = Lock()
        self._encoder: Encoder | None = None

    @property
    def is_open(self) -> bool:
        """Return whether it has been opened."""
        return self._encoder is not None

    @property
    def is_there(self) -> bool:
        """Return whether it can be had: its generation may have been removed meanwhile."""
        return self.is_open or self._directory.is_dir()

    def get(self) -> Encoder:
        """Return the encoder."""
        with self._lock:
            if self._encoder is None:
                self._encoder = open_encoder(
                    self._directory, threads=self._threads, compiled=self._kept()
                )
            return self._encoder

    def _kept(self) -> Path | None:
        """Return where the network is kept compiled, if that pays.

        To read int8 back takes a third of the time that compiling it takes; in the other
        precisions it takes as long.
        """
        precision = read_fingerprint(self._directory).precision
        return self._compiled if precision == "int8" else None
