"""Who is of the same class: draws others of a class, or of the other classes, by position."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.errors import TrainingRefused
from models.training.examples import Positions

Labels = NDArray[np.int64]
"""Class of each picture (n,), from 0."""


class Classes:
    """Pictures by their classes, which are numbered from 0 in the order of their labels.

    Args:
        labels: class of each picture, int64 (n,).
    """

    def __init__(self, labels: Labels) -> None:
        self._names, self._of, sizes = np.unique(labels, return_inverse=True, return_counts=True)
        self._sizes = np.asarray(sizes, np.int64)
        self._order = np.argsort(self._of, kind="stable")
        self._starts = np.cumsum(self._sizes) - self._sizes
        self._places = np.empty(len(labels), np.int64)  # of each picture among its class
        self._places[self._order] = np.arange(len(labels)) - self._starts[self._of[self._order]]

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self._of)

    @property
    def count(self) -> int:
        """Return the number of classes."""
        return len(self._sizes)

    def sizes(self, numbers: Positions) -> Positions:
        """Return how many pictures classes have."""
        return self._sizes[numbers]

    def members(self, number: int) -> Positions:
        """Return the pictures of the class of that number."""
        start = self._starts[number]
        return self._order[start : start + self._sizes[number]]

    def holding(self, least: int) -> Positions:
        """Return the numbers of the classes of at least so many pictures."""
        return np.flatnonzero(self._sizes >= least)

    def numbers_of(self, labels: Labels) -> Positions:
        """Return the numbers of the classes of some labels; -1 where none has a picture here."""
        places = np.searchsorted(self._names, labels).clip(max=self.count - 1)
        return np.asarray(np.where(self._names[places] == labels, places, -1), np.int64)

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
        return self.outside(self._of[anchors], generator)

    def inside(self, numbers: Positions, generator: np.random.Generator) -> Positions:
        """Draw a picture of each of some classes (m,)."""
        places: Positions = self._starts[numbers] + generator.integers(0, self._sizes[numbers])
        return self._order[places]

    def outside(self, numbers: Positions, generator: np.random.Generator) -> Positions:
        """Draw a picture that is not of the class, for each of some classes (m,)."""
        drawn = generator.integers(0, len(self) - self._sizes[numbers])
        skipped = np.where(drawn < self._starts[numbers], 0, self._sizes[numbers])
        return self._order[skipped + drawn]


def anchors_of(
    classes: Classes, numbers: Positions, count: int, generator: np.random.Generator
) -> Positions:
    """Draw pictures that others are compared with: as many of each class, in no order.

    So all classes are learnt alike, however many pictures they have, as the weights of a
    classifier and balanced batches do it: otherwise the largest class would decide what is
    learnt, and which epoch is kept. All pictures of a class are drawn before one comes again.

    Args:
        classes: of the pictures.
        numbers: of the classes that are drawn from.
        count: of anchors.
        generator: of all chance.
    """
    each, more = divmod(count, len(numbers))
    counts = each + generator.permutation(np.arange(len(numbers)) < more)
    drawn = [
        _drawn(classes.members(number), wanted, generator)
        for number, wanted in zip(numbers.tolist(), counts.tolist(), strict=True)
    ]
    return generator.permutation(np.concatenate(drawn))


def rankable(classes: Classes) -> Positions:
    """Return the numbers of the classes of two pictures or more, where there are other classes.

    Raises:
        TrainingRefused: there are none.
    """
    found = classes.holding(2)
    if classes.count < 2 or not len(found):
        raise TrainingRefused(
            "To compare pictures takes two classes, and one of them with two pictures. Received: "
            f"{len(classes)} pictures in {classes.count} classes. Give more pictures."
        )
    return found


def ring(members: Positions, generator: np.random.Generator) -> Iterator[int]:
    """Yield pictures in ever new orders, all once before one comes again."""
    while True:
        yield from generator.permutation(members).tolist()


def _drawn(members: Positions, count: int, generator: np.random.Generator) -> Positions:
    """Draw so many of some pictures, all once before one comes again."""
    rounds = -(-count // len(members))
    orders = generator.permuted(np.tile(members, (rounds, 1)), axis=1)
    return orders.reshape(-1)[:count]
