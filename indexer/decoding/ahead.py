"""Decodes pictures ahead of their encoding, in processes whose death costs next to nothing.

Processes, and not threads: a decoder that crashes, or needs more memory than there is, would take
the whole build with it, and again at every attempt. They also cost less: pictures are decoded
straight into memory that the encoder reads, and a batch costs the build one message each way. On
photographs of 160 pixels a picture took 1.15 ms of a processor's time in a process and 0.02 ms in
the build; threads took 1.3 ms of the build's own, and pickled arrays 1.4 and 0.15 ms.

Starting one takes about 0.2 s, so they are few: one at first, however small the gallery is, and
another only once the encoder has waited for pictures as long as a start takes. A network slower
than one decoder never gets a second; nothing to decode starts none.
"""

import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from indexer.decoding.crew import Crew
from indexer.decoding.decoder import File, Manner, Refused
from indexer.decoding.hands import Batch
from indexer.decoding.slots import shared_slots
from indexer.scanning.known import SeenRejection
from indexer.types import ImageRecord, Pixels
from models.faces import require_detector
from models.parallel import worker_count
from models.types import Crop, Limits

Records = tuple[ImageRecord, ...]

MOST = 16  # processes, unless more are asked for
SPARE = 2  # batches that are decoded ahead besides one for each process


@dataclass(frozen=True)
class Decoded:
    """A batch of pictures.

    Attributes:
        records: of the images, in the order of the rows; the last batch may have fewer than rows.
        pixels: uint8 (batch_size, size, size, 3), black in every row without a picture.
        rejections: for each record, why it has no picture, or None where it has one.
    """

    records: Records
    pixels: Pixels
    rejections: tuple[SeenRejection | None, ...]


def decoded(
    records: Iterable[ImageRecord],
    roots: Sequence[Path],
    size: int,
    *,
    batch_size: int,
    limits: Limits,
    crop: Crop = "",
    workers: int = 0,
    held: int = 0,
) -> Generator[Decoded, None, None]:
    """Yield the pictures of images in batches, in order, whatever the number of processes.

    Pixels live in a ring of batches: they are overwritten once the caller has asked for `held`
    further ones and one more. Close the generator where it is left before its end. Memory is that
    of `batch_size` times (processes + `held` + 2) pictures, however many there are.

    A process that dies is replaced and its batch decoded again; a picture at which a second one
    dies is rejected, with the reason "worker died", and the others of its batch are not.

    Args:
        records: of the images; consumed only as far as needed.
        roots: the folders of the gallery.
        size: side of the squares that the encoder takes, in pixels.
        batch_size: pictures in a batch.
        limits: what a file may cost.
        crop: what the encoder sees of each picture.
        workers: processes at most; 0 for one on each core, but no more than 16.
        held: batches yielded before that the caller still uses while it asks for the next.

    Raises:
        DetectorMissing: faces are to be taken, and cannot be found here.
        BuildFailed: no process can be kept alive.
        OSError: no process can be started, or there is no memory for the pixels.
    """
    require_detector(crop)
    most = workers or min(worker_count(0), MOST)
    ahead = most + SPARE
    waiting: deque[tuple[Future[tuple[Refused, ...]], Records, Pixels]] = deque()
    manner = Manner(limits, crop)
    with shared_slots(ahead + held, batch_size, size) as slots, Crew(slots, manner, most) as crew:

        def first() -> Decoded:
            future, batch, pixels = waiting.popleft()
            return Decoded(batch, pixels, _rejections(batch, crew.result(future)))

        for number, batch in enumerate(_batches(records, batch_size)):
            slot = number % slots.count
            future = crew.submit(Batch(slot, _files(batch, roots)))
            waiting.append((future, batch, slots.pixels[slot]))
            if len(waiting) == ahead:
                yield first()
        while waiting:
            yield first()


def _batches(records: Iterable[ImageRecord], batch_size: int) -> Iterator[Records]:
    remaining = iter(records)
    while batch := tuple(islice(remaining, batch_size)):
        yield batch


def _files(batch: Records, roots: Sequence[Path]) -> tuple[File, ...]:
    return tuple(
        File(row, os.path.join(roots[record.root], record.path), record.path, record.sha256)
        for row, record in enumerate(batch)
    )


def _rejections(batch: Records, refused: Sequence[Refused]) -> tuple[SeenRejection | None, ...]:
    reasons = {each.row: each for each in refused}
    return tuple(
        SeenRejection(
            record.root, record.path, each.reason, each.detail, record.bytes, record.mtime_ns
        )
        if (each := reasons.get(row))
        else None
        for row, record in enumerate(batch)
    )
