"""Reads the numbers of features, whether they are stored as float32 or as float16."""

import numpy as np
from numba.core import types
from numba.extending import overload

from indexer.features.halves import BITS, SCALE


def value_of(stored):
    """Return a number of a feature as float64; kernels compile it as below.

    Args:
        stored: float32; or uint16, the bits of a float16 as `indexer.features.halves` makes them.
            Kernels move these to where float32 has them. Some processors have an instruction for
            it; on others LLVM, told to use it, would end the process.
    """
    return np.float64(stored.view(np.float16) if stored.dtype == np.uint16 else stored)


@overload(value_of)
def _value_of(stored):
    """Choose by the type, while numba compiles."""
    if isinstance(stored, types.Integer):

        def moved(stored):
            bits = (np.int32(np.int16(stored)) << np.int32(13)) & BITS
            return np.float64(np.int32(bits).view(np.float32) * SCALE)

        return moved
    return lambda stored: np.float64(stored)
