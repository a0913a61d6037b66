"""Keeps the least of many numbers, each of which is a cost or a score with a number below it."""

import numpy as np

from indexer.indexes.kernels.compiling import inner_kernel

LOW = np.uint64(0xFFFFFFFF)
FEW = 12  # numbers that are sorted by insertion


@inner_kernel
def packed(value, number):
    """Return a number that is ordered by a float32 first and by a number below 2**32 then."""
    bits = np.float32(value).view(np.uint32)
    negative = np.uint32(0) - (bits >> np.uint32(31))
    ordered = bits ^ (negative | np.uint32(0x80000000))
    return (np.uint64(ordered) << np.uint64(32)) | np.uint64(number)


@inner_kernel
def score_of(value):
    """Return the float32 that was packed."""
    ordered = np.uint32(value >> np.uint64(32))
    positive = np.uint32(0) - (ordered >> np.uint32(31))
    return np.uint32(ordered ^ (~positive | np.uint32(0x80000000))).view(np.float32)


@inner_kernel
def number_of(value):
    """Return the number that was packed below a float32, int64."""
    return np.int64(value & LOW)


@inner_kernel
def push(heap, size, value):
    """Push a number onto a heap, uint64, whose least comes first; its new size is size + 1."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if heap[above] <= value:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = value


@inner_kernel
def replace_least(heap, size, value):
    """Put a number in the place of the least one of a heap, uint64."""
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size:
            below += np.int64(heap[below + 1] < heap[below])
        if heap[below] >= value:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = value


@inner_kernel
def select(values, size, most):
    """Move the least of different numbers to the front, in any order, and return the greatest.

    Source: Hoare, "Algorithm 65: Find", 1961, with the partition of Lomuto, which has no branches.

    Args:
        values: uint64 (>= size,), all different.
        size: how many there are, more than `most`.
        most: how many are wanted, at least 1.

    Returns:
        uint64, the greatest of those at the front.
    """
    low, high = 0, size
    while high - low > FEW:
        middle, last = values[(low + high) >> 1], values[high - 1]
        pivot = max(min(middle, last), min(max(middle, last), values[low]))
        at = low
        for i in range(low, high):
            value = values[i]
            values[i] = values[at]
            values[at] = value
            at += np.int64(value < pivot)
        if at <= most:
            low = at
        else:
            high = at
    for i in range(low + 1, high):
        value, at = values[i], i
        while at > low and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value
    greatest = values[0]
    for i in range(1, most):
        greatest = max(greatest, values[i])
    return greatest
