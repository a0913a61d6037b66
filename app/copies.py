"""Makes what is kept of uploaded pictures, and finds faces, while visitors read the answer."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

from app.queries import Queries
from app.thumbnails import QUALITY, SIDES
from models.errors import DetectorMissing, LikenessError
from models.faces import faces
from models.images import decode, inspect, reencode
from models.types import Box, Limits

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

    def make(self, token: str, data: bytes, position: int = 0) -> None:
        """Copy an upload soon: upright, no larger than SIDE, without metadata; and find its faces.

        The copy is kept with its smaller renderings, so that each is made once and goes with it.

        Args:
            token: of the kept query.
            data: the uploaded file's content.
            position: of the picture in the query.
        """
        self._places.acquire()
        self._thread.submit(self._make, token, data, position).add_done_callback(
            lambda _: self._places.release()
        )

    def _make(self, token: str, data: bytes, position: int) -> None:
        try:
            jpeg = reencode(data, max_side=SIDE, limits=self.limits)
            self.queries.add_picture(token, jpeg, position, _smaller(jpeg))
            self.queries.add_faces(token, _faces(jpeg), position)
        except LikenessError as error:
            logger.warning("The picture of a query was not kept: %s", error)
        except Exception:
            logger.exception("The picture of a query was not kept")


def _smaller(jpeg: bytes) -> dict[str, bytes]:
    """Return the renderings of a copy that are smaller than it, as JPEG, by their names."""
    header = inspect(jpeg)
    longer = max(header.width, header.height)
    return {
        size: reencode(jpeg, max_side=side, quality=QUALITY)
        for size, side in SIDES.items()
        if side < longer
    }


def _faces(jpeg: bytes) -> list[Box]:
    """Find the faces of a picture, as shares of its width and height; none without a detector."""
    picture = decode(jpeg)
    height, width = picture.shape[:2]
    try:
        found = faces(picture)
    except DetectorMissing:
        return []
    return [
        (left / width, top / height, right / width, bottom / height)
        for left, top, right, bottom in found
    ]
