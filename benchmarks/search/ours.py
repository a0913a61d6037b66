"""Our own indexes, searched as the application searches them: memory-mapped, from raw features."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.search.contenders import Contender, Setting
from indexer.distances import FeatureStore
from indexer.indexes.base import Index
from indexer.indexes.exact import ExactIndex
from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import Effort, IndexOptions
from indexer.tuning.targets import Target
from indexer.tuning.tuner import tune
from indexer.types import Float32, Ids

METRIC = "cosine"
PROBES = (8, 16, 24, 32, 48, 64, 96, 128, 256, 512)
KEPT = (15, 17, 20, 24, 32, 48, 64)
REACHES = (0.02, None)
FEW = 1024  # vectors on which everything is tried once, so that all is compiled
NORMS = "norms.npy"


class Ours(Contender):
    """An index kind of this project."""

    store: FeatureStore
    index: Index

    def __init__(
        self, name: str, curve: str, threads: int, kind: type[Index], options: IndexOptions
    ) -> None:
        """Remember what is built."""
        super().__init__(name, curve, threads)
        self.kind = kind
        self.options = options

    def prepared(self, vectors: Float32) -> Float32:
        """Return raw vectors."""
        return vectors

    def warm(self, features: Float32) -> None:
        """Compile the kernels."""
        few = FeatureStore.of(features[:FEW])
        self.kind.build(few, self.options).search(few.features[0], 1, METRIC)

    def build(self, features: Float32) -> None:
        """Measure the lengths, and build the index."""
        self.store = FeatureStore.of(features)
        self.index = self.kind.build(self.store, self.options)

    def settings(self) -> Sequence[Setting]:
        """Return the index's own effort."""
        return [Setting()]

    def search(self, query: Float32, k: int, setting: Setting) -> Ids:
        """Search as the application does."""
        return self.index.search(query, k, METRIC, effort=setting.effort).ids

    def search_many(self, queries: Float32, k: int, setting: Setting) -> Ids:
        """Search a batch."""
        return self.index.search_many(queries, k, METRIC, effort=setting.effort).ids

    def visited(self, queries: Float32, k: int, setting: Setting) -> float | None:
        """Return the mean of what the answers say."""
        answers = (self.index.search(query, k, METRIC, effort=setting.effort) for query in queries)
        return float(np.mean([answer.visited for answer in answers]))

    @property
    def bytes(self) -> int | None:
        """Return the bytes of features, lengths and tables."""
        return self.store.features.nbytes + self.store.norms.nbytes + self.own_bytes

    @property
    def own_bytes(self) -> int:
        """Return the bytes of the tables and all that belongs to them."""
        return self.index.memory_bytes

    def save(self, folder: Path) -> None:
        """Write the index; the features lie in a file already."""
        np.save(folder / NORMS, self.store.norms)
        self.index.save(folder)

    def load(self, folder: Path) -> None:
        """Map the index into memory."""
        parameters = self.index.parameters
        self.store = FeatureStore(self.store.features, np.load(folder / NORMS))
        self.index = self.kind.load(folder, self.store, parameters)


class Exact(Ours):
    """The scan, which stores nothing."""

    def __init__(self, name: str, curve: str, threads: int) -> None:
        """Remember what it is called."""
        super().__init__(name, curve, threads, ExactIndex, IndexOptions())

    @property
    def own_bytes(self) -> int:
        """Return 0."""
        return 0


class Plain(Ours):
    """The scheme of the literature, which has no effort to set; each point is a build."""

    def __init__(self, name: str, curve: str, threads: int, options: IndexOptions) -> None:
        """Remember what is built."""
        super().__init__(name, curve, threads, LshIndex, options)


class Tables(Plain):
    """Our tables with probes and a filter."""

    def settings(self) -> Sequence[Setting]:
        """Return a grid of efforts, from one bucket of each table on."""
        tables = int(self.index.parameters["g"])
        return [
            Setting(_label(probes, kept, reach), Effort(probes, kept, reach=reach))
            for probes, kept, reach in product(PROBES, KEPT, REACHES)
            if probes >= tables
        ]


class Tuned(Plain):
    """Our index as a build leaves it that was told the recall alone: what it costs is built in."""

    def __init__(self, name: str, curve: str, threads: int, recall: float) -> None:
        """Remember the recall."""
        super().__init__(name, curve, threads, IndexOptions())
        self.target = Target(recall)

    def build(self, features: Float32) -> None:
        """Build the index, and tune it."""
        super().build(features)
        assert isinstance(self.index, LshIndex)
        self.index = tune(self.index, self.target, metric=METRIC).index


def _label(probes: int, kept: int, reach: float | None) -> str:
    within = "" if reach is None else f" within {reach:g}"
    return f"{probes} probes{within}, {kept} kept"
