"""Gets a worker ready in the background, so that no visitor waits for the network to load."""

import gc
import logging
import os
from threading import Lock, Thread

from indexer.shelf import Shelf
from models.errors import LikenessError

logger = logging.getLogger(__name__)


class Warmth:
    """How far one worker is on its way to its first answer.

    Args:
        shelf: the indexes.
        index: the one that it opens, so that the first visitor does not wait; "": the default.
    """

    def __init__(self, shelf: Shelf, index: str = "") -> None:
        self.shelf = shelf
        self.index = index
        self._lock = Lock()
        self._thread: Thread | None = None
        self._owner = 0
        self.ready = False
        self.failure = ""

    def start(self) -> None:
        """Open the index in the background, unless that is done or under way."""
        with self._lock:
            # A thread does not survive a fork: each worker starts its own.
            running = self._thread is not None and self._thread.is_alive()
            if self.ready or (running and self._owner == os.getpid()):
                return
            self._owner = os.getpid()
            self._thread = Thread(target=self._warm, name="warm-up", daemon=True)
            self._thread.start()

    def _warm(self) -> None:
        try:
            self.shelf.get(self.index or None).warm()
            self.shelf.status()  # opens the other indexes: another kind runs other kernels
            self.failure = ""
            self._keep_what_lives()
            self.ready = True
            self.shelf.verify()
        except LikenessError as error:
            self.failure = str(error)
            logger.warning("Not ready: %s", error)
        except Exception as error:
            self.failure = f"{type(error).__name__}: see the server's log"
            logger.exception("Not ready")

    @staticmethod
    def _keep_what_lives() -> None:
        """Spare what lives as long as the worker from the search for garbage.

        It is of some 200,000 objects, most of them of libraries, and a page of 100 hits would
        have them all looked through again: 0.1 s, in which nobody is answered.
        """
        gc.collect()
        gc.freeze()
