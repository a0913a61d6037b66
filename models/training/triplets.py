"""Triplets: a picture, one of its class and one less like it, drawn beforehand and kept on disk."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import TrainingRefused
from models.training.classes import Classes, Labels, anchors_of, rankable
from models.training.examples import Positions
from models.training.files import written_aside

Triplets = NDArray[np.int64]
"""Positions of anchors, positives and negatives (m, 3)."""

DRAWN_AT_ONCE = 65_536
"""Triplets that are drawn together, which bounds the memory that their features take."""

MOST_STORED = 4_000_000
"""Triplets that are kept for a training, of 24 bytes each; longer ones see them again."""


def sample_triplets(
    labels: Labels,
    count: int,
    *,
    seed: int,
    in_class: float = 0.0,
    features: NDArray[np.float32] | None = None,
) -> Triplets:
    """Draw triplets beforehand.

    All classes have as many anchors, and the negative is a picture of another class. In-class
    negatives are less similar pictures of the anchor's own class: of two of its pictures the nearer
    one in the features is the positive. Source: Wang et al., "Learning Fine-grained Image
    Similarity with Deep Ranking", 2014, section 4, where a measure of relevance takes the
    features' place.

    Args:
        labels: class of each picture, int64 (n,).
        count: of triplets.
        seed: of all chance.
        in_class: share of the triplets whose negative is of the anchor's class, 0 to 1.
        features: of all pictures before the training (n, dim); in-class negatives need them.

    Returns:
        positions int64 (count, 3), in no order.

    Raises:
        TrainingRefused: the labels allow no such triplets.
    """
    generator, classes = np.random.default_rng(seed), Classes(labels)
    inner = round(count * in_class)
    parts = [_out_of_class(classes, count - inner, generator)]
    if inner:
        if features is None:
            raise ValueError("In-class negatives are chosen by features. Received: none.")
        parts += _in_class(classes, inner, features, generator)
    return generator.permutation(np.concatenate(parts))


def _out_of_class(classes: Classes, count: int, generator: np.random.Generator) -> Triplets:
    if not count:
        return np.empty((0, 3), np.int64)
    anchors = anchors_of(classes, rankable(classes), count, generator)
    positives = classes.positives(anchors, generator)
    return np.stack([anchors, positives, classes.negatives(anchors, generator)], axis=1)


def _in_class(
    classes: Classes, count: int, features: NDArray[np.float32], generator: np.random.Generator
) -> Iterator[Triplets]:
    possible = classes.holding(3)
    if not len(possible):
        raise TrainingRefused(
            "In-class negatives need classes of three pictures or more, and there is none. Give "
            "more pictures, or take negatives from other classes."
        )
    drawn = anchors_of(classes, possible, count, generator)
    for start in range(0, count, DRAWN_AT_ONCE):
        anchors = drawn[start : start + DRAWN_AT_ONCE]
        one, other = classes.two_positives(anchors, generator)
        swapped = _apart(features, anchors, one) > _apart(features, anchors, other)
        near, far = np.where(swapped, other, one), np.where(swapped, one, other)
        yield np.stack([anchors, near, far], axis=1)


def _apart(
    features: NDArray[np.float32], first: Positions, second: Positions
) -> NDArray[np.float64]:
    """Measure the Euclidean distances of pictures (m,), a few at a time."""
    found = np.empty(len(first))
    for start in range(0, len(first), 1024):
        part = slice(start, start + 1024)
        offsets = features[first[part]].astype(np.float64) - features[second[part]]
        found[part] = np.linalg.norm(offsets, axis=1)
    return found


def stored_count(pictures: int, epochs: int) -> int:
    """Return how many triplets a training keeps: one of each picture for each epoch.

    Longer trainings than fit into MOST_STORED see the first ones again.
    """
    return pictures * max(1, min(epochs, MOST_STORED // max(1, pictures)))


def part_of(triplets: Triplets, count: int, epoch: int) -> Triplets:
    """Return the triplets that are an epoch's own, (count, 3); of fewer than that all.

    Args:
        triplets: of all epochs, (m, 3).
        count: of an epoch.
        epoch: from 0.
    """
    parts = len(triplets) // count if count else 0
    if parts < 2:
        return triplets
    start = epoch % parts * count
    return triplets[start : start + count]


def save_triplets(file: Path, triplets: Triplets) -> None:
    """Write triplets as .npy, int64 (m, 3), at one stroke."""
    with written_aside(file) as content:
        np.save(content, np.asarray(triplets, np.int64))


def load_triplets(file: Path, pictures: int) -> Triplets:
    """Open stored triplets, which stay on disk until they are used.

    Args:
        file: .npy, int64 (m, 3).
        pictures: that they are of.

    Raises:
        TrainingRefused: the file is damaged, or holds triplets of other pictures.
    """
    try:
        triplets = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise TrainingRefused(
            f"{file} holds no triplets: {error}. Remove it; they are drawn anew."
        ) from error
    if triplets.dtype != np.int64 or triplets.ndim != 2 or triplets.shape[1] != 3:
        raise TrainingRefused(
            f"{file} must hold int64 of shape (m, 3). Received: {triplets.dtype} of shape "
            f"{triplets.shape}. Remove it; they are drawn anew."
        )
    if triplets.size and not 0 <= triplets.min() <= triplets.max() < pictures:
        raise TrainingRefused(
            f"{file} names pictures {triplets.min()} to {triplets.max()} of {pictures}. Remove it; "
            "they are drawn anew."
        )
    return np.asarray(triplets)
