"""Weighs what codes leave out of images, so that distances are estimated without bias.

A code holds an image's first coordinates and the squared length of all of it. What lies beyond
those coordinates, the residual, adds |r|² + |q|² - 2 r·q to the squared distance to a query. Of
an image far away r·q is near 0; a neighbour's residual points the query's way, so that its |r|²
counts less. How much less is measured on neighbours in the gallery itself, by least squares.
"""

import numpy as np

from indexer.distances import FeatureStore, block_slices, squared_lengths
from indexer.indexes.coding import CODED, Codes, steps
from indexer.indexes.rotation import Rotation, scaled
from indexer.types import Float32, Ids

QUERIES, NEIGHBOURS = 100, 16  # images that are asked, and their neighbours
GUESS = 0.5  # the weight by which these neighbours are found
ROWS = 2**14  # codes that are compared at once


def residual_weight(codes: Codes, rotation: Rotation, store: FeatureStore, *, seed: int) -> float:
    """Fit true squared distances to those of the coded coordinates and to residuals.

    Args:
        codes: int8 (n, 64), with the full squared lengths.
        rotation: of the coordinates.
        store: the gallery.
        seed: draws the images that are asked.

    Returns:
        What a residual's squared length is worth where a coded squared distance is worth 1, from
        0 to 1; 1 where nothing can be learnt.
    """
    if len(codes) < 2:
        return 1.0
    worth = steps(rotation.spreads)
    asked = np.sort(np.random.default_rng(seed).permutation(store.count)[:QUERIES])
    squares, product = np.zeros((2, 2)), np.zeros(2)
    for number, near in zip(asked, _neighbours(codes, worth, asked), strict=True):
        both = np.append(number, near)
        rows = scaled(store.rows(both), store.norms[both], unit=rotation.unit).astype(np.float64)
        truth = squared_lengths(rows[1:] - rows[0])
        coded = codes[both, :CODED] * worth
        away = squared_lengths(coded[1:] - coded[0])
        residuals = _energies(codes[near]) - squared_lengths(coded[1:])
        causes = np.stack([away, residuals]).astype(np.float64)
        causes -= causes.mean(axis=1, keepdims=True)
        squares += causes @ causes.T
        product += causes @ (truth - truth.mean())
    if np.linalg.matrix_rank(squares) < 2:
        return 1.0
    of_distance, of_residual = np.linalg.solve(squares, product)
    return float(np.clip(of_residual / of_distance, 0, 1)) if of_distance > 0 else 1.0


def weigh(codes: Codes, rotation: Rotation, weight: float) -> None:
    """Let residuals count by a weight: codes (n, 64) are written."""
    energies, worth = _energies(codes), steps(rotation.spreads)
    for rows in block_slices(len(codes), ROWS):
        coded = squared_lengths(codes[rows, :CODED] * worth)
        energies[rows] = coded + weight * np.maximum(energies[rows] - coded, 0)


def _neighbours(codes: Codes, worth: Float32, asked: Ids) -> Ids:
    """Return which images are near to some others, int64 (m, NEIGHBOURS or all others)."""
    targets = 2 * (codes[asked, :CODED] * worth)
    least: Float32 = np.zeros((len(asked), 0), np.float32)
    ids: Ids = np.zeros((len(asked), 0), np.int64)
    for rows in block_slices(len(codes), ROWS):
        points = codes[rows, :CODED] * worth
        coded = squared_lengths(points)
        further: Float32 = coded + GUESS * (_energies(codes[rows]) - coded) - targets @ points.T
        numbers = np.arange(rows.start, rows.stop)
        further[asked[:, None] == numbers] = np.inf
        best = _least_places(further, rows.stop - rows.start)
        ids = np.hstack([ids, numbers[best]])
        least = np.hstack([least, np.take_along_axis(further, best, axis=1)])
        best = _least_places(least, rows.stop - 1)
        ids = np.take_along_axis(ids, best, axis=1)
        least = np.take_along_axis(least, best, axis=1)
    return ids


def _least_places(values: Float32, most: int) -> Ids:
    """Return where in each row the NEIGHBOURS least values stand, or `most`, if that is less."""
    count = min(NEIGHBOURS, most)
    places: Ids = np.argpartition(values, count - 1, axis=1)[:, :count]
    return places


def _energies(codes: Codes) -> Float32:
    """View the squared lengths in codes (n, 64)."""
    energies: Float32 = codes.view("<f4")[:, CODED // 4]
    return energies
