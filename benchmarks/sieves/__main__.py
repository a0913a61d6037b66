"""Compares sieves: how well 64 bytes of each image tell which images are worth measuring.

    python -m benchmarks.sieves [--features FILE.npy] [--n 32791] [--queries 300] [--k 10]
                                [--json FILE] [--seed 0] [--folder DIR]

A search looks at many images and measures few: between stands a sieve, which estimates how far
an image lies from what is kept of it close at hand. Compared are principal components, signs of
random projections, and the codes of `indexer.indexes.coding`, of 64 bytes each. Each sieve ranks
all vectors by its estimates; how many of the true nearest by cosine are among the first few says
how many would have to be measured.

Features are generated, or taken from a file of float32 (queries are drawn from it and left out).
"""

import argparse
import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.search.data import Data, asked_for
from benchmarks.search.truth import Truth
from benchmarks.sieves.kinds import Sieve, Vectors, codes, components, signs, signs_and_length
from indexer.distances import FeatureStore
from indexer.indexes.coding import CODED
from indexer.indexes.rotation import Rotation
from indexer.types import Ids

KEPT = (12, 16, 24, 32, 48, 96)  # vectors that would be measured


@dataclass(frozen=True)
class Found:
    """What a sieve keeps of the true nearest.

    Attributes:
        sieve: what it holds of each vector.
        bytes: how many these are.
        kept: numbers of vectors, those of the least estimates.
        shares: of the true nearest that are among as many.
    """

    sieve: str
    bytes: int
    kept: tuple[int, ...]
    shares: tuple[float, ...]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table of all sieves."""
    asked = _arguments(arguments)
    with tempfile.TemporaryDirectory(prefix="likeness-benchmark-", dir=asked.folder) as name:
        folder = Path(name)
        data = asked_for(asked, folder)
        print(f"{data.name}, {len(data.features):,} x {data.features.shape[1]:,}\n", flush=True)
        found = compare(data, asked.k, asked.seed)
    print(_row("kept", map(str, KEPT)), _row("---", ["---"] * len(KEPT)), sep="\n")
    for each in found:
        print(_row(each.sieve, (f"{share:.3f}" for share in each.shares)))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(each) for each in found], indent=2) + "\n")


def compare(data: Data, k: int, seed: int) -> list[Found]:
    """Let each sieve rank all vectors for each query, and look for the true nearest on top."""
    store, asked = FeatureStore.of(data.features), FeatureStore.of(data.queries)
    truth = Truth.of(store, data.queries, k)
    rotation = Rotation.learn(store, CODED, unit=True, seed=seed)
    vectors, queries = (Vectors.of(each, rotation, seed) for each in (store, asked))
    sieves = [
        components(vectors, queries),
        signs(vectors, queries),
        signs_and_length(vectors, queries),
        *codes(store, rotation, vectors, queries, seed),
    ]
    return [_found(sieve, truth.ids) for sieve in sieves]


def _found(sieve: Sieve, truth: Ids) -> Found:
    """Rank all vectors for each query; of equal estimates the first vector goes before."""
    hits = np.zeros(len(KEPT))
    for query, nearest in enumerate(truth):
        order = np.argsort(sieve.estimate(query), kind="stable")[: max(KEPT)]
        among = np.isin(order, nearest)
        hits += [among[:kept].sum() for kept in KEPT]
    size = sieve.rows.nbytes // len(sieve.rows)
    return Found(sieve.name, size, KEPT, tuple((hits / truth.size).tolist()))


def _row(first: str, others: Iterable[str]) -> str:
    return "| " + " | ".join([first, *others]) + " |"


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sieves")
    parser.add_argument("--features", type=Path, metavar="FILE", help="float32 (n, dim), .npy")
    parser.add_argument("--n", type=int, default=32_791, help="features that are searched")
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--k", type=int, default=10, help="neighbours that are asked for")
    parser.add_argument("--json", type=Path, metavar="FILE", help="everything that was measured")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, metavar="DIR", help="for the features")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
