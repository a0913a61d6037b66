"""Speaks with a process that decodes, and replaces it when it dies."""

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import asdict, astuple, dataclass
from multiprocessing import Pipe
from pathlib import Path
from queue import SimpleQueue
from signal import Signals
from threading import Lock, Thread

from indexer.decoding.decoder import File, Manner, Refused
from indexer.decoding.slots import Slots
from indexer.errors import BuildFailed

STILLBORN = 5  # processes that may end before the first picture of a batch
SECONDS_TO_END = 5.0

_ROOM = Path(__file__).resolve().parents[2]
# One thread for the numerics: of those that NumPy would start, none had anything to do.
_PROGRAM = (
    "import os, sys; os.environ['OPENBLAS_NUM_THREADS'] = '1'; sys.path.insert(0, sys.argv[1]); "
    "from indexer.decoding.decoder import main; main(*sys.argv[2:])"
)


_LOST = (
    "The process that decoded it was {}, and so was the next. The file may be made to crash "
    "decoders, or need more memory than there is: open and save it again, smaller."
)
_STILLBORN = (
    "The processes that decode pictures do not live: the last of them was {} before its first "
    "picture. Is there memory left?"
)


@dataclass(frozen=True)
class Batch:
    """Files to decode into a slot, in rows that count up from 0."""

    slot: int
    files: tuple[File, ...]


@dataclass(frozen=True)
class Work:
    """A batch, and what tells that it is done."""

    batch: Batch
    done: Future[tuple[Refused, ...]]


class Ended(Exception):
    """The crew was ended while a batch was still to be decoded."""


class Decoder:
    """A process of indexer/decoding/decoder.py, as the build sees it.

    It is started anew and not forked, since the threads of the networks' libraries do not
    survive that; and not by multiprocessing, which would import the build's main module, Flask
    and all. It has a session of its own, so that Ctrl-C does not reach it.
    """

    def __init__(self, slots: Slots, manner: Manner) -> None:
        """Start it."""
        self.ready = False  # to decode: it has imported what it needs
        self._connection, theirs = Pipe()
        with theirs:
            places = (slots.descriptor, slots.count, slots.batch_size, slots.size)
            limits = json.dumps(asdict(manner.limits))
            arguments = [str(theirs.fileno()), json.dumps(places), limits, manner.crop]
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _PROGRAM, str(_ROOM), *arguments],
                pass_fds=(theirs.fileno(), slots.descriptor),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )

    def decode(self, slot: int, files: Sequence[File]) -> tuple[Refused, ...]:
        """Decode files into a slot, and return those that cannot be used.

        Raises:
            EOFError, OSError: the process has died.
        """
        if not self.ready:
            self._connection.recv_bytes()
            self.ready = True
        self._connection.send_bytes(json.dumps([slot, [astuple(f) for f in files]]).encode())
        return tuple(Refused(*fields) for fields in json.loads(self._connection.recv_bytes()))

    def kill(self) -> None:
        """End it, whatever it does; nothing is lost but its work."""
        self._process.kill()

    def bury(self) -> int:
        """Tidy up behind a process that has died or is about to; return its exit code."""
        try:
            code = self._process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self._process.wait()
        self._connection.close()
        return code


class Hand(Thread):
    """A thread that has batches decoded by its process, and replaces that when it dies."""

    def __init__(self, work: "SimpleQueue[Work | None]", slots: Slots, manner: Manner) -> None:
        """Take what there is to do from a queue, until that gives None."""
        super().__init__(name="decoding")
        self._work, self._slots, self._manner = work, slots, manner
        self._lock = Lock()
        self._decoder: Decoder | None = None
        self._ended = False

    @property
    def ready(self) -> bool:
        """Return whether it has a process that is ready to decode."""
        decoder = self._decoder
        return decoder is not None and decoder.ready

    def end(self) -> None:
        """Give up what is under way."""
        with self._lock:
            self._ended = True
            if self._decoder:
                self._decoder.kill()

    def run(self) -> None:
        """Decode until there is nothing left, then end the process."""
        while work := self._work.get():
            try:
                work.done.set_result(self._decode(work.batch))
            except BaseException as error:
                work.done.set_exception(error)
        self.end()
        if self._decoder:
            self._decoder.bury()

    def _decode(self, batch: Batch) -> tuple[Refused, ...]:
        """Decode a batch, again after each death, less the files at which two processes died."""
        files = {file.row: file for file in batch.files}
        lost: list[Refused] = []
        suspects: set[int] = set()
        stillborn = 0
        while True:
            self._slots.reached[batch.slot] = -1
            decoder = self._living()
            try:
                return (*lost, *decoder.decode(batch.slot, list(files.values())))
            except (EOFError, OSError):
                self._decoder = None
                cause = _cause(decoder.bury())
            row = int(self._slots.reached[batch.slot])
            if row in suspects:
                lost.append(Refused(row, "worker died", _LOST.format(cause)))
                del files[row]
            elif row >= 0:
                suspects.add(row)
            else:
                stillborn += 1
                if stillborn == STILLBORN:
                    raise BuildFailed(_STILLBORN.format(cause))

    def _living(self) -> Decoder:
        """Return the process, a new one where there is none.

        Raises:
            Ended: the crew ends.
            OSError: the system starts no more processes.
        """
        with self._lock:
            if self._ended:
                raise Ended
            if self._decoder is None:
                self._decoder = Decoder(self._slots, self._manner)
            return self._decoder


def _cause(code: int) -> str:
    """Return how a process ended, as people say it."""
    return f"killed by {Signals(-code).name}" if code < 0 else f"ended with code {code}"
