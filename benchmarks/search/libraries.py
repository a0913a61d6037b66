"""hnswlib, Annoy and FALCONN, as their own documentation tells to use them."""

from collections.abc import Sequence
from math import ceil, log2
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.search.contenders import Contender, Setting
from benchmarks.search.memory import own_bytes
from indexer.types import Float32, Ids

SEED = 1


class Hnswlib(Contender):
    """A hierarchical graph of small worlds."""

    graph = True
    index: Any

    DEGREE = 24
    BUILD_EFFORT = 200
    EFFORTS = (10, 16, 24, 32, 48, 64, 96, 128)
    FILE = "index.hnswlib"

    def build(self, features: Float32) -> None:
        """Add all vectors."""
        count, self.dim = features.shape
        self.index = self._empty()
        self.index.init_index(count, M=self.DEGREE, ef_construction=self.BUILD_EFFORT)
        self.index.set_num_threads(self.threads)
        self.index.add_items(features)

    def settings(self) -> Sequence[Setting]:
        """Return the lengths of the list of candidates."""
        return [Setting(f"ef={ef}", ef) for ef in self.EFFORTS]

    def search(self, query: Float32, k: int, setting: Setting) -> Ids:
        """Search one query as a batch of one."""
        return self.search_many(query[None], k, setting)[0]

    def search_many(self, queries: Float32, k: int, setting: Setting) -> Ids:
        """Search a batch."""
        self.index.set_ef(max(setting.effort, k))
        ids: Ids = self.index.knn_query(queries, k)[0].astype(np.int64)
        return ids

    def save(self, folder: Path) -> None:
        """Write the index."""
        self.index.save_index(str(folder / self.FILE))

    def load(self, folder: Path) -> None:
        """Read the index."""
        self.index = self._empty()
        self.index.load_index(str(folder / self.FILE))
        self.index.set_num_threads(self.threads)

    def _empty(self) -> Any:
        import hnswlib

        return hnswlib.Index(space="l2", dim=self.dim)


class Annoy(Contender):
    """A forest of random-projection trees."""

    index: Any

    TREES = 50
    EFFORTS = (200, 500, 1000, 2000, 4000, 8000)
    FILE = "index.annoy"

    def build(self, features: Float32) -> None:
        """Add all vectors and grow the trees."""
        self.dim = features.shape[1]
        self.index = self._empty()
        self.index.set_seed(SEED)
        for number, vector in enumerate(features):
            self.index.add_item(number, vector)
        self.index.build(self.TREES, n_jobs=self.threads)

    def settings(self) -> Sequence[Setting]:
        """Return the numbers of nodes that are looked at."""
        return [Setting(f"search_k={nodes}", nodes) for nodes in self.EFFORTS]

    def search(self, query: Float32, k: int, setting: Setting) -> Ids:
        """Search the trees."""
        return np.array(self.index.get_nns_by_vector(query, k, setting.effort), np.int64)

    def save(self, folder: Path) -> None:
        """Write the index."""
        self.index.save(str(folder / self.FILE))

    def load(self, folder: Path) -> None:
        """Map the index into memory."""
        self.index = self._empty()
        self.index.load(str(folder / self.FILE))

    def _empty(self) -> Any:
        import annoy

        return annoy.AnnoyIndex(self.dim, "angular")


class Falconn(Contender):
    """Cross-polytope hashing of the vectors as they are, centred and of length 1 before."""

    savable = False
    index: Any
    pool: Any

    TABLES = 10
    ROTATIONS = 1
    EFFORTS = (10, 20, 40, 80, 160, 320, 640, 1280)

    def build(self, features: Float32) -> None:
        """Centre the vectors, as its documentation recommends, and fill the tables."""
        import falconn

        before = own_bytes()
        self.centre = features.mean(axis=0)
        parameters = self._parameters(*features.shape)
        self.index = falconn.LSHIndex(parameters)
        self.index.setup(features - self.centre)
        self.pool = self.index.construct_query_pool(num_query_objects=self.threads)
        self.grown = own_bytes() - before

    def settings(self) -> Sequence[Setting]:
        """Return the numbers of buckets that are looked at."""
        return [Setting(f"{probes} probes", probes) for probes in self.EFFORTS]

    def search(self, query: Float32, k: int, setting: Setting) -> Ids:
        """Search the buckets."""
        if self.pool.get_num_probes() != setting.effort:
            self.pool.set_num_probes(setting.effort)
        found = self.pool.find_k_nearest_neighbors(query - self.centre, k)
        return np.array(found, np.int64)

    def visited(self, queries: Float32, k: int, setting: Setting) -> float | None:
        """Return the mean number of different candidates."""
        self.pool.set_num_probes(setting.effort)
        self.pool.reset_query_statistics()
        for query in queries:
            self.search(query, k, setting)
        return float(self.pool.get_query_statistics().average_num_unique_candidates)

    @property
    def bytes(self) -> int | None:
        """Return by how much the build made this process grow, vectors included."""
        return self.grown

    def _parameters(self, count: int, dim: int) -> Any:
        import falconn

        parameters = falconn.LSHConstructionParameters()
        parameters.dimension = dim
        parameters.lsh_family = falconn.LSHFamily.CrossPolytope
        parameters.distance_function = falconn.DistanceFunction.EuclideanSquared
        parameters.storage_hash_table = falconn.StorageHashTable.BitPackedFlatHashTable
        parameters.l = self.TABLES
        parameters.num_rotations = self.ROTATIONS
        parameters.num_setup_threads = self.threads
        parameters.seed = SEED
        falconn.compute_number_of_hash_functions(ceil(log2(count)), parameters)
        return parameters
