"""Holds the open indexes of an instance, and takes up a new generation as soon as it is current."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

from indexer.errors import DamagedIndex, IndexUnusable, NoIndex, UnknownIndex
from indexer.generations import DEFAULT_NAME, IndexFolder, index_names
from indexer.opening import (
    ENCODER,
    NONE_DAMAGED,
    Generation,
    check_features,
    open_current,
    require_index,
)
from indexer.search import SearchService
from indexer.serving.encoding import EncoderSlot, Gate
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
        # Index -> generation -> what `verify` found wrong with it.
        self._damaged: dict[str, dict[str, DamagedIndex]] = {}

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
            raise NoIndex(self.instance)
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
        with self._name_lock(wanted):
            return self._refreshed(folder)

    def status(self) -> list[IndexStatus]:
        """Say of every index whether it can be used, opening those that are not open yet."""
        return [self._status(name) for name in self.names()]

    def verify(self) -> None:
        """Hash the features of every index, which opening leaves out for its cost.

        Of an index that fails, the generation before it serves from then on, if it is whole
        itself, and `status` tells why. Meant for a thread of its own: searches go on meanwhile,
        and a piece of a file at a time is held in memory.
        """
        for name in self.names():
            while not self._is_sound(name):
                pass  # the generation before serves now, and is verified too

    def _is_sound(self, name: str) -> bool:
        """Verify the generation that serves, or put it away; an index that has none is done."""
        try:
            service = self.get(name)
        except (IndexUnusable, UnknownIndex, NoIndex):
            return True
        try:
            check_features(service.path, service.manifest)
        except DamagedIndex as error:
            logger.error("%s of the index %s serves no longer: %s", service.generation, name, error)
            with self._name_lock(name):
                self._damaged.setdefault(name, {})[service.generation] = error
                self._services.pop(name, None)
            return False
        return True

    def _name_lock(self, name: str) -> Lock:
        with self._lock:
            return self._name_locks.setdefault(name, Lock())

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
        damaged = self._damaged.get(folder.name, NONE_DAMAGED)
        service = self._service(open_current(self.instance, folder.name, damaged))
        self._services[folder.name] = (mark, service)
        logger.info("the generation %s of %s serves", service.generation, service.name)
        return service

    def _service(self, generation: Generation) -> SearchService:
        files = generation.manifest.files
        key = "".join(entry.sha256 for entry in files if entry.path.startswith(f"{ENCODER}/"))
        with self._lock:
            encoder = self._encoders.get(key)
            # One that was never used may lie in a generation that is gone by now.
            if encoder is None or not encoder.is_open:
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
