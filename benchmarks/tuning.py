"""Whether an index that was tuned on its own images keeps its word to pictures it has never seen.

    python -m benchmarks.tuning FOLDER [--held-out 1000] [--recall 0.95] [--copies] [--json FILE]

The pictures of a folder of classes are parted at random: some are held out, the others indexed in a
temporary instance by `flask index build`, and tuned by `flask index tune`. The held-out ones are
encoded as queries are, and searched for one after the other by one thread; the truth is the exact
answer. Printed for both generations: recall@10 with its 95 % interval (of the mean of the queries),
share of the gallery that was visited, milliseconds of a search at the median.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import builds
from benchmarks.builds import NAME
from benchmarks.wanted import Wanted, plain, sentences
from indexer.experiments.comparing.describe import encode_files
from indexer.intervals import CERTAIN
from indexer.opening import Generation
from indexer.types import Float32
from models.encoder import open_encoder

K = 10
SHORT, MOST_VISITED = 0.01, 0.2
"""How much the lower bound of recall may lie below what was wanted; share visited at most."""

SAME = 1e-6  # relative difference of distances that may be the same


@dataclass(frozen=True)
class Found:
    """How a generation answers.

    Attributes:
        name: of what made it.
        images: in it.
        parameters: of its index.
        told: the recall that its tuning measured.
        queries: that were asked.
        recall, low, high: at K, and its interval.
        visited: mean share of the gallery.
        milliseconds: of a search, at the median.
    """

    name: str
    images: int
    parameters: dict[str, object]
    told: float
    queries: int
    recall: float
    low: float
    high: float
    visited: float
    milliseconds: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Print how held-out pictures are answered after the build, and after the tuning."""
    asked = _arguments(arguments)
    with tempfile.TemporaryDirectory(prefix="likeness-benchmark-") as name:
        found = measure(asked, Path(name))
    print("\n".join(map(_line, found)))
    wanted = [each for one in found for each in _wanted(one, asked.recall)]
    print(sentences(wanted))
    if asked.json:
        result = {"found": [asdict(each) for each in found], "wanted": plain(wanted)}
        asked.json.write_text(json.dumps(result, indent=2) + "\n")


def measure(asked: argparse.Namespace, work: Path) -> list[Found]:
    """Build and tune in a folder to work in, and ask the held-out pictures of each generation."""
    gallery, held_out, instance = work / "gallery", work / "held-out", work / "instance"
    queries = _part(asked.folder, asked.held_out, asked.seed, gallery, held_out)
    run = ["--recall", str(asked.recall)]
    builds.run_watched(["build", str(gallery), "--name", NAME, *run], instance)
    after_build = _asked("build", instance, queries)
    builds.run_watched(["tune", NAME, *run, *(["--copies"] if asked.copies else [])], instance)
    return [after_build, _asked("tune", instance, queries)]


def _part(folder: Path, count: int, seed: int, gallery: Path, held_out: Path) -> list[Path]:
    """Copy all pictures of a folder into a gallery, but for some; return the copies of these."""
    files = sorted(file for file in folder.absolute().glob("*/*") if file.is_file())
    if not 0 < count < len(files):
        raise SystemExit(f"{folder} holds {len(files):,} pictures in folders: hold out fewer.")
    drawn = set(np.random.default_rng(seed).permutation(len(files))[:count].tolist())
    copies = []
    for number, file in enumerate(files):
        copy = (held_out if number in drawn else gallery) / file.relative_to(folder.absolute())
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
        if number in drawn:
            copies.append(copy)
    return copies


def _asked(name: str, instance: Path, files: Sequence[Path]) -> Found:
    """Search the current generation for pictures."""
    generation = builds.generation(instance)
    generation.catalog.close()
    encoder = open_encoder(generation.encoder, latency=False)
    queries = generation.reduced(encode_files(files, encoder))
    recalls, visited, seconds = _answers(generation, queries)
    recall, error = float(recalls.mean()), float(recalls.std() / len(recalls) ** 0.5)
    return Found(
        name=name,
        images=generation.manifest.images,
        parameters=dict(generation.index.parameters),
        told=generation.manifest.tuning["chosen"]["recall"],
        queries=len(queries),
        recall=recall,
        low=recall - CERTAIN * error,
        high=recall + CERTAIN * error,
        visited=float(visited.mean()) / generation.store.count,
        milliseconds=1e3 * float(np.median(seconds)),
    )


def _answers(generation: Generation, queries: Float32) -> tuple[NDArray[np.float64], ...]:
    """Return what part of the truth each query finds, images it visits, and seconds it takes."""
    index, metric = generation.index, generation.manifest.metric
    index.warm()
    rows = np.empty((3, len(queries)))
    for number, query in enumerate(queries):
        began = time.perf_counter()
        answer = index.search(query, K, metric)
        took = time.perf_counter() - began
        farthest = index.search(query, K, metric, exact=True).distances[-1] * (1 + SAME) + SAME**2
        rows[:, number] = (answer.distances <= farthest).mean(), answer.visited, took
    return tuple(rows)


def _wanted(found: Found, recall: float) -> list[Wanted]:
    return [
        Wanted(f"lowest recall@{K} after {found.name}", found.low, recall - SHORT, digits=4),
        Wanted(
            f"visited after {found.name}",
            100 * found.visited,
            100 * MOST_VISITED,
            unit="%",
            digits=1,
            below=True,
        ),
    ]


def _line(found: Found) -> str:
    chosen = ", ".join(f"{name}={found.parameters[name]}" for name in ("g", "h", "probes", "keep"))
    return (
        f"{found.name:6} {found.images:,} images, {found.queries:,} held out: recall@{K} "
        f"{found.recall:.4f} ({found.low:.4f} to {found.high:.4f}; the tuning told "
        f"{found.told:.4f}), visited {found.visited:.2%}, {found.milliseconds:.3f} ms; {chosen}"
    )


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tuning")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="of classes of pictures")
    parser.add_argument("--held-out", type=int, default=1000, help="pictures that are asked")
    parser.add_argument("--recall", type=float, default=0.95, help="that is wanted")
    parser.add_argument("--copies", action="store_true", help="tune on distorted copies")
    parser.add_argument("--seed", type=int, default=0, help="draws what is held out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="everything that was measured")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
