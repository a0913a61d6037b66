"""Three pictures pass through the same network: one of the same class must come out nearer."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from models.training.batches import Balanced, parts, steps_of
from models.training.classes import Labels
from models.training.examples import Positions
from models.training.heldout import Sides, batches_against, triplets_against
from models.training.losses import ranking
from models.training.methods.base import Batch
from models.training.methods.embedding import Comparing
from models.training.triplets import Triplets, part_of

Mining = Literal["sampled", "semi-hard", "batch-hard"]
MINING: tuple[Mining, ...] = ("sampled", "semi-hard", "batch-hard")
"""Where triplets come from: drawn beforehand, or found within balanced batches."""

NONE = np.empty((0, 3), np.int64)


@dataclass(frozen=True, eq=False)
class TripletMethod(Comparing):
    """Features of a class lie nearer to each other than to others, by a gap.

    Attributes:
        gap: that is asked for, in units of distance.
        mining: one of MINING.
        triplets: of the pictures that are learnt from, int64 (m, 3), where mining is "sampled":
            of all epochs.
        each: triplets of an epoch; 0 for all of them.
        batch_size: triplets that are learnt from together.
        balanced: batches that others are found in.
    """

    gap: float = 1.0
    mining: Mining = "sampled"
    triplets: Triplets = field(default_factory=NONE.copy)
    each: int = 0
    batch_size: int = 16
    balanced: Balanced = field(default_factory=Balanced)

    @property
    def name(self) -> str:
        """Return what users call it."""
        return "triplet"

    def loss(self, targets: Any, outputs: Any) -> Any:
        """Return the losses of triplets or, found within a batch, of anchors (m,)."""
        if self.mining == "sampled":
            anchors, positives, negatives = branches(outputs, 3)
            return ranking.triplet_loss(anchors, positives, negatives, self.gap)
        if self.mining == "batch-hard":
            return ranking.batch_hard_loss(targets[:, 0], outputs, self.gap)
        return ranking.semi_hard_loss(targets[:, 0], outputs, self.gap)

    def right(self, targets: Any, outputs: Any) -> Any:
        """Return the triplets that are ranked right, or their share (m,)."""
        if self.mining == "sampled":
            return ranking.ranked_right(*branches(outputs, 3))
        return ranking.share_ranked_right(targets[:, 0], outputs, targets[:, 1])

    def steps(self, labels: Labels) -> int:
        """Return the number of batches in an epoch."""
        if self.mining == "sampled":
            return steps_of(len(part_of(self.triplets, self.each, 0)), self.batch_size)
        return self.balanced.steps(labels)

    def batches(self, labels: Labels, epoch: int, seed: int) -> Iterator[Batch]:
        """Yield the epoch's triplets in an order of its own, or balanced batches."""
        if self.mining != "sampled":
            return mined(labels, self.balanced, epoch, seed)
        triplets = part_of(self.triplets, self.each, epoch)
        order = np.random.default_rng([seed, epoch]).permutation(len(triplets))
        return self._sampled(triplets, order)

    def checks(self, sides: Sides, seed: int) -> Iterator[Batch]:
        """Yield held out pictures with others that are learnt from, in triplets or batches."""
        if self.mining != "sampled":
            return mined_against(sides, self.balanced, seed)
        triplets = triplets_against(sides, seed)
        return self._sampled(triplets, np.arange(len(triplets)))

    def _sampled(self, triplets: Triplets, order: Positions) -> Iterator[Batch]:
        """Yield all anchors of a batch, then all its positives, then all its negatives."""
        for chosen in parts(order, self.batch_size):
            positions = np.ascontiguousarray(triplets[chosen].T).reshape(-1)
            yield Batch(positions, np.zeros((len(positions), 1), np.int64))


def mined(labels: Labels, balanced: Balanced, epoch: int, seed: int) -> Iterator[Batch]:
    """Yield balanced batches; targets are each picture's class, and 1 since it is measured."""
    for chosen in balanced.batches(labels, seed=seed, epoch=epoch):
        yield Batch(chosen, np.stack([labels[chosen], np.ones_like(chosen)], axis=1))


def mined_against(sides: Sides, balanced: Balanced, seed: int) -> Iterator[Batch]:
    """Yield held out pictures with others to compare them with, whose targets are 0 in place of 1.

    Losses of these others weigh nothing.
    """
    for asked in batches_against(sides, balanced, seed):
        targets = np.stack([sides.labels[asked.positions], asked.asking], axis=1)
        yield Batch(asked.positions, targets, asked.weights)


def branches(outputs: Any, count: int) -> Any:
    """Take apart what passed through the same network: (count * m, dim) -> (count, m, dim)."""
    from keras import ops

    return ops.unstack(ops.reshape(outputs, (count, -1, outputs.shape[-1])), count, axis=0)
