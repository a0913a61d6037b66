"""What a student is to get right of its teacher's maps, and of its pictures' crops."""

from collections.abc import Callable
from typing import Any

TEMPERATURE = 0.1
"""What similarities are divided by: the smaller, the more the nearest pictures weigh."""


def distillation_loss(places: float) -> Callable[[Any, Any], Any]:
    """Return the loss of a student's maps against its teacher's.

    Args:
        places: weight of the mean over the places of the map, beside that of the pooled feature.

    Returns:
        a function of targets, the teacher's maps from their centre, and directions, the maps of
        the student's head, both (n, h, w, width), to losses (n,).
    """

    def loss(targets: Any, directions: Any) -> Any:
        from keras import ops

        pooled = direction_loss(ops.mean(targets, (1, 2)), ops.mean(directions, (1, 2)))
        if not places:
            return pooled
        return pooled + places * ops.mean(direction_loss(targets, directions), (1, 2))

    return loss


def direction_loss(targets: Any, directions: Any) -> Any:
    """Measure how far some directions are from others.

    The cosine of features from their common mean is what neighbours are ranked by, so it is what
    the student learns; length and mean of the teacher's features are free. It is half the squared
    distance of the unit vectors. Source: Navaneet et al., "SimReg: Regression as a Simple Yet
    Effective Tool for Self-supervised Knowledge Distillation", 2021, section 3, whose head has more
    layers than ours.

    Args:
        targets: of the teacher (..., width), float32.
        directions: of the student (..., width), float32.

    Returns:
        1 - cosine (...), float32.
    """
    from keras import ops

    return 1 - ops.sum(ops.normalize(targets) * ops.normalize(directions), axis=-1)


def contrast_loss(pictures: Any, maps: Any) -> Any:
    """Measure how badly crops of the same picture are told from crops of others.

    It is the cross-entropy of each crop's choice of its fellows among all other crops, by the
    cosine of pooled features from the batch's mean: what copies are found by. Sources: Chen et al.,
    "A Simple Framework for Contrastive Learning of Visual Representations", 2020, section 2.1, and
    Khosla et al., "Supervised Contrastive Learning", 2020, equation 2, where a picture may have
    more crops than two.

    Args:
        pictures: of which picture each crop is, (n, 1).
        maps: the student's own (n, h, w, width).

    Returns:
        losses (n,), float32; 0 for the only crop of a picture.
    """
    from keras import ops

    pooled = ops.mean(ops.cast(maps, "float32"), (1, 2))
    directions = ops.normalize(pooled - ops.stop_gradient(ops.mean(pooled, 0)))
    itself = ops.eye(ops.shape(pooled)[0])
    similar = ops.matmul(directions, ops.transpose(directions)) / TEMPERATURE - 1e9 * itself
    shares = similar - ops.logsumexp(similar, axis=-1, keepdims=True)
    fellows = ops.cast(ops.equal(pictures, ops.transpose(pictures)), "float32") - itself
    return -ops.sum(fellows * shares * (1 - itself), -1) / ops.maximum(ops.sum(fellows, -1), 1)
