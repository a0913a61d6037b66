"""Makes the renderings of an indexed image once each, and keeps them as files."""

import hashlib
import logging
import os
import secrets
from pathlib import Path

from indexer.errors import ImageGone
from indexer.files import read_regular
from indexer.search import Gate
from indexer.types import ImageRecord
from models.errors import ImageError
from models.images import reencode
from models.types import Limits

logger = logging.getLogger(__name__)

SIDES = {"small": 320, "medium": 640, "large": 1280}
"""Length at most of a rendering's longer side, in pixels, from the smallest on."""
QUALITY = 86


class Thumbnails:
    """The renderings of an instance's images, by the content they were made of.

    Args:
        folder: where they are kept, as `<first two digits>/<sha256>-<side>.jpg`.
        limits: what one image may cost.
        gate: through which few images at a time are decoded.
    """

    def __init__(self, folder: Path, limits: Limits, gate: Gate) -> None:
        self.folder = folder
        self.limits = limits
        self.gate = gate

    def get(self, record: ImageRecord, source: Path, size: str) -> bytes:
        """Return one rendering of an image, as JPEG; make it where it is not there yet.

        Args:
            record: what was indexed.
            source: the image's file.
            size: a name in SIDES.

        Raises:
            ImageGone: if the file is no longer there, or no longer what was indexed.
            EncoderBusy: if too many images are being made.
        """
        path = self.path(record, size)
        try:
            return path.read_bytes()
        except OSError:
            jpeg = self._make(record, source, SIDES[size])
            self._keep(path, jpeg)
            return jpeg

    def path(self, record: ImageRecord, size: str) -> Path:
        """Return where a rendering is kept."""
        return self.folder / record.sha256[:2] / f"{record.sha256}-{SIDES[size]}.jpg"

    def _make(self, record: ImageRecord, source: Path, side: int) -> bytes:
        try:
            data, _ = read_regular(source, record.bytes)
            if hashlib.sha256(data).hexdigest() != record.sha256:
                raise ImageGone(f"{source} is no longer what was indexed. Build the index again.")
            with self.gate.entered():
                return reencode(data, max_side=side, quality=QUALITY, limits=self.limits)
        except (OSError, ImageError) as error:
            raise ImageGone(
                f"{source} cannot be opened any more ({error}). Build the index again."
            ) from error

    def _keep(self, path: Path, jpeg: bytes) -> None:
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                draft.write_bytes(jpeg)
                os.replace(draft, path)
            finally:
                draft.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("The thumbnail %s cannot be kept: %s", path, error)
