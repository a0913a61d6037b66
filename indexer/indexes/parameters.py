"""Completes what a user asks of an LSH index, and says what its manifest keeps."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from indexer.indexes.options import Effort, Family, HashSpace, IndexOptions, choose_family

DEFAULT_G = {"cross-polytope": 8, "p-stable": 8, "plain": 32}
DEFAULT_H = 8
COMPONENTS = 16
PROBES = 64
KEEP = 32
CROWD = 64  # images for each bucket of cross-polytopes, at most and on average
MOST_KEYS = 2**21  # of a table that has a place for each; a place takes 4 bytes


@dataclass(frozen=True)
class LshParameters:
    """What defines an LSH index.

    Attributes:
        family, g, h, seed, hash_space, components: as in IndexOptions.
        w: width of a projection's intervals in the unit of the hash space; None of cross-polytopes.
        unit: whether features are scaled to length 1 first.
        probes, keep, reach: what a search does unless it says otherwise; see Effort.
        residual: what the squared length of all that codes leave out counts; see `residuals`.
    """

    family: Family
    g: int
    h: int
    w: float | None
    seed: int
    hash_space: HashSpace
    components: int
    unit: bool
    probes: int
    keep: int
    reach: float | None = None
    residual: float = 1.0

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for the manifest."""
        return asdict(self)

    @property
    def dense_keys(self) -> int | None:
        """Return how many keys a table may have, where they are small numbers; else None."""
        keys = (2 * self.components) ** self.h
        return keys if self.w is None and keys <= MOST_KEYS else None

    @property
    def effort(self) -> Effort:
        """Return what a search does unless it says otherwise."""
        return Effort(self.probes, self.keep, reach=self.reach)


@dataclass(frozen=True)
class ChosenTables:
    """Tables that a tuning has chosen in place of those by default.

    Attributes:
        g: number of tables.
        finer: how many more parts each hash function has than by default, which follows the size
            of the gallery; may be negative.
    """

    g: int
    finer: int

    def within(self, options: IndexOptions, dim: int, count: int) -> IndexOptions:
        """Return options that ask for such tables of so many features (count, dim)."""
        h = default_h(options, dim, count) + self.finer
        return replace(options, g=self.g, h=max(1, h))


def default_h(options: IndexOptions, dim: int, count: int) -> int:
    """Return the h of an index of principal components of features (count, dim)."""
    components = min(options.components or COMPONENTS, dim)
    return choose_h(options, choose_family(options), components, count)


def choose_h(options: IndexOptions, family: Family, components: int, count: int) -> int:
    """Return the h asked for; of cross-polytopes the least that keeps buckets small."""
    if options.h:
        return options.h
    if family != "cross-polytope":
        return DEFAULT_H
    h = 1
    while (2 * components) ** h * CROWD < count and (2 * components) ** (h + 1) <= MOST_KEYS:
        h += 1
    return h
