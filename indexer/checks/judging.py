"""Judges a precision by the neighbours that it finds, and says what was found."""

from dataclasses import dataclass

import numpy as np

from indexer.evaluation.agreement import agreement
from indexer.types import Float32, ImageRecord, Metric

RECALL = 0.9
"""Part of fp32's ten neighbours that must be found, as a mean over the sample."""

SHIFT = -0.005
"""How far precision@10 may fall, where images have labels."""


@dataclass(frozen=True)
class Check:
    """What was found of one precision.

    Attributes:
        precision: which.
        taken: whether it passed.
        recall: part of fp32's neighbours that it finds; None where it could not be had.
        shift: of precision@10 against fp32's; None without labels.
        problem: why it could not be had, or "".
    """

    precision: str
    taken: bool
    recall: float | None = None
    shift: float | None = None
    problem: str = ""

    @property
    def sentence(self) -> str:
        """Return what was found, for people."""
        if self.recall is None:
            return self.problem
        shift = "" if self.shift is None else f", precision@10 {self.shift:+.3f}"
        wanted = f"not taken: {RECALL:.2f} and {SHIFT:+.3f} are wanted"
        return f"recall@10 {self.recall:.3f}{shift}: {'taken' if self.taken else wanted}"


@dataclass(frozen=True)
class Figures:
    """What the check of precisions found.

    Attributes:
        chosen: the precision.
        why: that and no other.
        pictures: how many were compared.
        wanted_recall, wanted_shift: the limits.
        checks: in the order in which they were made, the quickest precision first.
    """

    chosen: str
    why: str
    pictures: int = 0
    wanted_recall: float = RECALL
    wanted_shift: float = SHIFT
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Encoded:
    """Images that have a feature.

    Attributes:
        records: of the images.
        features: float32 (n, dim), theirs.
    """

    records: tuple[ImageRecord, ...]
    features: Float32


def judged(precision: str, exact: Encoded, quick: Encoded, metric: Metric) -> Check:
    """Compare the neighbours in a precision with those in fp32.

    Args:
        precision: that is judged.
        exact: pictures in fp32.
        quick: the same in that precision; those without a feature in either are left out.
        metric: what neighbours are nearest by.
    """
    places = {record.sha256: place for place, record in enumerate(quick.records)}
    both = [place for place, record in enumerate(exact.records) if record.sha256 in places]
    others = [places[exact.records[place].sha256] for place in both]
    if len(both) < 2:
        return Check(precision, taken=False, problem="Hardly a picture has a feature.")
    labels = np.array([exact.records[place].label or "" for place in both])
    found = agreement(exact.features[both], quick.features[others], labels, metric)
    kept = found.recall >= RECALL and (found.shift is None or found.shift >= SHIFT)
    return Check(precision, kept, found.recall, found.shift)
