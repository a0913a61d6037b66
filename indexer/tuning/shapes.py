"""Says which tables and efforts a tuning tries."""

from collections.abc import Iterator

import numpy as np

from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import Effort, IndexOptions

Shape = tuple[int, int]
"""g and h of tables."""

TABLES = (4, 8, 16)
STEP = {"cross-polytope": 1, "p-stable": 2}
"""Parts that a hash function has more or fewer. A width w is not tried: of p-stable functions two
parts more make buckets smaller as narrower intervals do, and need no further trials."""

PROBES_PER_TABLE = (1, 2, 4, 8, 16, 32, 64)
KEPT = (1.5, 2, 3, 4, 6, 9, 14)  # candidates that are measured, as multiples of the hits
REACHES = (0.02, None)
ROAMING = 4  # probes in each table from which on some queries may do with fewer
EXTENTS = tuple(
    (probes, reach)
    for probes in PROBES_PER_TABLE
    for reach in REACHES
    if probes >= ROAMING or reach is None
)
EFFORTS = len(EXTENTS) * len(KEPT)
MOST_MEMORY = 0.1  # of the features' size, that other tables than those by default may take
MOST_VISITED = 0.2
"""Part of the gallery that searches in other tables may visit. Coarse tables that visit much may be
quicker as long as a gallery is small, but what they visit grows with it."""


def shapes(index: LshIndex, options: IndexOptions) -> list[Shape]:
    """Return the tables to try, those of the index first; what was asked for stays.

    Of features that are hashed as they are, no others are made than those of the index.
    """
    family, g, h = (index.parameters[name] for name in ("family", "g", "h"))
    if not index.parameters["components"]:
        return [(g, h)]
    tables = (g,) if options.g else (g, *TABLES)
    parts = (h,) if options.h else (h, h - STEP[family], h + STEP[family])
    return list(dict.fromkeys((g, h) for h in parts if h > 0 for g in tables))


def fits(index: LshIndex, other: LshIndex) -> bool:
    """Return whether other tables take little memory, or no more than those of an index."""
    most = MOST_MEMORY * index.store.features.nbytes
    return other.memory_bytes <= max(most, index.memory_bytes)


def efforts(index: LshIndex, at: int) -> Iterator[Effort]:
    """Yield the efforts to try, with few buckets first; without codes all candidates are kept."""
    g = index.parameters["g"]
    if not index.parameters["components"]:
        yield from (Effort(g * per_table, keep=0) for per_table in PROBES_PER_TABLE)
        return
    for per_table, reach in EXTENTS:
        for multiple in KEPT:
            yield Effort(g * per_table, int(np.ceil(multiple * (at + 1))), reach=reach)
