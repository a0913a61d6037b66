"""How many milliseconds a search among hash codes takes, beside faiss where it is installed.

    python -m benchmarks.hamming [--n 1000000] [--bits 256] [--queries 200] [--graph] [--seed 0]

Near codes are those of groups of 50: each is its group's code with 5 % or 10 % of the bits flipped,
as a network makes them that was trained to hash; far ones are random. Queries are drawn like the
codes, and are none of them. One query at a time, one thread, k = 10, in turns; the time is the
median. A hit counts for the recall where it is as near as the tenth of an exact scan. `--graph`
takes faiss's HNSW in, whose building takes minutes. Exact indexes have the recall 1 always.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from time import perf_counter

import numpy as np

from indexer.distances import FeatureStore
from indexer.indexes.hamming import HammingIndex, pack
from indexer.indexes.options import IndexOptions
from indexer.types import Float32

K, ROUNDS, GROUP = 10, 3, 50
GALLERIES: Mapping[str, float] = {"near, 5 %": 0.05, "near, 10 %": 0.1, "far": 0.5}
Search = Callable[[Float32], Float32]


@dataclass(frozen=True)
class Contender:
    """An index: its name, seconds of its building, bytes for each code, and its search.

    The search takes a feature, float32 (bits,), and returns the distances of its hits.
    """

    name: str
    seconds: float
    bytes: str
    search: Search


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table for each gallery."""
    asked = _arguments(arguments)
    print(f"{asked.n:,} codes of {asked.bits} bits, {asked.queries} queries, k = {K}")
    HammingIndex.build(FeatureStore.of(np.ones((8, asked.bits), np.float32)), IndexOptions()).warm()
    for name, flipped in GALLERIES.items():
        drawn = draw(asked.n + asked.queries, asked.bits, flipped, asked.seed)
        features, queries = drawn[asked.queries :], drawn[: asked.queries]
        print(f"\n{name:28}  ms for a query  recall@{K}  build, s  bytes a code")
        _compare(list(contenders(features, graph=asked.graph)), queries)


def draw(count: int, bits: int, flipped: float, seed: int) -> Float32:
    """Draw features of 1 and -1 around those of groups, float32 (count, bits)."""
    random = np.random.default_rng(seed)
    centres = random.choice(np.array([-1, 1], np.float32), (max(1, count // GROUP), bits))
    features = centres[random.integers(0, len(centres), count)]
    for row in features:
        row[random.random(bits, np.float32) < flipped] *= -1
    return features


def contenders(features: Float32, *, graph: bool) -> Iterator[Contender]:
    """Build our index, and those of faiss."""
    began = perf_counter()
    index = HammingIndex.build(FeatureStore.of(features), IndexOptions())
    seconds, room = perf_counter() - began, f"{index.memory_bytes / len(features):.0f}"
    for name, exact in (("Likeness", False), ("Likeness, scan", True)):
        yield Contender(name, seconds, room, _ours(index, exact=exact))
    if find_spec("faiss"):
        yield from _of_faiss(pack(features).view(np.uint8), index.parameters["parts"], graph=graph)


def _ours(index: HammingIndex, *, exact: bool) -> Search:
    return lambda query: index.search(query, K, "hamming", exact=exact).distances


def _of_faiss(codes: np.ndarray, parts: int, *, graph: bool) -> Iterator[Contender]:
    import faiss

    faiss.omp_set_num_threads(1)
    bits = 8 * codes.shape[1]
    made = {"faiss IndexBinaryFlat": faiss.IndexBinaryFlat(bits)}
    for flips in (1, 2):
        hashed = faiss.IndexBinaryMultiHash(bits, parts, bits // parts)
        hashed.nflip = flips
        made[f"faiss MultiHash, {flips} flipped"] = hashed
    if graph:
        made["faiss IndexBinaryHNSW 32"] = faiss.IndexBinaryHNSW(bits, 32)
    for name, index in made.items():
        began = perf_counter()
        index.add(codes)
        yield Contender(name, perf_counter() - began, "", _theirs(index))


def _theirs(index: object) -> Search:
    def search(query: Float32) -> Float32:
        distances, ids = index.search(pack(query[None]).view(np.uint8), K)  # type: ignore[attr-defined]
        found: Float32 = distances[ids >= 0].astype(np.float32)
        return found

    return search


def _compare(all_: Sequence[Contender], queries: Float32) -> None:
    """Print a line for each index; the second scans, and so is the truth."""
    farthest = [all_[1].search(query)[-1] for query in queries]
    took: dict[str, list[float]] = {each.name: [] for each in all_}
    true: dict[str, list[int]] = {each.name: [] for each in all_}
    for _ in range(ROUNDS):
        for each in all_:
            for query, most in zip(queries, farthest, strict=True):
                began = perf_counter()
                distances = each.search(query)
                took[each.name].append(perf_counter() - began)
                true[each.name].append(int((distances <= most).sum()))
    for each in all_:
        median, recall = np.median(took[each.name]) * 1e3, np.mean(true[each.name]) / K
        print(f"{each.name:28}{median:16.3f}{recall:11.3f}{each.seconds:10.1f}{each.bytes:>14}")


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hamming")
    parser.add_argument("--n", type=int, default=1_000_000, help="codes")
    parser.add_argument("--bits", type=int, default=256, help="of a code, a multiple of 64")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--graph", action="store_true", help="compare with HNSW too")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
