"""Holds the open indexes of an instance, and takes up a new generation as soon as it is ready."""

import logging
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
from indexer.serving.opened import IndexStatus, Opened, mark_of
from indexer.serving.watching import Watcher
from indexer.types import DEFAULT_LIMITS
from models.errors import LikenessError
from models.types import Limits

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
"""Between two looks for new generations, which a running server is to take up within a second."""


class Shelf:
    """The indexes of an instance, each opened at its first use.

    When a new generation is current, the old one goes on answering until the new one is open and
    as warm as the old: no search waits for a swap. That is done in a thread of the shelf's own,
    which begins at the first use and ends with the shelf.
    """

    def __init__(
        self,
        instance: Path,
        *,
        limits: Limits = DEFAULT_LIMITS,
        threads: int = 0,
        slots: int = 2,
        wait_seconds: float = 10.0,
        compiled: Path | None = None,
    ) -> None:
        """Serve an instance.

        Args:
            instance: the folder that holds `indexes`.
            limits: what a query picture may cost.
            threads: of the processor for one picture; 0 for the encoder's choice.
            slots: how many pictures are decoded and encoded at once.
            wait_seconds: how long the next one waits before it is refused.
            compiled: a folder that keeps compiled networks; None to write nothing anywhere.
        """
        self.instance = instance
        self._limits = limits
        self._threads = threads
        self._compiled = compiled
        self._gate = Gate(slots, wait_seconds)
        self._opened: dict[str, Opened] = {}
        # Generations of one encoder share it: a new index then costs no second network.
        self._encoders: WeakValueDictionary[str, EncoderSlot] = WeakValueDictionary()
        self._lock = Lock()
        self._name_locks: dict[str, Lock] = {}
        # Index -> generation -> what `verify` found wrong with it.
        self._damaged: dict[str, dict[str, DamagedIndex]] = {}
        self._watcher = Watcher(self.refresh, LOOK_SECONDS)

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
        """Return the service of an index: of its current generation, or the one before it.

        The one before is given out while the current one is made ready, for less than a second
        in a small gallery. Services given out before stay usable by those who hold them.

        Raises:
            NoIndex, UnknownIndex: there is none of this name.
            IndexUnusable: it cannot be opened.
        """
        wanted = name or self.default_name()
        opened = self._opened.get(wanted)
        if opened is None or opened.mark != mark_of(self.instance, wanted):
            folder = require_index(self.instance, wanted)
            if opened and opened.encoder.is_there:
                self._watcher.hurry()
            else:
                with self._name_lock(wanted):
                    opened = self._current(folder)
        self._watcher.start()
        return opened.service

    def refresh(self) -> None:
        """Take up the generations that are current by now, without waiting for the thread."""
        for name in list(self._opened):
            with self._name_lock(name):
                self._renew(IndexFolder(self.instance, name))

    def status(self) -> list[IndexStatus]:
        """Say of every index whether it can be used, opening those that are not open yet."""
        return [self._status(name) for name in self.names()]

    def verify(self) -> None:
        """Hash the features of every index, which opening leaves out for its cost.

        Of an index that fails, the generation before it serves from then on, if it is whole
        itself, and `status` tells why. Meant for a thread of its own: searches go on meanwhile,
        and a piece of a file at a time is held in memory.
        """
        self.refresh()
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
            self._put_away(service, error)
            return False
        return True

    def _put_away(self, service: SearchService, error: DamagedIndex) -> None:
        """Let the generation before a damaged one serve, or none."""
        with self._name_lock(service.name):
            self._damaged.setdefault(service.name, {})[service.generation] = error
            try:
                self._open(IndexFolder(self.instance, service.name))
            except (IndexUnusable, UnknownIndex, NoIndex):
                self._opened.pop(service.name, None)

    def _name_lock(self, name: str) -> Lock:
        with self._lock:
            return self._name_locks.setdefault(name, Lock())

    def _status(self, name: str) -> IndexStatus:
        try:
            service = self.get(name)
        except (IndexUnusable, UnknownIndex, NoIndex) as error:
            return IndexStatus(name, "", False, str(error))
        opened = self._opened.get(name)
        return IndexStatus(name, service.generation, True, opened.problem if opened else "")

    def _current(self, folder: IndexFolder) -> Opened:
        """Open the current generation, unless another thread has just done so."""
        known = self._opened.get(folder.name)
        if known and known.mark == mark_of(self.instance, folder.name):
            return known
        return self._open(folder)

    def _renew(self, folder: IndexFolder) -> None:
        """Take up the current generation if another one serves, and has not just failed to."""
        known = self._opened.get(folder.name)
        mark = mark_of(self.instance, folder.name)
        if known is None or not known.is_behind(mark):
            return
        try:
            self._open(folder, warm=known.encoder.is_open)
        except (UnknownIndex, NoIndex):
            self._opened.pop(folder.name)
        except Exception as error:
            expected = isinstance(error, LikenessError)
            problem = str(error) if expected else f"{type(error).__name__}: see the server's log"
            logger.error("%s goes on serving: %s", known.service.generation, error)
            self._opened[folder.name] = known.after(mark, problem)

    def _open(self, folder: IndexFolder, *, warm: bool = False) -> Opened:
        """Open the current generation and let it serve; for who holds the index's lock."""
        mark = mark_of(self.instance, folder.name)
        damaged = self._damaged.get(folder.name, NONE_DAMAGED)
        generation = open_current(self.instance, folder.name, damaged)
        encoder = self._encoder(generation)
        service = SearchService(generation, encoder=encoder, gate=self._gate, limits=self._limits)
        service.compile()
        if warm:
            service.warm()
        opened = self._opened[folder.name] = Opened(mark, service, encoder)
        logger.info("the generation %s of %s serves", service.generation, service.name)
        return opened

    def _encoder(self, generation: Generation) -> EncoderSlot:
        files = generation.manifest.files
        key = "".join(entry.sha256 for entry in files if entry.path.startswith(f"{ENCODER}/"))
        with self._lock:
            encoder = self._encoders.get(key)
            # One that was never used may lie in a generation that is gone by now.
            if encoder is None or not encoder.is_open:
                encoder = EncoderSlot(generation.encoder, self._threads, self._compiled)
                self._encoders[key] = encoder
        return encoder
