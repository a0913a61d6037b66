"""What it costs and gives to store features as float16 in place of float32.

    python -m benchmarks.storing [--features FILE.npy] [--n 32791] [--queries 500] [--k 10]
                                 [--rounds 5] [--json FILE] [--seed 0] [--folder DIR]

Features are generated, or taken from a file of float32 (queries are drawn from it and left out).
Each is written to disk twice and mapped into memory. Searches are by cosine, one query at a time,
by scanning and by the LSH index, with the effort that reaches a recall of 0.95 on float32; both
take turns, and the best round of each counts. Recall is against brute force on float32.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

from benchmarks.search.contenders import stacked
from benchmarks.search.data import Data, asked_for
from benchmarks.search.truth import Truth
from indexer.distances import FeatureStore, block_slices
from indexer.features.halves import halved
from indexer.features.writing import FeatureWriter, open_features
from indexer.indexes.base import Index
from indexer.indexes.exact import ExactIndex
from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import IndexOptions
from indexer.tuning.tuner import tune
from indexer.types import Float32, Ids, StoreAs

MB = 1e6


@dataclass(frozen=True)
class Found:
    """How one kind of index answers on features that are stored in one way.

    Attributes:
        store_as: that.
        kind: of the index.
        megabytes: of the features.
        effort: of its searches.
        recall: at k, against brute force on float32.
        per_second: queries, in the best round.
    """

    store_as: StoreAs
    kind: str
    megabytes: float
    effort: str
    recall: float
    per_second: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each kind of index and each type."""
    asked = _arguments(arguments)
    with tempfile.TemporaryDirectory(prefix="likeness-benchmark-", dir=asked.folder) as name:
        folder = Path(name)
        data = asked_for(asked, folder)
        print(f"{data.name}, {len(data.features):,} x {data.features.shape[1]:,}", flush=True)
        found = _compare(data, folder, asked.k, asked.rounds)
    print("\n".join(map(_line, found)))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(each) for each in found], indent=2) + "\n")


def _compare(data: Data, folder: Path, k: int, rounds: int) -> list[Found]:
    """Build all indexes, and search them in turns."""
    truth = Truth.of(FeatureStore.of(data.features), data.queries, k)
    stores = {each: _stored(data.features, folder, each) for each in get_args(StoreAs)}
    indexes: dict[tuple[str, StoreAs], Index] = {}
    effort = tune(LshIndex.build(stores["float32"], IndexOptions())).index.effort
    for store_as, store in stores.items():
        indexes["exact", store_as] = ExactIndex(store)
        indexes["lsh", store_as] = LshIndex.build(store, IndexOptions()).with_effort(effort)
    answers: dict[tuple[str, StoreAs], Ids] = {}
    best = dict.fromkeys(indexes, 0.0)
    for _ in range(rounds):
        for key, index in indexes.items():
            answers[key], rate = _searched(index, data.queries, k)
            best[key] = max(best[key], rate)
    return [
        Found(
            store_as=store_as,
            kind=kind,
            megabytes=stores[store_as].features.nbytes / MB,
            effort=_effort(index),
            recall=truth.recall(answers[kind, store_as]),
            per_second=best[kind, store_as],
        )
        for (kind, store_as), index in sorted(indexes.items(), reverse=True)
    ]


def _stored(features: Float32, folder: Path, store_as: StoreAs) -> FeatureStore:
    """Write features as one type, and map them."""
    path = folder / f"{store_as}.npy"
    with FeatureWriter(path, features.shape[1], store_as) as writer:
        for rows in block_slices(len(features)):
            block = features[rows]
            writer.append(halved(block) if store_as == "float16" else block)
    return FeatureStore.of(open_features(path, store_as=store_as))


def _searched(index: Index, queries: Float32, k: int) -> tuple[Ids, float]:
    """Return ids (m, k), and how many queries were answered in a second."""
    index.search(queries[0], k, "cosine")
    started = time.perf_counter()
    answers = [index.search(query, k, "cosine").ids for query in queries]
    return stacked(answers, k), len(queries) / (time.perf_counter() - started)


def _effort(index: Index) -> str:
    names = ("probes", "reach", "keep")
    given = {name: index.parameters.get(name) for name in names}
    return " ".join(f"--{name} {value}" for name, value in given.items() if value is not None)


def _line(each: Found) -> str:
    return (
        f"{each.kind:6} {each.store_as}  {each.megabytes:8,.1f} MB  recall {each.recall:.4f}  "
        f"{each.per_second:9,.1f} queries a second  {each.effort}"
    )


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storing")
    parser.add_argument("--features", type=Path, metavar="FILE", help="float32 (n, dim), .npy")
    parser.add_argument("--n", type=int, default=32_791, help="features that are searched")
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--k", type=int, default=10, help="neighbours that are asked for")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="everything that was measured")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, metavar="DIR", help="for the features")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
