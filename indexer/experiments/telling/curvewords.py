"""What the figures of a learning curve are called, which depends on what is learnt."""

from collections.abc import Mapping, Sequence
from math import isnan

ACCURACY, TRIPLETS, PAIRS = "accuracy", "triplets ranked right", "pairs told apart"
_BY_METHOD: Mapping[str, str] = {"classifier": ACCURACY, "triplet": TRIPLETS, "pairs": PAIRS}
_BY_SUPERVISION: Mapping[str, str] = {
    "classes": ACCURACY,
    "triplet": TRIPLETS,
    "pairwise": PAIRS,
}
DISTILLATION = "distillation"
STEEP = 5.0
"""Ratio of the largest to the smallest value from which on an axis is logarithmic."""


def right_name(method: str, supervision: str = "") -> str:
    """Return what is counted as right in an epoch.

    Args:
        method: how the network learns.
        supervision: what codes learn from, where it is hash codes that are learnt.
    """
    return _BY_METHOD.get(method) or _BY_SUPERVISION.get(supervision, "share right")


def kept_words(method: str) -> str:
    """Say which epoch's weights are kept."""
    if method == DISTILLATION:
        return "The ringed epoch has the smallest loss; the weights of the last one are kept."
    return "The ringed epoch has the smallest loss: its weights are kept."


def is_steep(values: Sequence[float]) -> bool:
    """Say whether values need a logarithmic axis: one bad epoch would flatten all others."""
    known = [value for value in values if not isnan(value)]
    return bool(known) and min(known) > 0 and max(known) / min(known) > STEEP
