"""How often the original of a distorted copy is found first, with each network.

    python -m benchmarks.copies FOLDER [--queries 500] [--size 224] [--seed 0]
                                [--network NAME[:LAYER]=WEIGHTS …]

All pictures of FOLDER are searched. Of a sample of them, copies are made: mirrored; centrally
cropped to 0.7 of each side; stored as a JPEG of quality 30; darkened to 0.6; turned by 10 degrees
and cut to the inscribed rectangle. Distance is that of the cosine. The bundled network comes
first, then those asked for. Files of the same content are one picture.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.retrieval import network_name, opened, wanted_networks
from indexer.evaluation.ranking import cosines
from indexer.experiments.comparing.describe import encode_files, encode_pictures
from indexer.gallery import scan
from indexer.types import Float32, Ids, Pixels
from indexer.variants.distortions import DISTORTIONS
from indexer.variants.encoding import AHEAD, distorted
from models.encoder import Encoder
from models.parallel import in_order, worker_count


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


def encode_copies(files: Sequence[Path], encoder: Encoder) -> Float32:
    """Encode the distorted copies of pictures, made ahead in threads.

    Args:
        files: of the pictures.
        encoder: picture to feature.

    Returns:
        float32 (kinds, n, dim), in the order of DISTORTIONS and of the files.

    Raises:
        ImageError, OSError: naming the first file that cannot be used.
    """
    copies = in_order(
        lambda file: distorted(file, encoder.size), files, workers=worker_count(0), ahead=AHEAD
    )
    flat: Iterator[Pixels] = (copy for of_one in copies for copy in of_one)
    features = encode_pictures(flat, encoder)
    by_picture = features.reshape(len(files), len(DISTORTIONS), encoder.dim)
    return by_picture.transpose(1, 0, 2)


def first_hits(
    gallery: Float32, copies: Float32, originals: Ids, contents: Ids | None = None
) -> float:
    """Return the share of copies whose original is the first hit, by cosine.

    Where several images tie for the first place, a copy counts with the share of them that are
    right: what drawing lots between them would give on average (McSherry and Najork, "Computing
    Information Retrieval Performance Measures Efficiently in the Presence of Tied Scores", 2008).
    So features that do not tell pictures apart gain nothing. Files of the same content are one
    picture, though, and any of them is right, if `contents` says so.

    Args:
        gallery: float32 (n, dim), raw features.
        copies: float32 (m, dim), raw features.
        originals: int64 (m,), the id in the gallery of what each copy was made of.
        contents: int64 (n,), equal numbers for gallery images of the same content; None where
            all differ.

    Returns:
        from 0 to 1.

    Raises:
        ValueError: the arrays do not belong together, or there is no copy.
    """
    numbers = np.arange(len(gallery)) if contents is None else contents
    if len(originals) != len(copies) or len(copies) == 0 or len(numbers) != len(gallery):
        raise ValueError(
            "Each copy needs its original, and each image its content's number. Received: "
            f"{len(copies)} copies of {len(originals)} originals; {len(gallery)} images with "
            f"{len(numbers)} numbers"
        )
    found = [
        _credits(similar, numbers[originals[rows]], numbers)
        for rows, similar in cosines(gallery, copies)
    ]
    return float(np.concatenate(found).mean())


def _credits(similar: Float32, wanted: Ids, contents: Ids) -> NDArray[np.float64]:
    """Return the share of each copy's first hits that are right, float64 (rows,)."""
    first = similar == similar.max(axis=1, keepdims=True)
    right = first & (contents == wanted[:, None])
    credits: NDArray[np.float64] = right.sum(axis=1) / first.sum(axis=1)
    return credits


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
