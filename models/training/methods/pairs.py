"""Two pictures pass through the same network, which learns whether they are of one class."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.training.batches import Pairs, pair_batches, pair_steps, parts
from models.training.classes import Labels
from models.training.heldout import Sides, pairs_against
from models.training.losses import ranking
from models.training.methods.base import Batch, column
from models.training.methods.embedding import Comparing
from models.training.methods.triplet import branches


@dataclass(frozen=True)
class PairsMethod(Comparing):
    """Pairs of a class lie together, others apart.

    Attributes:
        margin: beyond which a pair of two classes is left alone, in units of distance.
        ratio: pairs of one class for each pair of two.
        batch_size: pairs that are learnt from together.
    """

    margin: float = 1.0
    ratio: float = 1.0
    batch_size: int = 16

    @property
    def name(self) -> str:
        """Return what users call it."""
        return "pairs"

    def loss(self, targets: Any, outputs: Any) -> Any:
        """Return the losses of pairs (m,)."""
        first, second = branches(outputs, 2)
        return ranking.contrastive_loss(_same(targets), first, second, self.margin)

    def right(self, targets: Any, outputs: Any) -> Any:
        """Say of each pair whether half the margin tells its kind rightly, (m,)."""
        first, second = branches(outputs, 2)
        return ranking.told_apart(_same(targets), first, second, self.margin)

    def steps(self, labels: Labels) -> int:
        """Return the number of batches in an epoch."""
        return pair_steps(labels, self.batch_size)

    def batches(self, labels: Labels, epoch: int, seed: int) -> Iterator[Batch]:
        """Yield pictures with one of their class or of another; new ones each epoch."""
        drawn = pair_batches(labels, self.batch_size, ratio=self.ratio, seed=seed, epoch=epoch)
        return map(_batch, drawn)

    def checks(self, sides: Sides, seed: int) -> Iterator[Batch]:
        """Yield held out pictures with one that is learnt from; the same pairs at each call."""
        pairs = pairs_against(sides, self.ratio, seed)
        for chosen in parts(np.arange(len(pairs.same)), self.batch_size):
            yield _batch(Pairs(pairs.positions[chosen], pairs.same[chosen]))


def _batch(pairs: Pairs) -> Batch:
    """Lay out all first pictures, then all second ones."""
    targets = np.tile(pairs.same, 2).astype(np.int64)
    return Batch(np.ascontiguousarray(pairs.positions.T).reshape(-1), column(targets))


def _same(targets: Any) -> Any:
    """Return of each pair whether it is of one class, which both its pictures tell: (m,)."""
    from keras import ops

    return ops.reshape(targets, (2, -1))[0]
