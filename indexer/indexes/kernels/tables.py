"""Finds the images of a bucket by its key."""

import numpy as np

from indexer.indexes.kernels.compiling import inner_kernel


@inner_kernel
def bucket(tables, table, key):
    """Return where the images of a bucket begin and end in its table's row of ids.

    Args:
        tables: see `indexer.indexes.kernels.parts.Tables`.
        table, key: of the bucket.
    """
    directory = tables.directory
    if tables.dense:
        place = np.int64(key)
        return np.int64(directory[table, place]), np.int64(directory[table, place + 1])
    beginning = np.int64(key >> tables.shift)
    first = tables.firsts[table]
    at, end = first + directory[table, beginning], first + directory[table, beginning + 1]
    while at < end and tables.keys[at] < key:
        at += 1
    if at < end and tables.keys[at] == key:
        before = table * tables.ids.shape[1]
        return tables.starts[at] - before, tables.starts[at + 1] - before
    return np.int64(0), np.int64(0)
