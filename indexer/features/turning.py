"""Turns points so that their signs tell as much of them as they can.

Source: Gong and Lazebnik, "Iterative quantization: a Procrustean approach to learning binary
codes", CVPR 2011, section 2.2.
"""

import numpy as np

from indexer.distances import Float64

ROUNDS = 50  # as in the source


def turn(points: Float64, seed: int) -> Float64:
    """Find the rotation after which points lie nearest to their own signs.

    Without one, the first of the principal components hold most of what points tell, and each of
    the others adds a bit of noise to their codes.

    Args:
        points: float64 (n, dim), centred.
        seed: draws the rotation that is begun with.

    Returns:
        float64 (dim, dim): points are turned by multiplying it from the right.
    """
    dim = points.shape[1]
    rotation: Float64 = np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, dim)))[0]
    for _ in range(ROUNDS):
        codes = np.where(points @ rotation > 0, 1.0, -1.0)
        left, _, right = np.linalg.svd(points.T @ codes)
        rotation = left @ right
    return rotation
