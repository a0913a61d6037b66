"""How often answers show where their strong matches end, and which pictures are folded into one.

    python -m benchmarks.answers GALLERY… [--copied 150] [--k 10] [--seed 0]

Below each GALLERY, folders are the classes. Pictures are described by the bundled network, and
ranked by the cosine. Each picture asks once for the others of its class; then some of them ask for
copies of themselves that are added to the gallery: first a mirrored one and a JPEG of quality 30,
then also those that are cropped, darkened and turned as by benchmarks.copies.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.copies import encode_copies
from benchmarks.retrieval import opened
from indexer.distances import FeatureStore, units
from indexer.evaluation.ranking import distances
from indexer.experiments.comparing.describe import encode_files
from indexer.experiments.comparing.folders import read_folders
from indexer.serving.folding import threshold_of
from indexer.serving.gaps import line_after
from indexer.serving.strength import Strength
from indexer.types import Float32, Ids
from indexer.variants.distortions import DISTORTIONS
from models.types import EncoderSpec

NEAR = ("mirrored", "recompressed")


@dataclass(frozen=True)
class Lines:
    """What lines between strong and weak matches part.

    Attributes:
        drawn: part of the answers that have one.
        before, after: parts of the hits on both sides that are right, of answers that have one.
        whole: part of the lines before which all right pictures stand, and no other.
    """

    drawn: float
    before: float
    after: float
    whole: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table of lines and one of folds."""
    asked = _arguments(arguments)
    labelled, encoder = read_folders(*asked.gallery), opened(EncoderSpec())
    gallery = encode_files(labelled.files, encoder)
    drawn = np.sort(np.random.default_rng(asked.seed).permutation(len(gallery))[: asked.copied])
    copies = encode_copies([labelled.files[number] for number in drawn], encoder)
    near = copies[[list(DISTORTIONS).index(kind) for kind in NEAR]]
    everyone = np.arange(len(gallery))
    tasks = {
        "the class": (gallery, np.unique(labelled.labels, return_inverse=True)[1], everyone),
        "two copies": (*_with(gallery, near, drawn), drawn),
        "five copies": (*_with(gallery, copies, drawn), drawn),
    }
    print(f"{len(gallery):,} pictures, {len(drawn)} of them copied; the first {asked.k} hits")
    print(f"{'asked for':14}{'lines':>8}{'before':>8}{'after':>8}{'whole':>8}")
    for title, (features, groups, queries) in tasks.items():
        found = lines(features, groups, queries, asked.k)
        figures = (found.drawn, found.before, found.after, found.whole)
        print(f"{title:14}" + "".join(f"{figure:8.2f}" for figure in figures))
    print("\nfolded with their originals")
    for kind, share in zip(DISTORTIONS, folded(gallery, copies, drawn), strict=True):
        print(f"{kind:14}{share:8.2f}")
    print(f"{pairs_alike(gallery)} pairs of pictures that are no copies")


def lines(features: Float32, groups: Ids, queries: Ids, k: int) -> Lines:
    """Draw a line in each answer.

    Args:
        features: float32 (n, dim), raw, of the gallery.
        groups: int64 (n,), equal numbers for those that are right for each other.
        queries: int64 (m,), the pictures that ask; they are not found themselves.
        k: hits of an answer.
    """
    store = FeatureStore.of(features)
    strength = Strength(store)
    right: list[NDArray[np.bool_]] = []
    at: list[int | None] = []
    for rows, apart in distances(store, features[queries], "cosine"):
        asking = queries[rows]
        apart[np.arange(len(asking)), asking] = np.inf
        found = np.argsort(apart, axis=1, kind="stable")[:, :k]
        right += list(groups[found] == groups[asking][:, None])
        ranked = np.take_along_axis(apart, found, axis=1).tolist()
        at += [line_after(each, "cosine", strength) for each in ranked]
    parted = [(each[:rank], each[rank:]) for each, rank in zip(right, at, strict=True) if rank]
    if not parted:
        return Lines(0.0, np.nan, np.nan, np.nan)
    before, after = (np.concatenate(side) for side in zip(*parted, strict=True))
    whole = [first.all() and not rest.any() for first, rest in parted]
    share = len(parted) / len(queries)
    return Lines(share, float(before.mean()), float(after.mean()), float(np.mean(whole)))


def folded(gallery: Float32, copies: Float32, originals: Ids) -> list[float]:
    """Return which part of the copies (kinds, m, dim) fold with their originals, by kind."""
    threshold = threshold_of(Strength(FeatureStore.of(gallery)))
    own = units(gallery[originals].astype(np.float64))
    alike = 1 - (units(copies.astype(np.float64)) * own).sum(axis=2) <= threshold
    shares: list[float] = alike.mean(axis=1).tolist()
    return shares


def pairs_alike(gallery: Float32) -> int:
    """Count the pairs of a gallery that fold."""
    store = FeatureStore.of(gallery)
    threshold = threshold_of(Strength(store))
    alike = sum(int((apart <= threshold).sum()) for _, apart in distances(store, gallery, "cosine"))
    return (alike - len(gallery)) // 2


def _with(gallery: Float32, copies: Float32, originals: Ids) -> tuple[Float32, Ids]:
    """Add copies (kinds, m, dim) to a gallery, and number what shows the same picture alike."""
    added = np.concatenate([gallery, *copies])
    return added, np.concatenate([np.arange(len(gallery)), np.tile(originals, len(copies))])


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answers")
    parser.add_argument("gallery", nargs="+", type=Path, metavar="GALLERY")
    parser.add_argument("--copied", type=int, default=150, help="how many pictures are copied")
    parser.add_argument("--k", type=int, default=10, help="hits of an answer")
    parser.add_argument("--seed", type=int, default=0, help="draws those that are copied")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
