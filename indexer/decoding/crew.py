"""Shares batches of files out among as many processes as the encoder can keep busy."""

from concurrent.futures import Future, wait
from queue import SimpleQueue
from time import monotonic
from types import TracebackType
from typing import Self

from indexer.decoding.decoder import Manner, Refused
from indexer.decoding.hands import Batch, Hand, Work
from indexer.decoding.slots import Slots

PATIENCE = 0.25  # seconds: about what the start of a process costs


class Crew:
    """A few hands; another joins once waiting has cost what the start of a process costs.

    Batches are begun in the order in which they are submitted.
    """

    def __init__(self, slots: Slots, manner: Manner, most: int) -> None:
        """Start nothing yet.

        Args:
            slots: where pixels go.
            manner: how pictures are decoded.
            most: processes at once.
        """
        self._slots, self._manner, self._most = slots, manner, most
        self._work: SimpleQueue[Work | None] = SimpleQueue()
        self._hands: list[Hand] = []
        self._waited = 0.0

    def __enter__(self) -> Self:
        """Return the crew."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all processes at once, whatever they do."""
        for hand in self._hands:
            hand.end()
            self._work.put(None)
        for hand in self._hands:
            if hand.ident is not None:  # Ctrl-C may have come before it was started
                hand.join()

    def submit(self, batch: Batch) -> Future[tuple[Refused, ...]]:
        """Have a batch decoded; the future tells which of its files cannot be used."""
        if not self._hands:
            self._join()
        work = Work(batch, Future())
        self._work.put(work)
        return work.done

    def result(self, future: Future[tuple[Refused, ...]]) -> tuple[Refused, ...]:
        """Wait for what a batch has become.

        Raises:
            BuildFailed: no process lives long enough to decode anything.
            OSError: the system starts no more processes.
        """
        while not future.done():
            # While one of them is still starting, waiting does not mean that they are too few.
            counts = all(hand.ready for hand in self._hands)
            began = monotonic()
            wait([future], timeout=PATIENCE - self._waited)
            if counts:
                self._waited += monotonic() - began
            if self._waited >= PATIENCE:
                self._waited = 0.0
                if len(self._hands) < self._most:
                    self._join()
        return future.result()

    def _join(self) -> None:
        hand = Hand(self._work, self._slots, self._manner)
        self._hands.append(hand)
        hand.start()
