"""Judges a precision by the neighbours that it finds, and says what was found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from indexer.checks.samples import Sample
from indexer.evaluation.agreement import Precision, agreement
from indexer.features.reduction import Reduction
from indexer.types import Metric

RECALL = 0.9
"""Part of fp32's ten neighbours that must be found, as a mean over the sample."""

SHIFT = -0.01
"""How far precision@10 may fall, the doubt of ERRORS standard errors counted against it."""

ERRORS = 2
LABELLED = 500
"""Pictures whose class another one has too, from which on precision@10 is judged at all."""


@dataclass(frozen=True)
class Check:
    """What was found of one precision; errors are standard errors of the mean.

    Attributes:
        precision: which.
        taken: whether it passed.
        recall, recall_error: part of fp32's neighbours that it finds; None where it could not
            be had.
        shift, shift_error: of precision@10 against fp32's; None without labels.
        labelled: pictures that the shift is the mean of.
        problem: why it could not be had, or "".
    """

    precision: str
    taken: bool
    recall: float | None = None
    recall_error: float | None = None
    shift: float | None = None
    shift_error: float | None = None
    labelled: int = 0
    problem: str = ""

    @property
    def sentence(self) -> str:
        """Return what was found, for people."""
        if self.recall is None:
            return self.problem
        found = f"recall@10 {self.recall:.3f}{_doubt(self.recall_error)}"
        if self.shift is not None:
            found += f", precision@10 {self.shift:+.3f}{_doubt(self.shift_error)}"
            if self.labelled < LABELLED:
                found += f" of {self.labelled:,} pictures, too few to judge by"
        return f"{found}: {'taken' if self.taken else 'not taken'}"


@dataclass(frozen=True)
class Verdict:
    """Which precision a build computes in, and what the check of precisions found.

    Attributes:
        chosen: the precision.
        why: that and no other.
        pictures: how many were compared; 0 where there was no check.
        wanted_recall, wanted_shift: the limits.
        checks: in the order in which they were made, the quickest precision first.
    """

    chosen: str
    why: str
    pictures: int = 0
    wanted_recall: float = RECALL
    wanted_shift: float = SHIFT
    checks: tuple[Check, ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Read what `dataclasses.asdict` made of one.

        Raises:
            TypeError: it did not make these values.
        """
        checks = tuple(Check(**check) for check in values.get("checks", ()))
        return cls(**{**values, "checks": checks})


def judged(
    precision: str,
    exact: Sample,
    quick: Sample,
    metric: Metric,
    reduction: Reduction | None = None,
) -> Check:
    """Compare the neighbours in a precision with those in fp32.

    Args:
        precision: that is judged.
        exact: pictures in fp32.
        quick: the same in that precision; those without a feature in either are left out.
        metric: what neighbours are nearest by.
        reduction: of the features before they are compared, or None.
    """
    places = {record.sha256: place for place, record in enumerate(quick.records)}
    both = [place for place, record in enumerate(exact.records) if record.sha256 in places]
    others = [places[exact.records[place].sha256] for place in both]
    if len(both) < 2:
        return Check(precision, taken=False, problem="Hardly a picture has a feature.")
    pair = exact.features[both], quick.features[others]
    wanted, found = map(reduction.apply, pair) if reduction else pair
    labels = np.array([exact.records[place].label or "" for place in both])
    agreed = agreement(wanted, found, labels, metric)
    classes = agreed.precision
    return Check(
        precision,
        taken=agreed.recall.mean >= RECALL and _keeps_classes(classes),
        recall=agreed.recall.mean,
        recall_error=agreed.recall.error,
        shift=classes.shift.mean if classes else None,
        shift_error=classes.shift.error if classes else None,
        labelled=classes.pictures if classes else 0,
    )


def _keeps_classes(found: Precision | None) -> bool:
    """Return whether precision@10 is shown not to fall too far, or too few labels could show it."""
    if found is None or found.pictures < LABELLED:
        return True
    return found.shift.mean - ERRORS * found.shift.error >= SHIFT


def _doubt(error: float | None) -> str:
    return "" if error is None else f" ± {error:.3f}"
