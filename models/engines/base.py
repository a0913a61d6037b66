"""What every engine that runs an encoder offers."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

UInt8 = NDArray[np.uint8]
Float32 = NDArray[np.float32]


class Engine(Protocol):
    """Runs one encoder; both methods may be called from many threads.

    What becomes of a picture depends neither on the others of its batch nor on their number.
    """

    def encode(self, images: UInt8) -> Float32:
        """Turn uint8 RGB images (n, size, size, 3) into features (n, dim)."""
        ...

    def map(self, images: UInt8) -> Float32:
        """Turn uint8 RGB images (n, size, size, 3) into the maps before pooling (n, h, w, c)."""
        ...

    def places(self, images: UInt8) -> Float32:
        """Turn images as in `map` into maps whose places went through the head, (n, h, w, dim)."""
        ...


def filled(images: UInt8, count: int) -> UInt8:
    """Return images (n, size, size, 3) with black ones behind them until there are `count`."""
    if len(images) == count:
        return images
    black = np.zeros((count - len(images), *images.shape[1:]), np.uint8)
    return np.concatenate([images, black])
