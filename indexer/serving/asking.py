"""A question in pictures: one, a part of one, or several, some of which say what is not wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from indexer.distances import units
from indexer.errors import BadQuery
from indexer.types import Float32
from models.types import Box

MOST_PARTS = 16
"""Pictures that one question may be made of."""

AGAINST = 0.5
"""Weight of what is not wanted beside what is: less, so that a question keeps its subject, as
Manning, Raghavan and Schuetze advise, "Introduction to Information Retrieval", 2008, section
9.1.1."""

LEAST_LEFT = 0.05
"""Length of what is left of unit features, below which they say nothing together."""

Sign = Literal[1, -1]


@dataclass(frozen=True)
class Part:
    """One picture of a question.

    Attributes:
        source: a picture's bytes or file; or the id of an indexed one; or a feature as the index
            stores them, float32 (dim,).
        box: the part of the picture that is meant, its edges as shares of width and height from
            the upper left corner; None for all of it. A feature has no parts.
        sign: 1 for "like this", -1 for "less like this".
        name: how messages call the picture.
    """

    source: bytes | Path | int | Float32
    box: Box | None = None
    sign: Sign = 1
    name: str = ""


def require_parts(parts: Sequence[Part]) -> None:
    """Refuse what is no question.

    Raises:
        BadQuery: nothing is wanted, or there are too many pictures, or a box is none.
    """
    if not any(part.sign > 0 for part in parts):
        raise BadQuery("Give at least one picture that the others should be like.")
    if len(parts) > MOST_PARTS:
        raise BadQuery(
            f"A question may be made of {MOST_PARTS} pictures at most. Received: {len(parts)}"
        )
    for part in parts:
        if part.box is not None:
            require_box(part.box)


def require_box(box: Box) -> None:
    """Refuse a box that is no part of a picture.

    Args:
        box: left, upper, right and lower edge, as shares of width and height.

    Raises:
        BadQuery: an edge lies outside of 0 to 1, or there is nothing between two.
    """
    left, upper, right, lower = box
    if not (0 <= left < right <= 1 and 0 <= upper < lower <= 1):
        raise BadQuery(
            "A box has a left, upper, right and lower edge from 0 to 1, in this order, with "
            f"something in between. Received: {', '.join(f'{edge:g}' for edge in box)}"
        )


def joined(features: Sequence[Float32], signs: Sequence[Sign]) -> Float32:
    """Make one feature of several: the mean of what is wanted, less AGAINST of what is not.

    This is the relevance feedback of Rocchio, "Relevance feedback in information retrieval", 1971,
    on unit features, so that no picture weighs more than another for the length of its feature.

    Args:
        features: float32 (dim,) each.
        signs: whether each is wanted; at least one is.

    Returns:
        float32 (dim,), as long as those that are wanted are on average. A single feature is
        returned as it is.

    Raises:
        BadQuery: they cancel each other out.
    """
    if len(features) == 1:
        return features[0]
    rows, wanted = np.stack(features).astype(np.float64), np.array(signs) > 0
    directions = units(rows)
    mean = directions[wanted].mean(axis=0)
    if not wanted.all():
        mean = mean - AGAINST * directions[~wanted].mean(axis=0)
    left = float(np.linalg.norm(mean))
    if left < LEAST_LEFT:
        raise BadQuery(
            "These pictures cancel each other out: what is wanted is also what is not. "
            "Leave one of them out."
        )
    length = np.linalg.norm(rows[wanted], axis=1).mean()
    found: Float32 = (mean * (length / left)).astype(np.float32)
    return found
