"""How often the original of a distorted copy is found first, with each network.

    python -m benchmarks.copies FOLDER [--queries 500] [--size 224] [--seed 0]
                                [--network NAME[:LAYER]=WEIGHTS …]

All pictures of FOLDER are searched. Of a sample of them, copies are made: mirrored; centrally
cropped to 0.7 of each side; stored as a JPEG of quality 30; darkened to 0.6; turned by 10 degrees
and cut to the inscribed rectangle. Distance is that of the cosine. The bundled network comes
first, then those asked for. Files of the same content are one picture.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.retrieval import network_name, opened, wanted_networks
from indexer.evaluation.copies import encode_copies, first_hits
from indexer.evaluation.describe import encode_files
from indexer.evaluation.distortions import DISTORTIONS
from indexer.gallery import scan
from indexer.types import Ids
from models.encoder import Encoder


@dataclass(frozen=True)
class Task:
    """The files of a gallery, numbers of their contents, and which of them are copied."""

    files: list[Path]
    contents: Ids
    originals: Ids


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line for each kind of copy, and in it the share of each network."""
    asked = _arguments(arguments)
    task = draw(asked.folder, asked.queries, asked.seed)
    specs = wanted_networks(asked.network, asked.size)
    shares = [_shares(task, opened(spec)) for spec in specs]
    names = [network_name(spec) for spec in specs]
    print(
        f"{len(task.files):,} pictures, {len(task.originals)} of them copied; original found first"
    )
    print(" " * 14 + "  ".join(names))
    for kind, of_kind in zip(DISTORTIONS, zip(*shares, strict=True), strict=True):
        cells = (f"{share:>{len(name)}.3f}" for share, name in zip(of_kind, names, strict=True))
        print(f"{kind:14}{'  '.join(cells)}")


def draw(folder: Path, queries: int, seed: int) -> Task:
    """Find the pictures of a folder, and draw those that are copied, all where there are fewer."""
    found = scan([folder])
    _, contents = np.unique([record.sha256 for record in found.records], return_inverse=True)
    chosen = np.random.default_rng(seed).permutation(len(found.records))[:queries]
    files = [found.roots[record.root] / record.path for record in found.records]
    return Task(files, contents, np.sort(chosen))


def _shares(task: Task, encoder: Encoder) -> list[float]:
    """Return the share of originals found first, for each kind of copy."""
    gallery = encode_files(task.files, encoder)
    copies = encode_copies([task.files[original] for original in task.originals], encoder)
    return [first_hits(gallery, of_kind, task.originals, task.contents) for of_kind in copies]


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.copies")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the pictures to search")
    parser.add_argument("--queries", type=int, default=500, help="how many of them are copied")
    parser.add_argument("--size", type=int, default=224, help="of what networks read, in pixels")
    parser.add_argument("--seed", type=int, default=0, help="draws those that are copied")
    parser.add_argument("--network", action="append", default=[], metavar="NAME[:LAYER]=WEIGHTS")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
