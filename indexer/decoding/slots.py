"""Memory for batches of pixels that a build and the processes decoding for it see at once."""

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from indexer.types import Pixels


class Slots:
    """Places for batches, in a file without a name that lives in memory only.

    It is gone with the last process that has it open, however that ends, and does not count
    against the size of /dev/shm, which containers keep small.

    Attributes:
        descriptor: of the file.
        count, batch_size, size: slots, pictures in a batch, and their side in pixels.
        pixels: uint8 (count, batch_size, size, size, 3).
        reached: int32 (count,), the row of each slot that is being decoded; -1 before the first.
    """

    def __init__(self, descriptor: int, count: int, batch_size: int, size: int) -> None:
        """Map the file into memory."""
        self.descriptor = descriptor
        self.count, self.batch_size, self.size = count, batch_size, size
        shape = (count, batch_size, size, size, 3)
        memory = mmap.mmap(descriptor, bytes_needed(count, batch_size, size))
        whole = np.frombuffer(memory, np.uint8)
        self.pixels: Pixels = whole[: -4 * count].reshape(shape)
        self.reached: NDArray[np.int32] = whole[-4 * count :].view(np.int32)


def bytes_needed(count: int, batch_size: int, size: int) -> int:
    """Return the bytes of so many slots."""
    return count * (batch_size * size * size * 3 + 4)


@contextmanager
def shared_slots(count: int, batch_size: int, size: int) -> Iterator[Slots]:
    """Make slots; the memory of each is taken when it is first written to.

    Raises:
        OSError: there is no more memory, or a limit forbids files of that size.
    """
    descriptor = os.memfd_create("decoded pictures")
    try:
        os.ftruncate(descriptor, bytes_needed(count, batch_size, size))
        yield Slots(descriptor, count, batch_size, size)
    finally:
        os.close(descriptor)
