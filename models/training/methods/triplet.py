"""Three pictures pass through the same network: one of the same class must come out nearer."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from models.training.losses import ranking
from models.training.methods.base import Batch, Labels, column
from models.training.methods.embedding import Embedding
from models.training.sampling import Triplets, balanced_batches, balanced_steps, parts

Mining = Literal["sampled", "semi-hard", "batch-hard"]
MINING: tuple[Mining, ...] = ("sampled", "semi-hard", "batch-hard")
"""Where triplets come from: drawn beforehand, or found within balanced batches."""

NONE = np.empty((0, 3), np.int64)


@dataclass(frozen=True)
class BalancedBatches:
    """How batches are laid out that triplets are found in.

    Attributes:
        classes: of a batch, or all where there are fewer.
        per_class: pictures of each.
    """

    classes: int = 8
    per_class: int = 4

    def batches(self, labels: Labels, epoch: int, seed: int) -> Iterator[Batch]:
        """Yield balanced batches of an epoch, with their classes."""
        for chosen in balanced_batches(
            labels, classes=self.classes, per_class=self.per_class, seed=seed, epoch=epoch
        ):
            yield Batch(chosen, column(labels[chosen]))

    def steps(self, labels: Labels) -> int:
        """Return the number of batches in an epoch."""
        return balanced_steps(labels, self.classes, self.per_class)

    def checks(self, labels: Labels, seed: int) -> Iterator[Batch]:
        """Yield the same batches at each call; none where there are no two classes of two."""
        if np.count_nonzero(np.bincount(labels) > 1) > 1:
            yield from self.batches(labels, 0, seed)


@dataclass(frozen=True, eq=False)
class TripletMethod:
    """Features of a class lie nearer to each other than to others, by a gap.

    Attributes:
        embedding: what is compared.
        gap: that is asked for, in units of distance.
        mining: one of MINING.
        triplets: of the pictures that are learnt from, int64 (m, 3), where mining is "sampled".
        held_out: triplets of the held out pictures, as well.
        batch_size: triplets that are learnt from together.
        balanced: batches that others are found in.
    """

    embedding: Embedding = field(default_factory=Embedding)
    gap: float = 1.0
    mining: Mining = "sampled"
    triplets: Triplets = field(default_factory=NONE.copy)
    held_out: Triplets = field(default_factory=NONE.copy)
    batch_size: int = 16
    balanced: BalancedBatches = field(default_factory=BalancedBatches)

    @property
    def name(self) -> str:
        """Return what users call it."""
        return "triplet"

    @property
    def head(self) -> str:
        """Return the layers that are kept for the encoder."""
        return self.embedding.head

    def outputs(self, feature: Any) -> Any:
        """Lay the embedding over pooled features."""
        return self.embedding.outputs(feature)

    def loss(self, targets: Any, outputs: Any) -> Any:
        """Return the losses of triplets or, found within a batch, of anchors (m,)."""
        if self.mining == "sampled":
            anchors, positives, negatives = branches(outputs, 3)
            return ranking.triplet_loss(anchors, positives, negatives, self.gap)
        if self.mining == "batch-hard":
            return ranking.batch_hard_loss(targets, outputs, self.gap)
        return ranking.semi_hard_loss(targets, outputs, self.gap)

    def right(self, targets: Any, outputs: Any) -> Any:
        """Return the triplets that are ranked right, or their share (m,)."""
        if self.mining == "sampled":
            return ranking.ranked_right(*branches(outputs, 3))
        return ranking.share_ranked_right(targets, outputs)

    def steps(self, labels: Labels) -> int:
        """Return the number of batches in an epoch."""
        if self.mining == "sampled":
            return -(-len(self.triplets) // self.batch_size)
        return self.balanced.steps(labels)

    def batches(self, labels: Labels, epoch: int, seed: int) -> Iterator[Batch]:
        """Yield the triplets in a new order, or balanced batches."""
        if self.mining != "sampled":
            return self.balanced.batches(labels, epoch, seed)
        order = np.random.default_rng([seed, epoch]).permutation(len(self.triplets))
        return self._sampled(self.triplets, order)

    def checks(self, labels: Labels, seed: int) -> Iterator[Batch]:
        """Yield the held out triplets in their order, or balanced batches."""
        if self.mining != "sampled":
            return self.balanced.checks(labels, seed)
        return self._sampled(self.held_out, np.arange(len(self.held_out)))

    def _sampled(self, triplets: Triplets, order: Triplets) -> Iterator[Batch]:
        """Yield all anchors of a batch, then all its positives, then all its negatives."""
        for chosen in parts(order, self.batch_size):
            positions = np.ascontiguousarray(triplets[chosen].T).reshape(-1)
            yield Batch(positions, np.zeros((len(positions), 1), np.int64))


def branches(outputs: Any, count: int) -> Any:
    """Take apart what passed through the same network: (count * m, dim) -> (count, m, dim)."""
    from keras import ops

    return ops.unstack(ops.reshape(outputs, (count, -1, outputs.shape[-1])), count, axis=0)
