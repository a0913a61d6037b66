"""Pictures of a class are to lie nearer than others: losses of distances between features.

All are functions of Keras tensors and keep their type. Distances are Euclidean.
"""

from typing import Any

_NEAR = 1e-12  # squares below it are taken for 0, where a square root has no slope


def distances(first: Any, second: Any) -> Any:
    """Measure features (n, dim) against others, row by row: (n,)."""
    from keras import ops

    return _root(ops.sum(ops.square(first - second), -1))


def all_distances(features: Any) -> Any:
    """Measure features (n, dim) against each other: (n, n)."""
    from keras import ops

    products = ops.matmul(features, ops.transpose(features))
    squares = ops.sum(ops.square(features), -1)
    return _root(squares[:, None] + squares[None, :] - 2 * products)


def _root(squares: Any) -> Any:
    """Take square roots whose gradient at 0 is 0, where that of the plain one is infinite."""
    from keras import ops

    none = squares <= _NEAR  # not so of what is no number, which must not pass for 0
    return ops.where(none, 0, ops.sqrt(ops.where(none, ops.ones_like(squares), squares)))


def triplet_loss(anchors: Any, positives: Any, negatives: Any, gap: float = 1.0) -> Any:
    """Ask that each anchor's positive is nearer than its negative, by a gap.

    Sources: Wang et al., "Learning Fine-grained Image Similarity with Deep Ranking", 2014,
    equation 3, and Schroff, Kalenichenko and Philbin, "FaceNet", 2015, equation 3, here with the
    distance in place of its square.

    Args:
        anchors: features (n, dim).
        positives: of the same classes (n, dim).
        negatives: of others, or of less similar pictures (n, dim).
        gap: that is asked for, in units of distance.

    Returns:
        max(0, gap + D(anchor, positive) - D(anchor, negative)), (n,).
    """
    from keras import ops

    return ops.relu(gap + distances(anchors, positives) - distances(anchors, negatives))


def ranked_right(anchors: Any, positives: Any, negatives: Any) -> Any:
    """Say of each triplet whether its positive is nearer than its negative: 1 or 0, (n,)."""
    from keras import ops

    nearer = distances(anchors, positives) < distances(anchors, negatives)
    return ops.cast(nearer, "float32")


def batch_hard_loss(labels: Any, features: Any, gap: float = 1.0) -> Any:
    """Ask for the gap between each picture's farthest positive and nearest negative of a batch.

    Source: Hermans, Beyer and Leibe, "In Defense of the Triplet Loss for Person
    Re-Identification", 2017, equation 5.

    Args:
        labels: of the pictures (n, 1) or (n,).
        features: (n, dim).
        gap: that is asked for, in units of distance.

    Returns:
        losses (n,); 0 for pictures without a positive or without a negative.
    """
    from keras import ops

    apart, (positive, negative) = all_distances(features), _fellows(labels, features)
    farthest = ops.max(apart * positive, -1)
    nearest = ops.min(_where(negative, apart, _beyond(apart)), -1)
    return ops.relu(gap + farthest - nearest) * _can_rank(positive, negative)


def semi_hard_loss(labels: Any, features: Any, gap: float = 1.0) -> Any:
    """Ask for the gap between each positive and the nearest negative that lies beyond it.

    Those are hard enough to learn from, and do not let all features fall into one point. Where no
    negative lies beyond a positive, the farthest one stands in. Source: Schroff, Kalenichenko and
    Philbin, "FaceNet: A Unified Embedding for Face Recognition and Clustering", 2015, equation 4.

    Args: as for batch_hard_loss.

    Returns:
        means over each picture's positives (n,); 0 for pictures without a positive or a negative.
    """
    from keras import ops

    apart, (positive, negative) = all_distances(features), _fellows(labels, features)
    # Axes: anchor, positive, negative.
    beyond = ops.cast(apart[:, None, :] > apart[:, :, None], apart.dtype) * negative[:, None, :]
    nearest = ops.min(_where(beyond, apart[:, None, :], _beyond(apart)), -1)
    farthest = ops.max(apart * negative, -1)[:, None]
    chosen = _where(ops.max(beyond, -1), nearest, farthest)
    losses = ops.relu(gap + apart - chosen) * positive
    means = ops.sum(losses, -1) / ops.maximum(ops.sum(positive, -1), 1)
    return means * _can_rank(positive, negative)


def share_ranked_right(labels: Any, features: Any, asking: Any) -> Any:
    """Return the share of a batch's triplets whose positive is nearer than the negative, (1,).

    Args:
        labels: of the pictures (n, 1) or (n,).
        features: (n, dim).
        asking: 1 for the pictures that are anchors of triplets, and 0 for others (n,).
    """
    from keras import ops

    apart, (positive, negative) = all_distances(features), _fellows(labels, features)
    triplets = positive[:, :, None] * negative[:, None, :]
    triplets = triplets * ops.cast(asking, apart.dtype)[:, None, None]
    right = ops.cast(apart[:, :, None] < apart[:, None, :], apart.dtype) * triplets
    return ops.reshape(ops.sum(right) / ops.maximum(ops.sum(triplets), 1), (1,))


def contrastive_loss(same: Any, first: Any, second: Any, margin: float = 1.0) -> Any:
    """Draw pairs of a class together, and push others apart up to a margin.

    Source: Hadsell, Chopra and LeCun, "Dimensionality Reduction by Learning an Invariant
    Mapping", 2006, equation 4.

    Args:
        same: 1 for pairs of a class and 0 for others (n,).
        first: features (n, dim).
        second: features (n, dim).
        margin: beyond which a pair of two classes is left alone, in units of distance.

    Returns:
        half the square of the distance, or of what it lacks to the margin, (n,).
    """
    from keras import ops

    apart, same = distances(first, second), ops.cast(same, first.dtype)
    lacking = ops.square(ops.relu(margin - apart))
    return (same * ops.square(apart) + (1 - same) * lacking) / 2


def told_apart(same: Any, first: Any, second: Any, margin: float = 1.0) -> Any:
    """Say of each pair whether half the margin tells rightly if it is one of a class: (n,)."""
    from keras import ops

    near = distances(first, second) < margin / 2
    return ops.cast(ops.equal(near, ops.cast(same, "bool")), "float32")


def _fellows(labels: Any, features: Any) -> tuple[Any, Any]:
    """Return who is whose positive and who is whose negative, both 1 or 0, (n, n)."""
    from keras import ops

    labels = ops.reshape(labels, (-1,))
    same = ops.cast(ops.equal(labels[:, None], labels[None, :]), features.dtype)
    return same * (1 - ops.eye(ops.shape(features)[0], dtype=features.dtype)), 1 - same


def _can_rank(positive: Any, negative: Any) -> Any:
    from keras import ops

    return ops.max(positive, -1) * ops.max(negative, -1)


def _beyond(apart: Any) -> Any:
    """Return a distance greater than all."""
    from keras import ops

    return ops.stop_gradient(ops.max(apart)) + 1


def _where(flags: Any, chosen: Any, otherwise: Any) -> Any:
    from keras import ops

    return ops.where(flags > 0, chosen, otherwise)
