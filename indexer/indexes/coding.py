"""Sketches every image in 64 bytes, from which its distance to a query can be estimated."""

import numpy as np
from numpy.typing import NDArray

from indexer.types import Float32

CODED = 60
"""Coordinates in a code; the last four of its 64 bytes are its squared length, float32."""

REACH = 4.5  # standard deviations that a code can express
Codes = NDArray[np.int8]


def steps(spreads: Float32) -> Float32:
    """Return what a step of each coordinate of a code is worth, float32 (60,)."""
    found = np.zeros(CODED, np.float32)
    found[: min(CODED, len(spreads))] = REACH * spreads[:CODED] / 127
    return found


def encoded(coordinates: Float32, energies: Float32, steps: Float32) -> Codes:
    """Round coordinates to whole steps.

    Args:
        coordinates: float32 (n, m), in the order of their spread.
        energies: float32 (n,), the squared lengths of all that was turned into coordinates.
        steps: float32 (60,).

    Returns:
        int8 (n, 64): 60 numbers of steps, and the squared length as the bytes of a float32.
    """
    codes = np.zeros((len(coordinates), 64), np.int8)
    count = min(CODED, coordinates.shape[1])
    scales = np.divide(1, steps[:count], out=np.zeros(count, np.float32), where=steps[:count] > 0)
    codes[:, :count] = np.clip(np.rint(coordinates[:, :count] * scales), -127, 127)
    codes[:, CODED:] = energies.astype("<f4")[:, None].view(np.int8)
    return codes
