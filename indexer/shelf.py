"""Holds the open indexes of an instance, and takes up a new generation as soon as it is current."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

from indexer.encoding import EncoderSlot, Gate
from indexer.errors import IndexUnusable, NoIndex, UnknownIndex
from indexer.generations import DEFAULT_NAME, IndexFolder, index_names
from indexer.opening import ENCODER, Generation, open_current, require_index
from indexer.search import SearchService
from indexer.types import DEFAULT_LIMITS
from models.types import Limits

logger = logging.getLogger(__name__)

Mark = tuple[int, int, int]


@dataclass(frozen=True)
class IndexStatus:
    """How an index does.

    Attributes:
        name: of the index.
        generation: the one that serves, or "".
        usable: whether it answers.
        problem: what is wrong, or "": a newer generation is damaged, or all are.
    """

    name: str
    generation: str
    usable: bool
    problem: str


class Shelf:
    """The indexes of an instance, each opened at its first use."""

    def __init__(
        self,
        instance: Path,
        *,
        limits: Limits = DEFAULT_LIMITS,
        threads: int = 0,
        slots: int = 2,
        wait_seconds: float = 10.0,
    ) -> None:
        """Serve an instance.

        Args:
            instance: the folder that holds `indexes`.
            limits: what a query picture may cost.
            threads: of the processor for one picture; 0 for the encoder's choice.
            slots: how many pictures are decoded and encoded at once.
            wait_seconds: how long the next one waits before it is refused.
        """
        self.instance = instance
        self._limits = limits
        self._threads = threads
        self._gate = Gate(slots, wait_seconds)
        self._services: dict[str, tuple[Mark | None, SearchService]] = {}
        # Generations of one encoder share it: a new index then costs no second network.
        self._encoders: WeakValueDictionary[str, EncoderSlot] = WeakValueDictionary()
        self._lock = Lock()
        self._name_locks: dict[str, Lock] = {}

    def names(self) -> list[str]:
        """Return the names of the indexes, sorted."""
        return index_names(self.instance)

    def default_name(self) -> str:
        """Return the index that serves where none is named: `default`, or the first.

        Raises:
            NoIndex: nothing has been built.
        """
        names = self.names()
        if not names:
            raise NoIndex(
                f"No index has been built in {self.instance}. Build one: flask index build FOLDER"
            )
        return DEFAULT_NAME if DEFAULT_NAME in names else names[0]

    def get(self, name: str | None = None) -> SearchService:
        """Return the service of an index, of its current generation.

        Services given out before stay usable by those who hold them.

        Raises:
            NoIndex, UnknownIndex: there is none of this name.
            IndexUnusable: it cannot be opened.
        """
        wanted = name or self.default_name()
        folder = IndexFolder(self.instance, wanted)
        mark = _mark(folder) if wanted in self._services else None
        known = self._services.get(wanted)
        if known and known[0] == mark:
            return known[1]
        require_index(self.instance, wanted)
        with self._lock:
            lock = self._name_locks.setdefault(wanted, Lock())
        with lock:
            return self._refreshed(folder)

    def status(self) -> list[IndexStatus]:
        """Say of every index whether it can be used, opening those that are not open yet."""
        return [self._status(name) for name in self.names()]

    def _status(self, name: str) -> IndexStatus:
        try:
            service = self.get(name)
        except (IndexUnusable, UnknownIndex, NoIndex) as error:
            return IndexStatus(name, "", False, str(error))
        return IndexStatus(name, service.generation, True, service.problem)

    def _refreshed(self, folder: IndexFolder) -> SearchService:
        """Open the current generation, unless another thread has just done so."""
        mark = _mark(folder)
        known = self._services.get(folder.name)
        if known and known[0] == mark:
            return known[1]
        service = self._service(open_current(self.instance, folder.name))
        self._services[folder.name] = (mark, service)
        logger.info("the generation %s of %s serves", service.generation, service.name)
        return service

    def _service(self, generation: Generation) -> SearchService:
        files = generation.manifest.files
        key = "".join(entry.sha256 for entry in files if entry.path.startswith(f"{ENCODER}/"))
        with self._lock:
            encoder = self._encoders.get(key)
            if encoder is None:
                encoder = EncoderSlot(generation.encoder, self._threads)
                self._encoders[key] = encoder
        return SearchService(generation, encoder=encoder, gate=self._gate, limits=self._limits)


def _mark(folder: IndexFolder) -> Mark | None:
    """Return what changes whenever the pointer is replaced."""
    try:
        status = os.stat(folder.pointer)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
