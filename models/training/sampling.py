"""Which pictures are compared: triplets, pairs and balanced batches, as positions only.

Everything is drawn from a seed and the number of an epoch, and batches are drawn as they are
asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import TrainingRefused
from models.training.files import settle

Positions = NDArray[np.int64]

Triplets = NDArray[np.int64]
"""Positions of anchors, positives and negatives (m, 3)."""

DRAWN_AT_ONCE = 65_536
"""Triplets that are drawn together, which bounds the memory that their features take."""


@dataclass(frozen=True)
class Pairs:
    """Some pairs of pictures.

    Attributes:
        positions: int64 (m, 2).
        same: whether a pair is of one class, bool (m,).
    """

    positions: Positions
    same: NDArray[np.bool_]


class Classes:
    """Who is of the same class: draws others of a class, or of the other classes.

    Args:
        labels: class of each picture, int64 (n,).
    """

    def __init__(self, labels: NDArray[np.int64]) -> None:
        names, self._of, sizes = np.unique(labels, return_inverse=True, return_counts=True)
        self._sizes = np.asarray(sizes, np.int64)
        self._order = np.argsort(self._of, kind="stable")
        self._starts = np.cumsum(self._sizes) - self._sizes
        self._places = np.empty(len(labels), np.int64)  # of each picture among its class
        self._places[self._order] = np.arange(len(labels)) - self._starts[self._of[self._order]]
        self.count = len(names)

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self._of)

    def with_others(self, others: int) -> Positions:
        """Return the pictures (m,) whose class holds at least so many others."""
        return np.flatnonzero(self._sizes[self._of] > others)

    def members(self, number: int) -> Positions:
        """Return the pictures of the class of that number, from 0."""
        start = self._starts[number]
        return self._order[start : start + self._sizes[number]]

    def holding(self, least: int) -> Positions:
        """Return the numbers of the classes of at least so many pictures."""
        return np.flatnonzero(self._sizes >= least)

    def fellows(self, anchors: Positions, steps: Positions) -> Positions:
        """Return the picture that stands so many steps, from 1, after each in its class's ring."""
        numbers = self._of[anchors]
        places = (self._places[anchors] + steps) % self._sizes[numbers]
        return self._order[self._starts[numbers] + places]

    def positives(self, anchors: Positions, generator: np.random.Generator) -> Positions:
        """Draw another picture of each one's class."""
        others = self._sizes[self._of[anchors]] - 1
        return self.fellows(anchors, 1 + generator.integers(0, others))

    def two_positives(
        self, anchors: Positions, generator: np.random.Generator
    ) -> tuple[Positions, Positions]:
        """Draw two other pictures of each one's class, which differ."""
        others = self._sizes[self._of[anchors]] - 1
        first = generator.integers(0, others)
        second = (first + 1 + generator.integers(0, others - 1)) % others
        return self.fellows(anchors, 1 + first), self.fellows(anchors, 1 + second)

    def negatives(self, anchors: Positions, generator: np.random.Generator) -> Positions:
        """Draw a picture of another class for each one."""
        numbers = self._of[anchors]
        drawn = generator.integers(0, len(self) - self._sizes[numbers])
        return self._order[np.where(drawn < self._starts[numbers], 0, self._sizes[numbers]) + drawn]


