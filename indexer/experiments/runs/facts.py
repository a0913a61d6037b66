"""What is known of any training: the pictures that it was given, and its record as JSON."""

import json
import math
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from indexer.types import Count, Rejection


@dataclass(frozen=True)
class Source:
    """A folder that was learnt from.

    Attributes:
        folder: its path.
        times: how often each of its pictures was shown in an epoch.
        pictures: how many of it were usable, held out ones among them.
    """

    folder: Path
    times: int
    pictures: int


@dataclass(frozen=True)
class Data:
    """What pictures a training is given.

    Attributes:
        sources: the folders.
        shown: how many different files are learnt from.
        held_out: how many files are only measured with.
        left_out: the files that cannot be used, each with its reason.
    """

    sources: tuple[Source, ...]
    shown: int
    held_out: int
    left_out: tuple[Rejection, ...] = field(repr=False)

    @property
    def reasons(self) -> tuple[Count, ...]:
        """Return how many files were left out by reason, the commonest first."""
        counts = Counter(item.reason for item in self.left_out).most_common()
        return tuple(Count(reason, count) for reason, count in counts)


def as_json(state: str, facts: Any, outcome: Any) -> str:
    """Return all that is known of a run as a JSON object.

    Args:
        state: "running" or "done".
        facts: a dataclass, what the run is given.
        outcome: a dataclass, what came of it, or None.
    """
    known = {"state": state} | asdict(facts) | (asdict(outcome) if outcome else {})
    return json.dumps(_plain(known), indent=1) + "\n"


def _plain(value: Any) -> Any:
    """Turn paths into text and what is no number into null, at any depth."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, np.ndarray):
        return value.tolist()
    return str(value) if isinstance(value, Path) else value
