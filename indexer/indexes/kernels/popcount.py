"""Compares codes of bits, and takes them apart, a word of 64 bits at a time."""

import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from indexer.indexes.kernels.compiling import inner_kernel, kernel

WORD = 64


@intrinsic
def popcount(typing_context, word):
    """Count the bits of a word that are set, by one instruction where the processor has it."""

    def generate(context, builder, signature, arguments):
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


@inner_kernel
def difference(codes, row, query):
    """Count the bits in which one of the codes, uint64 (n, words), differs from a query.

    The query is a tuple of words: so loops are compiled for its length.
    """
    bits = 0
    for word in range(len(query)):
        bits += popcount(codes[row, word] ^ query[word])
    return bits


@inner_kernel
def part_of(code, first, end):
    """Return the bits from `first` to before `end` of a code, fewer than 64, as a number."""
    word, shift = first >> 6, first & 63
    bits = code[word] >> np.uint64(shift)
    if shift + end - first > WORD:
        bits |= code[word + 1] << np.uint64(WORD - shift)
    return np.int64(bits & np.uint64((1 << (end - first)) - 1))


@inner_kernel
def following(number):
    """Return the next greater number, int64, with as many bits that are set, one at least.

    Source: Gosper, in Beeler, Gosper, Schroeppel, "HAKMEM", 1972, item 175.
    """
    least = number & -number
    carried = number + least
    return carried | ((number ^ carried) >> (2 + popcount(np.uint64(least - 1))))


@kernel
def fill(
    codes: NDArray[np.uint64],
    first: int,
    end: int,
    starts: NDArray[np.int32],
    ids: NDArray[np.int32],
) -> None:
    """Sort codes into buckets by the bits from `first` to before `end`.

    Args:
        codes: uint64 (n, words).
        first, end: of the bits.
        starts: int32 (2 ** (end - first) + 1,), zeros; becomes each bucket's first place in `ids`.
        ids: int32 (n,); becomes the codes' rows, ascending within a bucket.
    """
    for row in range(len(codes)):
        starts[part_of(codes[row], first, end) + 1] += 1
    for bucket in range(1, len(starts)):
        starts[bucket] += starts[bucket - 1]
    ends = starts[:-1].copy()
    for row in range(len(codes)):
        value = part_of(codes[row], first, end)
        ids[ends[value]] = row
        ends[value] += 1