def sample_triplets(
    labels: NDArray[np.int64],
    count: int,
    *,
    seed: int,
    in_class: float = 0.0,
    features: NDArray[np.float32] | None = None,
) -> Triplets:
    """Draw triplets beforehand.

    The negative is a picture of another class. In-class negatives are less similar pictures of
    the anchor's own class: of two of its pictures the nearer one in the features is the positive.
    Source: Wang et al., "Learning Fine-grained Image Similarity with Deep Ranking", 2014, section
    4, where a measure of relevance takes the features' place.

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
    anchors = generator.choice(rankable(classes), count)
    positives = classes.positives(anchors, generator)
    return np.stack([anchors, positives, classes.negatives(anchors, generator)], axis=1)


def _in_class(
    classes: Classes, count: int, features: NDArray[np.float32], generator: np.random.Generator
) -> Iterator[Triplets]:
    possible = classes.with_others(2)
    if not len(possible):
        raise TrainingRefused(
            "In-class negatives need classes of three pictures or more, and there is none. Give "
            "more pictures, or take negatives from other classes."
        )
    for start in range(0, count, DRAWN_AT_ONCE):
        anchors = generator.choice(possible, min(DRAWN_AT_ONCE, count - start))
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


def rankable(classes: Classes) -> Positions:
    """Return the pictures that have another one in their class, where there are other classes.

    Raises:
        TrainingRefused: there are none.
    """
    found = classes.with_others(1)
    if classes.count < 2 or not len(found):
        raise TrainingRefused(
            "To compare pictures takes two classes, and one of them with two pictures. Received: "
            f"{len(classes)} pictures in {classes.count} classes. Give more pictures."
        )
    return found


def save_triplets(file: Path, triplets: Triplets) -> None:
    """Write triplets as .npy, int64 (m, 3), at one stroke."""
    partial = file.with_suffix(".partial.npy")
    with partial.open("wb") as content:
        np.save(content, np.asarray(triplets, np.int64))
        settle(content)
    partial.replace(file)


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


def shuffled(count: int, size: int, *, seed: int, epoch: int) -> Iterator[Positions]:
    """Yield all positions below a count in another order each epoch, some (size,) at a time."""
    order = np.random.default_rng([seed, epoch]).permutation(count)
    yield from parts(order, size)


def parts(positions: Positions, size: int) -> Iterator[Positions]:
    """Yield some positions (size,) after the others; the last may be fewer."""
    for start in range(0, len(positions), size):
        yield positions[start : start + size]


def pair_batches(
    labels: NDArray[np.int64], size: int, *, ratio: float, seed: int, epoch: int
) -> Iterator[Pairs]:
    """Yield pairs, each picture's with one of its class or of another.

    Args:
        labels: class of each picture, int64 (n,).
        size: pairs of a batch; the last may be fewer.
        ratio: pairs of one class for each pair of two.
        seed: of all chance.
        epoch: from 0.

    Raises:
        TrainingRefused: the labels allow no such pairs.
    """
    classes, generator = Classes(labels), np.random.default_rng([seed, epoch])
    anchors = generator.permutation(rankable(classes))
    flags = np.arange(len(anchors)) < round(len(anchors) * ratio / (1 + ratio))
    for chosen, same in zip(
        parts(anchors, size), parts(generator.permutation(flags), size), strict=True
    ):
        others = np.where(
            same, classes.positives(chosen, generator), classes.negatives(chosen, generator)
        )
        yield Pairs(np.stack([chosen, others], axis=1), same.astype(np.bool_))


def balanced_batches(
    labels: NDArray[np.int64], *, classes: int, per_class: int, seed: int, epoch: int
) -> Iterator[Positions]:
    """Yield batches of a few classes with as many pictures of each, so that all can be compared.

    Source: Hermans, Beyer and Leibe, "In Defense of the Triplet Loss for Person
    Re-Identification", 2017, section 2, "PK batches". A class of fewer pictures shows them more
    than once; one of a single picture is left out.

    Args:
        labels: class of each picture, int64 (n,).
        classes: of a batch, or all where there are fewer.
        per_class: pictures of each, 2 or more.
        seed: of all chance.
        epoch: from 0.

    Raises:
        TrainingRefused: there are fewer than two classes of two pictures.
    """
    groups, generator = Classes(labels), np.random.default_rng([seed, epoch])
    numbers = groups.holding(2)
    if len(numbers) < 2:
        raise TrainingRefused(
            "Balanced batches take two classes of two pictures or more. Received: "
            f"{len(numbers)}. Give more pictures."
        )
    drawn = {int(number): _ring(groups.members(number), generator) for number in numbers}
    for _ in range(balanced_steps(labels, classes, per_class)):
        chosen = generator.choice(numbers, min(classes, len(numbers)), replace=False)
        yield np.array([next(drawn[int(at)]) for at in chosen for _ in range(per_class)], np.int64)


def balanced_steps(labels: NDArray[np.int64], classes: int, per_class: int) -> int:
    """Return the number of balanced batches that show as many pictures as there are."""
    found = min(classes, len(np.unique(labels)))
    return -(-len(labels) // (found * per_class))


def _ring(members: Positions, generator: np.random.Generator) -> Iterator[int]:
    """Yield pictures in ever new orders, all once before one comes again."""
    while True:
        yield from generator.permutation(members).tolist()
