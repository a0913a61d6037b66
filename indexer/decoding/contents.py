"""Works through images content by content, and counts what becomes of them.

Images of equal content are decoded once; where that fails, the next file that held it is tried.
"""

from collections import Counter
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing
from typing import TypeVar

from indexer.decoding.ahead import Decoded
from indexer.types import ImageRecord, Progress, Rejection, Report
from models.parallel import in_order

Result = TypeVar("Result")

AT_ONCE = 2  # batches worked at, so that the engine has one while the other is put away
AHEAD = 3  # batches handed to the workers; as the oldest is put away, one less
HELD = AHEAD - 1
"""Batches whose pixels are still needed while the next one is decoded."""


def each_content(
    records: Sequence[ImageRecord],
    decode: Callable[[Sequence[ImageRecord]], Generator[Decoded, None, None]],
    work: Callable[[Decoded], Result],
    is_rejected: Callable[[ImageRecord], bool],
) -> Generator[tuple[Result, Counter[str]], None, None]:
    """Yield what comes of batches of images, and how many more images have each content.

    Args:
        records: of the images.
        decode: yields their pictures in batches, as indexer.decoding.ahead.decoded does; a
            batch's pixels are needed until HELD further ones were asked for.
        work: is done on batches, in threads.
        is_rejected: says, once all batches were yielded, whether an image could not be used: its
            content is then tried from the next file that held it.
    """
    while records:
        firsts, others = _first_of_each(records)
        copies = Counter(record.sha256 for record in others)
        pictures = decode(firsts)
        with (
            closing(pictures),
            closing(in_order(work, pictures, workers=AT_ONCE, ahead=AHEAD)) as results,
        ):
            for result in results:
                yield result, copies
        failed = {record.sha256 for record in firsts if is_rejected(record)}
        records = [record for record in others if record.sha256 in failed]


def _first_of_each(
    records: Sequence[ImageRecord],
) -> tuple[list[ImageRecord], list[ImageRecord]]:
    """Part images into the first of each content, and all others."""
    seen: set[str] = set()
    firsts: list[ImageRecord] = []
    others: list[ImageRecord] = []
    for record in records:
        (others if record.sha256 in seen else firsts).append(record)
        seen.add(record.sha256)
    return firsts, others


class Tally:
    """Counts what has become of images, and tells how far that is.

    Args:
        stage: what is done.
        records: of all images.
        reused: how many of them need nothing.
        progress: is told at once and after each batch.
        rejected: files that could not be used before.
    """

    def __init__(
        self,
        stage: str,
        records: Sequence[ImageRecord],
        reused: int,
        progress: Report,
        rejected: int = 0,
    ) -> None:
        self._stage, self._records, self._progress = stage, records, progress
        self._done, self._rejected_before = reused, rejected
        self._note = f"{reused:,} reused" if reused else ""
        self._rejected: dict[tuple[int, str], Rejection] = {}
        self._tell()

    def add(
        self, contents: Collection[str], rejections: Collection[Rejection], copies: Counter[str]
    ) -> None:
        """Count a batch: its usable contents, the rejected images, and copies of contents."""
        self._rejected |= {(each.root, each.path): each for each in rejections}
        self._done += len(rejections) + sum(1 + copies[content] for content in contents)
        self._tell()

    def is_rejected(self, record: ImageRecord) -> bool:
        """Return whether an image cannot be used."""
        return (record.root, record.path) in self._rejected

    @property
    def usable(self) -> tuple[ImageRecord, ...]:
        """Return the images that can be used, in their order."""
        return tuple(record for record in self._records if not self.is_rejected(record))

    @property
    def rejections(self) -> tuple[Rejection, ...]:
        """Return the other ones, in the same order."""
        keys = ((record.root, record.path) for record in self._records)
        return tuple(self._rejected[key] for key in keys if key in self._rejected)

    def _tell(self) -> None:
        rejected = self._rejected_before + len(self._rejected)
        total = len(self._records)
        self._progress(Progress(self._stage, self._done, total, self._note, rejected))
