"""Makes the copies of uploaded pictures that are kept, while their visitors read the answer."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

from app.queries import Queries
from models.errors import LikenessError
from models.images import reencode
from models.types import Limits

logger = logging.getLogger(__name__)

SIDE = 1024
"""Length of a copy's longer side at most, in pixels: not larger than a screen."""

WAITING = 4
"""Uploads that one process holds until they are copied; one more waits with its answer."""


class Copies:
    """One process's copying; one thread, so that it decodes one picture at a time.

    Args:
        queries: where the copies are kept.
        limits: what an upload may cost.
    """

    def __init__(self, queries: Queries, limits: Limits) -> None:
        self.queries = queries
        self.limits = limits
        self._places = BoundedSemaphore(WAITING)
        # Its thread starts with the first upload, thus after a server's fork, and ends its work
        # before the process ends.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="copies")

    def make(self, token: str, data: bytes) -> None:
        """Copy an upload soon: upright, no larger than SIDE, without metadata.

        Args:
            token: of the kept query.
            data: the uploaded file's content.
        """
        self._places.acquire()
        self._thread.submit(self._make, token, data).add_done_callback(
            lambda _: self._places.release()
        )

    def _make(self, token: str, data: bytes) -> None:
        try:
            self.queries.add_picture(token, reencode(data, max_side=SIDE, limits=self.limits))
        except LikenessError as error:
            logger.warning("The picture of a query was not kept: %s", error)
        except Exception:
            logger.exception("The picture of a query was not kept")
