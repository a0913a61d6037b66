"""What a student is to get right: pure functions of Keras tensors, for any of its backends."""

from collections.abc import Callable
from typing import Any


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
