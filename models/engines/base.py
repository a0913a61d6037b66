"""What every engine that runs an encoder offers."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

UInt8 = NDArray[np.uint8]
Float32 = NDArray[np.float32]


class Engine(Protocol):
    """Runs one encoder in single precision; both methods may be called from many threads."""

    def encode(self, images: UInt8) -> Float32:
        """Turn uint8 RGB images (n, size, size, 3) into features (n, dim)."""
        ...

    def map(self, images: UInt8) -> Float32:
        """Turn uint8 RGB images (n, size, size, 3) into the maps before pooling (n, h, w, c)."""
        ...
