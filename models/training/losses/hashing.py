"""Codes of a few bits are to say as much as features do: losses of activations in [-1, 1].

What is kept of an activation is its sign, so that it should lie close to -1 or 1.
"""

from typing import Any


def quantisation_loss(codes: Any) -> Any:
    """Measure what is lost when only the signs of codes are kept.

    Source: Li, Wang and Kang, "Feature Learning based Deep Supervised Hashing with Pairwise
    Labels", 2016, the second term of equation 4, as a mean over the bits.

    Args:
        codes: activations (n, bits) in [-1, 1].

    Returns:
        mean squares of the distances to the signs (n,).
    """
    from keras import ops

    return ops.mean(ops.square(ops.abs(codes) - 1), -1)


def balance_loss(codes: Any) -> Any:
    """Measure how far a code is from having as many bits set as not.

    Source: Yang, Lin and Chen, "Supervised Learning of Semantics-Preserving Hash via Deep
    Convolutional Neural Networks", 2018, equation 5 with p = 2, for activations in [-1, 1].

    Args:
        codes: activations (n, bits) in [-1, 1].

    Returns:
        squares of the means over the bits (n,).
    """
    from keras import ops

    return ops.square(ops.mean(codes, -1))


def pairwise_loss(labels: Any, codes: Any) -> Any:
    """Measure how unlikely the pairs of a batch are to be of a class where they are, or not.

    The chance of a pair to be of a class is the logistic function of half the product of its
    codes. Source: Li, Wang and Kang, "Feature Learning based Deep Supervised Hashing with
    Pairwise Labels", 2016, equation 2, as a mean over the other codes of the batch.

    Args:
        labels: of the pictures (n, 1) or (n,).
        codes: activations (n, bits) in [-1, 1].

    Returns:
        negative log-likelihoods (n,).
    """
    from keras import ops

    labels = ops.reshape(labels, (-1,))
    same = ops.cast(ops.equal(labels[:, None], labels[None, :]), codes.dtype)
    agreement = ops.matmul(codes, ops.transpose(codes)) / 2
    others = 1 - ops.eye(ops.shape(codes)[0], dtype=codes.dtype)
    losses = (ops.softplus(agreement) - same * agreement) * others
    return ops.sum(losses, -1) / ops.maximum(ops.sum(others, -1), 1)
