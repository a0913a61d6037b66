"""Stores features as float16, in half the room of float32."""

from collections.abc import Sequence

import numpy as np

from indexer.errors import BadParameter
from indexer.types import Float16, Float32, Stored

LEAST = np.float16(2**-14)
"""The least number that float16 holds with all its digits; what rounds to less is stored as 0."""

MOST = float(np.finfo(np.float16).max)
"""The greatest number of float16: 65,504."""

LOSS = 2**-10
"""Part of its length by which a feature may change when it is rounded: twice what the digits of
float16 cost at most, so that only features of numbers out of its range change by more."""

BITS = np.uint32(0x8FFFE000).view(np.int32)  # the sign and the 15 bits below it, moved up by 13
SCALE = np.float32(2**112)  # by which they are then too small: exponents of float32 begin lower


def rounded(features: Float32, paths: Sequence[str]) -> Float16:
    """Round features to float16, and refuse those that are out of its range.

    Args:
        features: float32 (n, dim).
        paths: of their images (n,), to be named.

    Raises:
        BadParameter: one is, with the cure.
    """
    halves = halved(features)
    lost = losses(features, halves)
    if (lost <= LOSS).all():
        return halves
    at = int(np.argmax(lost))
    greatest = float(np.abs(features[at]).max())
    why = "greater than" if greatest > MOST else "so small that much is lost of it in"
    raise BadParameter(
        f"The features cannot be stored as float16: that of {paths[at]} has values up to "
        f"{greatest:.3g}, {why} float16, which reaches from 6e-05 to {MOST:,.0f}. Build the index "
        "with --store-as float32; the features so far are kept."
    )


def halved(features: Float32) -> Float16:
    """Round features (n, dim) to the nearest float16; see LEAST, and `losses` for the rest."""
    with np.errstate(over="ignore", under="ignore"):
        halves = features.astype("<f2")
    # Libraries set threads to take what is less for 0: so it is 0 for all of them.
    halves[np.abs(halves) < LEAST] = 0
    return halves


def losses(features: Float32, halves: Float16) -> Float32:
    """Say how much of features is lost by rounding.

    Args:
        features: float32 (n, dim).
        halves: what `halved` made of them.

    Returns:
        float32 (n,), the lengths of the differences as parts of the features' lengths; infinite
        where a number is too great for float16.
    """
    exact = features.astype(np.float64)
    lost = np.sqrt(((exact - halves) ** 2).sum(axis=1))
    lengths = np.sqrt((exact**2).sum(axis=1))
    parts = np.divide(lost, lengths, out=np.zeros_like(lost), where=lengths > 0)
    found: Float32 = parts.astype(np.float32)
    return found


def widened(stored: Stored, out: Float32 | None = None) -> Float32:
    """Return stored features as float32; those that are so already as they are.

    NumPy's own way takes numbers one by one. This one keeps the bits and moves them to where
    float32 has them, which is exact for all that `halved` makes.

    Args:
        stored: float32 or float16, of any shape.
        out: float32 of that shape, where float16 is put; None for an array of its own.
    """
    if stored.dtype == np.float32:
        return stored.astype(np.float32, copy=False)
    values = np.empty(stored.shape, np.float32) if out is None else out
    bits = values.view(np.int32)
    bits[...] = stored.view(np.int16)
    bits <<= 13
    bits &= BITS
    values *= SCALE
    return values
