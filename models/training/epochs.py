"""A pass over batches: examples are read ahead, shown to a network, and its losses averaged."""

import math
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from numpy.typing import NDArray

from models.parallel import in_order
from models.training.examples import Positions
from models.training.learner import Measured
from models.training.methods.base import Batch

Read = Callable[[Positions], NDArray[Any]]
"""Positions (b,) -> what is shown of them."""

Show = Callable[[NDArray[Any], Batch], Measured]


def passed(
    batches: Iterator[Batch],
    read: Read,
    show: Show,
    goes_on: Callable[[int, float], bool] = lambda done, loss: True,
) -> Measured | None:
    """Show batches to a network.

    Args:
        batches: which examples; a few are read ahead.
        read: returns them.
        show: lets the network learn from them, or measures it.
        goes_on: is told after each batch how many are done and the mean loss so far, and says
            whether to go on.

    Returns:
        means over all pictures, NaN without any; None where it did not go on.
    """

    def load(batch: Batch) -> tuple[NDArray[Any], Batch]:
        return read(batch.positions), batch

    losses, right = _Mean(), _Mean()
    with closing(in_order(load, batches, workers=1, ahead=2)) as loaded:
        for done, (examples, batch) in enumerate(loaded, start=1):
            found = show(examples, batch)
            losses.add(found.loss, len(examples))
            right.add(found.right, len(examples))
            if not goes_on(done, losses.value):
                return None
    return Measured(losses.value, right.value)


class _Mean:
    """A mean of batches, each of which weighs as its pictures do."""

    def __init__(self) -> None:
        self._sum, self._weight = 0.0, 0

    def add(self, value: float, weight: int) -> None:
        self._sum += value * weight
        self._weight += weight

    @property
    def value(self) -> float:
        return self._sum / self._weight if self._weight else math.nan
