"""Which pictures are learnt from together: shuffles, pairs and balanced batches, as positions.

Everything is drawn from a seed and the number of an epoch, and batches are drawn as they are
asked for.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.engines.base import Float32
from models.errors import TrainingRefused
from models.training.classes import Classes, Labels, anchors_of, rankable, ring
from models.training.examples import Positions

ASKED_AT_ONCE = 64
"""Pictures that a network is asked about together."""


@dataclass(frozen=True)
class Pairs:
    """Some pairs of pictures.

    Attributes:
        positions: int64 (m, 2).
        same: whether a pair is of one class, bool (m,).
    """

    positions: Positions
    same: NDArray[np.bool_]


def steps_of(count: int, size: int) -> int:
    """Return the number of batches that so many pictures make."""
    return -(-count // size)


def parts(positions: Positions, size: int) -> Iterator[Positions]:
    """Yield some positions (size,) or one fewer after the others, as evenly as can be.

    A last batch of one picture would have no statistics, and would weigh as much as the others.
    """
    if len(positions):
        yield from np.array_split(positions, steps_of(len(positions), size))


def asked(ask: Callable[[Positions], Float32], positions: Positions) -> Float32:
    """Ask about pictures (n,), a few at a time, and return all answers (n, ...)."""
    found, done = np.empty((0, 0), np.float32), 0
    for chosen in parts(positions, ASKED_AT_ONCE):
        answers = ask(chosen)
        if not done:
            found = np.empty((len(positions), *answers.shape[1:]), np.float32)
        found[done : done + len(chosen)] = answers
        done += len(chosen)
    return found


def shuffled(count: int, size: int, *, seed: int, epoch: int) -> Iterator[Positions]:
    """Yield all positions below a count in another order each epoch, `size` or fewer at a time."""
    order = np.random.default_rng([seed, epoch]).permutation(count)
    yield from parts(order, size)


def pair_batches(
    labels: Labels, size: int, *, ratio: float, seed: int, epoch: int
) -> Iterator[Pairs]:
    """Yield pairs, as many as there are pictures to begin them, and as many of each class.

    Args:
        labels: class of each picture, int64 (n,).
        size: pairs of a batch, at most.
        ratio: pairs of one class for each pair of two.
        seed: of all chance.
        epoch: from 0.

    Raises:
        TrainingRefused: the labels allow no such pairs.
    """
    classes, generator = Classes(labels), np.random.default_rng([seed, epoch])
    numbers = rankable(classes)
    anchors = anchors_of(classes, numbers, int(classes.sizes(numbers).sum()), generator)
    flags = same_flags(len(anchors), ratio, generator)
    for chosen, same in zip(parts(anchors, size), parts(flags, size), strict=True):
        others = np.where(
            same, classes.positives(chosen, generator), classes.negatives(chosen, generator)
        )
        yield Pairs(np.stack([chosen, others], axis=1), same.astype(np.bool_))


def pair_steps(labels: Labels, size: int) -> int:
    """Return the number of batches that `pair_batches` yields.

    Raises:
        TrainingRefused: the labels allow no pairs.
    """
    classes = Classes(labels)
    return steps_of(int(classes.sizes(rankable(classes)).sum()), size)


def same_flags(count: int, ratio: float, generator: np.random.Generator) -> NDArray[np.int64]:
    """Draw which of some pairs are of one class: 1 or 0, (count,)."""
    flags = np.arange(count) < round(count * ratio / (1 + ratio))
    return generator.permutation(flags.astype(np.int64))


@dataclass(frozen=True)
class Balanced:
    """Batches of a few classes with as many pictures of each, so that all can be compared.

    Source: Hermans, Beyer and Leibe, "In Defense of the Triplet Loss for Person
    Re-Identification", 2017, section 2, "PK batches". A class of fewer pictures shows them more
    than once; one of a single picture is left out.

    Attributes:
        size: pictures of a batch, at most, save that it shows two classes of two at least.
        wanted: pictures of a class; more where there are too few classes to fill a batch.
    """

    size: int = 32
    wanted: int = 4

    def shape(self, classes: int) -> tuple[int, int]:
        """Return how many classes a batch has, of so many, and how many pictures of each."""
        chosen = min(classes, max(2, self.size // self.wanted))
        return chosen, max(2, self.size // chosen)

    def steps(self, labels: Labels) -> int:
        """Return the number of batches that show as many pictures as can be compared."""
        groups = Classes(labels)
        numbers = groups.holding(2)
        if len(numbers) < 2:
            return 0
        classes, each = self.shape(len(numbers))
        return steps_of(int(groups.sizes(numbers).sum()), classes * each)

    def batches(self, labels: Labels, *, seed: int, epoch: int) -> Iterator[Positions]:
        """Yield the batches of an epoch.

        Args:
            labels: class of each picture, int64 (n,).
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
        classes, each = self.shape(len(numbers))
        drawn = {number: ring(groups.members(number), generator) for number in numbers.tolist()}
        for _ in range(self.steps(labels)):
            chosen = generator.choice(numbers, classes, replace=False).tolist()
            yield np.array([next(drawn[at]) for at in chosen for _ in range(each)], np.int64)
