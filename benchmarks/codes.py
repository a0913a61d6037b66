"""What hash codes keep of the neighbours that features find, by the signs and after --reduce.

    python -m benchmarks.codes FOLDER [--size 224] [--network NAME[:LAYER]=WEIGHTS …]

Folders below FOLDER are the classes; each picture is the query once, and all others are searched.
P@10 is the part of the first ten of the query's class; recall is the part of the ten nearest by
the cosine of the whole features that are among the ten found. The bundled network comes first.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.retrieval import network_name, opened, wanted_networks
from indexer.evaluation.agreement import K, neighbours
from indexer.evaluation.metrics import precision_at
from indexer.experiments.comparing.describe import encode_files
from indexer.experiments.comparing.folders import read_folders
from indexer.features.reduction import learn
from indexer.types import Float32, Ids, Labels, Metric

WIDTHS = (64, 128, 256, 512)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each way to compare pictures."""
    asked = _arguments(arguments)
    pictures = read_folders(asked.folder)
    labels = np.asarray(pictures.labels)
    print(f"{f'{len(labels):,} pictures':46}  P@{K}  recall@{K}")
    for spec in wanted_networks(asked.network, asked.size):
        features = encode_files(pictures.files, opened(spec))
        truth = neighbours(features, "cosine")
        for name, described, metric in ways(features):
            precision, recall = figures(labels, truth, neighbours(described, metric))
            print(f"{network_name(spec) + ', ' + name:46}{precision:6.3f}{recall:11.3f}")


def ways(features: Float32) -> Iterator[tuple[str, Float32, Metric]]:
    """Yield names, features and metrics: the cosine, the signs, those of reduced features."""
    count, dim = features.shape
    yield "cosine", features, "cosine"
    yield f"{dim} signs", features, "hamming"
    for width in WIDTHS:
        if width < min(dim, count):
            reduced = learn(features, width, codes=True).apply(features)
            yield f"reduced to {width} signs", reduced, "hamming"


def figures(labels: Labels, truth: Ids, found: Ids) -> tuple[float, float]:
    """Return P@K and recall@K of the neighbours that each picture found, int64 (n, K)."""
    pairs = zip(truth.tolist(), found.tolist(), strict=True)
    recall = np.mean([len({*near} & {*hits}) / len(near) for near, hits in pairs])
    return float(precision_at(labels[found] == labels[:, None], K).mean()), float(recall)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.codes")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--size", type=int, default=224, help="of what networks read, in pixels")
    parser.add_argument("--network", action="append", default=[], metavar="NAME[:LAYER]=WEIGHTS")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
