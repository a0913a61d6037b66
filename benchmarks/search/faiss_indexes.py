"""The indexes of faiss, each described by its factory string."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.search.contenders import Contender, Setting
from indexer.types import Float32, Ids

FILE = "index.faiss"


class Faiss(Contender):
    """One index of faiss over vectors of length 1, by Euclidean distance."""

    index: Any

    def __init__(
        self,
        name: str,
        curve: str,
        threads: int,
        factory: str,
        efforts: Sequence[str] = ("",),
        *,
        graph: bool = False,
    ) -> None:
        """Remember what is built, and the search parameters that are tried.

        Args:
            name, curve, threads: as of every contender.
            factory: of `faiss.index_factory`.
            efforts: search parameters of `faiss.ParameterSpace`.
            graph: whether it is a graph.
        """
        super().__init__(name, curve, threads)
        self.factory = factory
        self.efforts = efforts
        self.graph = graph
        self.chosen = ""

    def build(self, features: Float32) -> None:
        """Train and fill the index."""
        import faiss

        faiss.omp_set_num_threads(self.threads)
        self.index = faiss.index_factory(features.shape[1], self.factory, faiss.METRIC_L2)
        self.index.train(features)
        self.index.add(features)

    def settings(self) -> Sequence[Setting]:
        """Return what was given."""
        return [Setting(effort, effort) for effort in self.efforts]

    def search(self, query: Float32, k: int, setting: Setting) -> Ids:
        """Search one query as a batch of one."""
        return self.search_many(query[None], k, setting)[0]

    def search_many(self, queries: Float32, k: int, setting: Setting) -> Ids:
        """Search a batch, with as many threads as OpenMP was given."""
        if setting.effort != self.chosen:
            self._choose(setting.effort)
        ids: Ids = self.index.search(queries, k)[1]
        return ids

    def visited(self, queries: Float32, k: int, setting: Setting) -> float | None:
        """Return what faiss counts: it does so in inverted files and in graphs."""
        import faiss

        counters = (faiss.cvar.indexIVF_stats, faiss.cvar.hnsw_stats)
        for counter in counters:
            counter.reset()
        self.search_many(queries, k, setting)
        return sum(counter.ndis for counter in counters) / len(queries) or None

    def save(self, folder: Path) -> None:
        """Write the index."""
        import faiss

        faiss.write_index(self.index, str(folder / FILE))

    def load(self, folder: Path) -> None:
        """Read the index."""
        import faiss

        self.index, self.chosen = None, ""
        self.index = faiss.read_index(str(folder / FILE))

    def _choose(self, effort: str) -> None:
        import faiss

        faiss.ParameterSpace().set_index_parameters(self.index, effort)
        self.chosen = effort
