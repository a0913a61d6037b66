"""What a wrong preprocessing costs: pixels divided by 255, where the network wants its own.

    python -m benchmarks.preprocessing GALLERY… --queries DIR [--distractors DIR] \\
        [--network resnet50[:LAYER]=WEIGHTS]

Below each folder, folders are the classes. Every picture of the queries searches the gallery, by
the cosine of features that the same network made twice: fed as it was trained, and fed pixels from
0 to 1. Likeness itself has no way to do the second: this program puts it in for the comparison.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.retrieval import network_name, opened, wanted_networks
from indexer.distances import FeatureStore
from indexer.experiments.comparing.describe import encode_files
from indexer.experiments.comparing.folders import Described, FolderFigures, labelled, measure
from indexer.gallery import scan
from indexer.pairs import LEVELS, distance_quantiles
from models.layers import PREPROCESSING
from models.types import EncoderSpec


@dataclass(frozen=True)
class Line:
    """What was found with one preprocessing.

    Attributes:
        preprocessing: in words.
        found: how well the queries' classes are found.
        cosine: mean cosine of two different pictures of the gallery.
    """

    preprocessing: str
    found: FolderFigures
    cosine: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each preprocessing."""
    asked = _arguments(arguments)
    (spec,) = wanted_networks([asked.network], asked.size)[1:]
    print(f"{network_name(spec)}, {asked.gallery[0].parent}")
    print(f"{'preprocessing':24}{'P@1':>8}{'P@10':>8}{'mAP':>8}{'mean cosine':>13}")
    for line in compare(spec, asked.gallery, asked.queries, asked.distractors):
        found = line.found
        figures = (found.precision_at_1, found.precision_at_10, found.mean_average_precision)
        cells = "".join(f"{figure:8.3f}" for figure in figures)
        print(f"{line.preprocessing:24}{cells}{line.cosine:13.4f}", flush=True)


def compare(
    spec: EncoderSpec,
    gallery: Sequence[Path],
    queries: Sequence[Path],
    distractors: Sequence[Path] = (),
) -> list[Line]:
    """Search with the network's own preprocessing, and with pixels from 0 to 1."""
    own = opened(spec)
    name = f"its own ({own.fingerprint.preprocessing})"
    with patch.dict(PREPROCESSING, dict.fromkeys(PREPROCESSING, from_0_to_1)):
        wrong = opened(spec)
    searched = labelled(scan(gallery, distractors=distractors))
    asked = labelled(scan(queries))
    lines = []
    for title, encoder in ((name, own), ("pixels / 255", wrong)):
        features = encode_files(searched.files, encoder)
        found = measure(
            Described(features, searched.labels),
            Described(encode_files(asked.files, encoder), asked.labels),
        )
        distances = distance_quantiles(FeatureStore.of(features))[0]
        lines.append(Line(title, found, 1 - float(np.trapezoid(distances, LEVELS))))
    return lines


def from_0_to_1(pixels: Any) -> Any:
    """Divide pixels by 255, red first."""
    from keras import layers

    return layers.Rescaling(1 / 255, name="preprocessing")(pixels)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.preprocessing")
    parser.add_argument("gallery", nargs="+", type=Path, metavar="GALLERY")
    parser.add_argument("--queries", action="append", required=True, type=Path, metavar="DIR")
    parser.add_argument("--distractors", action="append", default=[], type=Path, metavar="DIR")
    parser.add_argument("--network", default="resnet50", metavar="NAME[:LAYER]=WEIGHTS")
    parser.add_argument("--size", type=int, default=224, help="of what networks read, in pixels")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
