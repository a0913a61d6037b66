"""Checks a share of the searches exactly, behind their answers, and tells what they find."""

import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import BoundedSemaphore

from flask import Response, after_this_request
from sqlalchemy import Float, cast, delete, func, insert, select

from app.database import Database, DatabaseDown
from app.schema import recalls
from indexer.intervals import interval
from indexer.search import SearchService
from indexer.serving.wishes import AS_BUILT, Wish
from indexer.types import SearchResult

logger = logging.getLogger(__name__)

LAST = 1000
"""Checks of an index that are kept: the newest, of all its generations."""


@dataclass(frozen=True)
class LiveRecall:
    """What the checks of a generation found.

    Attributes:
        queries: searches that were checked.
        recall: mean part of the truly nearest images that they found.
        low, high: bounds of its 95 % interval.
    """

    queries: int
    recall: float
    low: float
    high: float


class Recalls:
    """One process's checking; one thread that checks one search at a time.

    Args:
        database: where what was found is kept, for all workers.
        share: of the searches that are checked, from 0 to 1.
    """

    def __init__(self, database: Database, share: float) -> None:
        self.database = database
        self.share = share
        self._place = BoundedSemaphore(1)
        # Its thread starts with the first check, thus after a server's fork.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recalls")

    def offer(
        self,
        service: SearchService,
        result: SearchResult,
        wish: Wish,
        *,
        left_out: int | None = None,
    ) -> None:
        """Check an answer once it is sent, if the lot falls on it; for the request under way.

        Only searches that leave to the index how much they do, and of which its tuning told what
        they find, can be held against that.

        Args:
            service: that gave the answer.
            result: the answer.
            wish: how it was asked for.
            left_out: the image that could not be found.
        """
        promised = wish == AS_BUILT and result.recall is not None and not result.exact
        if not promised or random.random() >= self.share:
            return

        @after_this_request
        def check_later(response: Response) -> Response:
            response.call_on_close(lambda: self.check(service, result, left_out))
            return response

    def check(self, service: SearchService, result: SearchResult, left_out: int | None) -> None:
        """Check an answer in the background; or not at all, while another one is checked."""
        if not self._place.acquire(blocking=False):
            return
        try:
            checking = self._thread.submit(self._check, service, result, left_out)
        except RuntimeError:  # the process ends
            self._place.release()
            return
        checking.add_done_callback(lambda _: self._place.release())

    def rolling(self, index: str, generation: str) -> LiveRecall | None:
        """Return what the last checks of a generation found, or None where there were none.

        Raises:
            DatabaseDown: if they cannot be read.
        """
        part = cast(recalls.c.found, Float) / recalls.c.k
        newest = (
            select(part.label("part"))
            .where(recalls.c.index_name == index, recalls.c.generation == generation)
            .order_by(recalls.c.id.desc())
            .limit(LAST)
            .subquery()
        )
        with self.database.begin() as connection:
            row = connection.execute(select(func.count(), func.avg(newest.c.part))).one()
        queries, recall = row
        return LiveRecall(queries, recall, *interval(recall, queries)) if queries else None

    def _check(self, service: SearchService, result: SearchResult, left_out: int | None) -> None:
        try:
            k = len(result.hits)
            self._keep(result, k, service.count_true(result, left_out=left_out))
        except DatabaseDown as error:
            logger.warning("The check of a search was not kept: %s", error)
        except Exception:
            logger.exception("A search could not be checked")

    def _keep(self, result: SearchResult, k: int, found: int) -> None:
        """Keep what a check found, and forget the oldest of too many."""
        values = {
            "index_name": result.index,
            "generation": result.generation,
            "k": k,
            "found": found,
            "checked_at": time.time(),
        }
        its = recalls.c.index_name == result.index
        newest = select(recalls.c.id).where(its).order_by(recalls.c.id.desc())
        with self.database.begin() as connection:
            connection.execute(insert(recalls).values(values))
            first_too_old = newest.offset(LAST).limit(1).scalar_subquery()
            connection.execute(delete(recalls).where(its, recalls.c.id <= first_too_old))
