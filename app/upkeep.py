"""Removes uploaded pictures when their time is over, also where nobody uploads others."""

import logging
import os
import random
import time
from threading import Lock, Thread

from app.queries import Queries
from models.errors import LikenessError

logger = logging.getLogger(__name__)

FIRST_SECONDS = 60.0
"""Within which a worker's first time comes, each one's at another moment."""
SECONDS = 3600.0
"""From one time to the next."""


class Upkeep:
    """What one worker does from time to time.

    Args:
        queries: of which those that are too old are removed.
    """

    def __init__(self, queries: Queries) -> None:
        self.queries = queries
        self._lock = Lock()
        self._owner = 0

    def start(self) -> None:
        """Begin in the background, once in each process: a thread does not survive a fork."""
        with self._lock:
            if self._owner == os.getpid():
                return
            self._owner = os.getpid()
            Thread(target=self._run, name="upkeep", daemon=True).start()

    def once(self) -> None:
        """Remove what is too old, and what the database's log still holds of it."""
        try:
            gone = self.queries.purge(time.time())
            self.queries.forget()
        except LikenessError as error:
            logger.warning("Old queries were not removed: %s", error)
        except Exception:
            logger.exception("Old queries were not removed")
        else:
            if gone.queries:
                logger.info("Removed %d queries, %d pictures", gone.queries, gone.pictures)

    def _run(self) -> None:
        time.sleep(random.uniform(0, FIRST_SECONDS))
        while True:
            self.once()
            time.sleep(SECONDS)
