"""How held out pictures are compared with those that were learnt from, as searches will do it.

So a class of which a single picture is held out is measured too: it finds its own class, and
others, among the pictures that are learnt from. All classes weigh the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.engines.base import Float32
from models.training.batches import Balanced, Pairs, parts, same_flags
from models.training.classes import Classes, Labels, anchors_of, ring
from models.training.examples import Positions
from models.training.triplets import Triplets

MOST_ASKED = 10_000
"""Pairs or triplets that are measured after each epoch, at most."""


@dataclass(frozen=True)
class Sides:
    """Pictures that are learnt from, and held out ones.

    Attributes:
        labels: class of each picture, int64 (n,).
        shown: positions of those that are learnt from, int64.
        held_out: positions of the others, int64.
    """

    labels: Labels
    shown: Positions
    held_out: Positions

    def comparable(self) -> Positions:
        """Return the held out pictures (m,) whose class, and another one, are learnt from."""
        shown = Classes(self.labels[self.shown])
        if shown.count < 2:
            return self.held_out[:0]
        return self.held_out[shown.numbers_of(self.labels[self.held_out]) >= 0]


@dataclass(frozen=True)
class Asked:
    """Pictures of a batch, some of which are only there to be compared with.

    Attributes:
        positions: of all of them, int64 (b,).
        asking: 1 for those that are measured, and 0 for the others, int64 (b,).
        weights: of their losses, float32 (b,), 1 on average over all batches.
    """

    positions: Positions
    asking: Positions
    weights: Float32


def triplets_against(sides: Sides, seed: int) -> Triplets:
    """Draw triplets of held out anchors, and of positives and negatives that are learnt from.

    Returns:
        positions int64 (m, 3), as many of each class; each anchor's once at least, up to
        MOST_ASKED of all; none where nothing can be compared.
    """
    generator = np.random.default_rng(seed)
    anchors = _anchors(sides, generator)
    if not len(anchors):
        return np.empty((0, 3), np.int64)
    shown = Classes(sides.labels[sides.shown])
    numbers = shown.numbers_of(sides.labels[anchors])
    near, far = shown.inside(numbers, generator), shown.outside(numbers, generator)
    return np.stack([anchors, sides.shown[near], sides.shown[far]], axis=1)


def pairs_against(sides: Sides, ratio: float, seed: int) -> Pairs:
    """Draw pairs of a held out picture and one that is learnt from; see triplets_against.

    Args:
        sides: the pictures.
        ratio: pairs of one class for each pair of two.
        seed: of all chance.
    """
    triplets = triplets_against(sides, seed)
    same = same_flags(len(triplets), ratio, np.random.default_rng([seed, 1])).astype(np.bool_)
    others = np.where(same, triplets[:, 1], triplets[:, 2])
    return Pairs(np.stack([triplets[:, 0], others], axis=1), same)


def batches_against(sides: Sides, balanced: Balanced, seed: int) -> Iterator[Asked]:
    """Yield held out pictures, each once, with others of their classes that are learnt from.

    Up to half of a batch's pictures of a class are held out ones, and the rest of it is only there
    to be compared with.

    Args:
        sides: the pictures.
        balanced: how many classes and pictures a batch has.
        seed: of all chance.
    """
    batches = list(_laid_out(sides, balanced, np.random.default_rng(seed)))
    if not batches:
        return
    asking = np.concatenate([flags for _, flags in batches])
    labels = sides.labels[np.concatenate([positions for positions, _ in batches])]
    weights = _weights(labels, asking)
    starts = np.cumsum([len(flags) for _, flags in batches])[:-1]
    for (positions, flags), weighed in zip(batches, np.split(weights, starts), strict=True):
        yield Asked(positions, flags, weighed)


def _laid_out(
    sides: Sides, balanced: Balanced, generator: np.random.Generator
) -> Iterator[tuple[Positions, Positions]]:
    """Yield batches (b,), and 1 for those of their pictures that are held out."""
    comparable = sides.comparable()
    shown, asking = Classes(sides.labels[sides.shown]), Classes(sides.labels[comparable])
    if not len(comparable):
        return
    count, each = balanced.shape(shown.count)
    numbers = shown.numbers_of(sides.labels[comparable])
    rings = [ring(sides.shown[shown.members(number)], generator) for number in range(shown.count)]
    waiting = [
        list(parts(comparable[generator.permutation(asking.members(at))], each // 2))
        for at in range(asking.count)
    ]
    of = [int(numbers[asking.members(at)[0]]) for at in range(asking.count)]
    while left := [at for at, groups in enumerate(waiting) if groups]:
        # Classes of which most is left come first, so that all end together.
        left.sort(key=lambda at: len(waiting[at]), reverse=True)
        held = {of[at]: waiting[at].pop() for at in left[:count]}
        others = generator.permutation([at for at in range(shown.count) if at not in held])
        chosen = [*held, *others[: count - len(held)].tolist()]
        batch, flags = list[int](), list[int]()
        for number in chosen:
            own = held.get(number, comparable[:0]).tolist()
            batch += own + [next(rings[number]) for _ in range(each - len(own))]
            flags += [1] * len(own) + [0] * (each - len(own))
        yield np.array(batch, np.int64), np.array(flags, np.int64)


def _weights(labels: Labels, asking: Positions) -> Float32:
    """Return weights that let the asking pictures of each class count the same, 1 on average."""
    classes = Classes(labels)
    numbers = classes.numbers_of(labels)
    counts = np.bincount(numbers, weights=asking, minlength=classes.count)
    weights = asking / np.maximum(counts, 1)[numbers]
    return np.asarray(weights * (len(labels) / weights.sum()), np.float32)


def _anchors(sides: Sides, generator: np.random.Generator) -> Positions:
    comparable = sides.comparable()
    if not len(comparable):
        return comparable
    classes = Classes(sides.labels[comparable])
    numbers = np.arange(classes.count)
    count = min(MOST_ASKED, int(classes.sizes(numbers).max()) * classes.count)
    return comparable[anchors_of(classes, numbers, count, generator)]
