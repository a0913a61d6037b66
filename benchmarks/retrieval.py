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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from indexer.experiments.comparing.describe import THUMBNAIL, Describe, encode_files, thumbnails
from indexer.experiments.comparing.folders import (
    Described,
    FolderFigures,
    Labelled,
    measure,
    read_folders,
)
from models.encoder import Encoder, export_encoder, open_encoder
from models.types import EncoderSpec


@dataclass(frozen=True)
class Task:
    """What is asked of which gallery; each picture asks where there are no queries."""

    name: str
    gallery: Labelled
    queries: Labelled | None


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line for each way to describe a picture."""
    asked = _arguments(arguments)
    tasks = list(_tasks(asked.data))
    if not tasks:
        raise SystemExit(f"{asked.data} holds neither corel1000 nor louvre.")
    print(" " * 38 + "".join(f"{task.name:^24}" for task in tasks))
    print(" " * 38 + "   P@1    P@10   mAP    " * len(tasks))
    left_out = _line(f"thumbnail {THUMBNAIL}x{THUMBNAIL}", thumbnails, tasks)
    for spec in wanted_networks(asked.network, asked.size):
        _line(network_name(spec), partial(encode_files, encoder=opened(spec)), tasks)
    for task, queries in zip(tasks, left_out, strict=True):
        if queries:
            print(f"{task.name}: {queries} queries left out, alone in their class.")


def wanted_networks(texts: Sequence[str], size: int) -> list[EncoderSpec]:
    """Return the bundled network, and those of the form NAME[:LAYER]=WEIGHTS."""
    return [EncoderSpec(size=size), *(_spec(text, size) for text in texts)]


def network_name(spec: EncoderSpec) -> str:
    """Return what a table calls a network."""
    return " ".join([spec.network, *filter(None, [spec.layer]), str(spec.size)])


def opened(spec: EncoderSpec) -> Encoder:
    """Export a network and open it for throughput."""
    with tempfile.TemporaryDirectory() as directory:
        export_encoder(spec, Path(directory))
        return open_encoder(Path(directory), latency=False)


def _tasks(data: Path) -> Iterator[Task]:
    if (data / "corel1000").is_dir():
        yield Task("corel1000", read_folders(data / "corel1000"), None)
    louvre = data / "louvre"
    if louvre.is_dir():
        gallery = read_folders(louvre / "train", louvre / "val")
        yield Task("louvre", gallery, read_folders(louvre / "test"))


def _line(name: str, describe: Describe, tasks: Sequence[Task]) -> list[int]:
    """Print the figures of one way to describe, and return how many queries each left out."""
    results = [_measure(task, describe) for task in tasks]
    print(f"{name:38}{''.join(_cells(result) for result in results)}", flush=True)
    return [result.left_out for result in results]


def _measure(task: Task, describe: Describe) -> FolderFigures:
    queries = None if task.queries is None else _described(task.queries, describe)
    return measure(_described(task.gallery, describe), queries)


def _described(pictures: Labelled, describe: Describe) -> Described:
    return Described(describe(pictures.files), pictures.labels)


def _cells(result: FolderFigures) -> str:
    values = (result.precision_at_1, result.precision_at_10, result.mean_average_precision)
    return "  ".join(f"{value:6.3f}" for value in values) + "  "


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
