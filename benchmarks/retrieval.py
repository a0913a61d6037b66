"""How well the features of a network, and those of a thumbnail, find pictures of the same class.

    python -m benchmarks.retrieval DATA [--size 224] [--network NAME[:LAYER]=WEIGHTS …]

DATA holds the folder corel1000 (each picture is the query once, and all others are searched) or
louvre (the pictures of test are the queries, those of train and val are searched), or both. Below
each, folders are the classes. Distance is that of the cosine. P@k is the part of the first k
that is of the query's class; mAP averages precision over the ranks of all that are. Example:
--network resnet50:conv4_block6_out=resnet50.npz
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.encoder import Encoder, export_encoder, open_encoder
from models.images import decode
from models.types import EncoderSpec

BATCH = 32
THUMBNAIL = 8

Describe = Callable[[list[Path]], NDArray[np.float32]]
"""Files of pictures -> features (n, dim)."""


@dataclass(frozen=True)
class Pictures:
    """Files, and the class of each."""

    files: list[Path]
    labels: NDArray[np.str_]


@dataclass(frozen=True)
class Protocol:
    """What is asked of which gallery; each query leaves itself out where it is in there."""

    name: str
    gallery: Pictures
    queries: Pictures | None


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line for each way to describe a picture."""
    asked = _arguments(arguments)
    protocols = list(_protocols(asked.data))
    if not protocols:
        raise SystemExit(f"{asked.data} holds neither corel1000 nor louvre.")
    print(" " * 38 + "".join(f"{protocol.name:^24}" for protocol in protocols))
    print(" " * 38 + "   P@1    P@10   mAP    " * len(protocols))
    _line(f"thumbnail {THUMBNAIL}x{THUMBNAIL}", thumbnails, protocols)
    specs = [EncoderSpec(size=asked.size), *(_spec(text, asked.size) for text in asked.network)]
    for spec in specs:
        with tempfile.TemporaryDirectory() as directory:
            export_encoder(spec, Path(directory))
            encoder = open_encoder(Path(directory), latency=False)
            name = " ".join([spec.network, *filter(None, [spec.layer]), str(spec.size)])
            _line(name, partial(features, encoder=encoder), protocols)


def _protocols(data: Path) -> Iterator[Protocol]:
    if (data / "corel1000").is_dir():
        yield Protocol("corel1000", _pictures(data / "corel1000"), None)
    louvre = data / "louvre"
    if louvre.is_dir():
        gallery = _pictures(louvre / "train", louvre / "val")
        yield Protocol("louvre", gallery, _pictures(louvre / "test"))


def _pictures(*folders: Path) -> Pictures:
    files = sorted(file for folder in folders for file in folder.glob("*/*") if file.is_file())
    return Pictures(files, np.array([file.parent.name for file in files]))


def _line(name: str, describe: Describe, protocols: Sequence[Protocol]) -> None:
    results = [measure(protocol, describe) for protocol in protocols]
    cells = "".join("  ".join(f"{value:6.3f}" for value in result) + "  " for result in results)
    print(f"{name:38}{cells}", flush=True)


def measure(protocol: Protocol, describe: Describe) -> tuple[float, float, float]:
    """Search a gallery by brute force.

    Args:
        protocol: gallery and queries.
        describe: makes the features.

    Returns:
        P@1, P@10 and mAP, the means over all queries.
    """
    queries = protocol.queries or protocol.gallery
    gallery = _unit(describe(protocol.gallery.files))
    asked = gallery if protocol.queries is None else _unit(describe(queries.files))
    cosines = asked @ gallery.T
    if protocol.queries is None:
        np.fill_diagonal(cosines, -np.inf)
    ranks = np.argsort(-cosines, axis=1, kind="stable")
    if protocol.queries is None:
        ranks = ranks[:, :-1]
    relevant = protocol.gallery.labels[ranks] == queries.labels[:, None]
    precision = np.cumsum(relevant, axis=1) / np.arange(1, relevant.shape[1] + 1)
    average = (precision * relevant).sum(axis=1) / relevant.sum(axis=1)
    return float(precision[:, 0].mean()), float(precision[:, 9].mean()), float(average.mean())


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def features(files: list[Path], encoder: Encoder) -> NDArray[np.float32]:
    """Encode pictures, a few at a time."""
    parts = [files[start : start + BATCH] for start in range(0, len(files), BATCH)]
    batches = (np.stack([decode(file, encoder.size) for file in part]) for part in parts)
    return np.concatenate([encoder.encode(batch) for batch in batches])


def thumbnails(files: list[Path]) -> NDArray[np.float32]:
    """Shrink pictures to a few pixels and take off the mean of each: what any network must beat."""
    pixels = np.stack([decode(file, THUMBNAIL) for file in files]).astype(np.float32)
    vectors: NDArray[np.float32] = pixels.reshape(len(files), -1)
    vectors -= vectors.mean(axis=1, keepdims=True)
    return vectors


def _spec(text: str, size: int) -> EncoderSpec:
    name, _, weights = text.partition("=")
    network, _, layer = name.partition(":")
    return EncoderSpec(network, weights or "imagenet", layer or None, size=size)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval")
    parser.add_argument("data", type=Path, metavar="DATA", help="holds corel1000, louvre or both")
    parser.add_argument("--size", type=int, default=224, help="of what networks read, in pixels")
    parser.add_argument("--network", action="append", default=[], metavar="NAME[:LAYER]=WEIGHTS")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
