"""Draws and ranks triplets: an anchor should lie nearer to its positive than to its negative.

Source: Schroff, Kalenichenko, Philbin, "FaceNet: A Unified Embedding for Face Recognition and
Clustering", CVPR 2015, 3.1.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indexer.distances import FeatureStore, Float64, block_slices, signs, units
from indexer.evaluation.errors import BadTable, EvaluationError, NothingToMeasure
from indexer.evaluation.judgements.sheets import read_sheet
from indexer.evaluation.metrics import PerQuery, triplet_accuracy
from indexer.evaluation.remarks import by_class
from indexer.types import Float32, Ids, Metric

COLUMNS = ("anchor", "positive", "negative")
BLOCK_TRIPLETS = 1024


def draw_triplets(labels: Sequence[str], count: int, seed: int = 0) -> Ids:
    """Draw triplets: two pictures of one class and one of another.

    Anchors are drawn evenly from all pictures whose class another one has too; positives from
    the rest of the class, negatives from the pictures of other classes. Pictures without a class
    are never drawn.

    Args:
        labels: the class of each of n pictures, those of the training or of the test part; "" where
            it has none.
        count: of the triplets, at least 1; the same may be drawn twice.
        seed: of the draw.

    Returns:
        int64 (count, 3), places of anchor, positive and negative.

    Raises:
        EvaluationError: the count is below 1.
        NothingToMeasure: there are no two pictures of one class, or no second class.
    """
    if count < 1:
        raise EvaluationError(f"At least 1 triplet must be drawn. Received: {count}")
    names = np.array(labels, np.str_)
    pool = np.flatnonzero(names != "")
    _, classes, sizes = np.unique(names[pool], return_inverse=True, return_counts=True)
    anchors = np.flatnonzero(sizes[classes] > 1)
    if not len(anchors) or len(sizes) < 2:
        raise NothingToMeasure(
            "Triplets need two pictures of one class, and one of another. Received: "
            f"{by_class(names[pool].tolist()) or 'no class'}"
        )
    triplets: Ids = pool[_drawn(classes, anchors, count, np.random.default_rng(seed))]
    return triplets


def _drawn(classes: Ids, anchors: Ids, count: int, rng: np.random.Generator) -> Ids:
    """Draw triplets of pictures by their classes' numbers, int64 (count, 3)."""
    # In the order of their classes, pictures of one stand together, and all others follow them.
    order = np.argsort(classes, kind="stable")
    ranks = np.argsort(order)
    sizes = np.bincount(classes)
    starts = np.cumsum(sizes) - sizes
    anchor = rng.choice(anchors, count)
    size, start = sizes[classes[anchor]], starts[classes[anchor]]
    positive = start + (ranks[anchor] - start + rng.integers(1, size)) % size
    negative = (start + size + rng.integers(0, len(order) - size)) % len(order)
    return np.stack([anchor, order[positive], order[negative]], axis=1)


def read_triplets(file: Path, names: Sequence[str]) -> Ids:
    """Read triplets from a CSV file with the columns anchor, positive and negative.

    Args:
        file: its rows hold pictures' paths.
        names: the path of each picture, as Picture.name.

    Returns:
        int64 (n, 3), places among `names`.

    Raises:
        BadTable: the file cannot be read, or names a picture that is not there.
    """
    places = {name: place for place, name in enumerate(names)}
    found = []
    for where, row in read_sheet(file, COLUMNS):
        paths = [str(row[column]) for column in COLUMNS]
        unknown = [path for path in paths if path not in places]
        if unknown:
            raise BadTable(
                f"{where}: {unknown[0]!r} is no picture of the gallery. Write paths as they are "
                f"below its folder, for instance {names[0] if names else 'a/1.jpg'!r}."
            )
        found.append([places[path] for path in paths])
    return np.array(found, np.int64)


def ranked_right(store: FeatureStore, triplets: Ids, metric: Metric) -> PerQuery:
    """Say of each triplet whether the positive lies nearer to the anchor than the negative.

    The mean is the triplet accuracy; of its interval, triplets of one anchor belong together. Of
    the features, those of BLOCK_TRIPLETS triplets are held at once.

    Args:
        store: features of the pictures.
        triplets: int64 (m, 3), rows of anchor, positive and negative.
        metric: that distances are measured in.

    Returns:
        float64 (m,): 1 where it does, 0.5 where both lie equally far, 0 where it does not.
    """
    found = np.empty(len(triplets))
    for rows in block_slices(len(triplets), BLOCK_TRIPLETS):
        anchor, positive, negative = (
            _comparable(store.rows(which), metric) for which in triplets[rows].T
        )
        found[rows] = triplet_accuracy(_squares(anchor, positive), _squares(anchor, negative))
    return found


def _comparable(features: Float32, metric: Metric) -> Float64:
    """Return what lies in the same order, by Euclid, as features do by a metric."""
    if metric == "hamming":
        return signs(features).astype(np.float64)
    rows = features.astype(np.float64)
    return units(rows) if metric == "cosine" else rows


def _squares(a: Float64, b: Float64) -> Float64:
    squares: Float64 = ((a - b) ** 2).sum(axis=1)
    return squares
