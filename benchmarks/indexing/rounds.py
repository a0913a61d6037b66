"""Lets ways of doing the same take turns, so that whatever else a machine does slows them alike."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Round = Mapping[str, float]
"""Pictures a second of each way, by its name."""


@dataclass(frozen=True)
class Spread:
    """The median of some rounds, and the lowest and the highest."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Sum values up."""
        return cls(float(np.median(values)), min(values), max(values))


def take_turns(ways: Mapping[str, Callable[[], float]], rounds: int) -> list[Round]:
    """Run each way once in each round, every other round backwards, and tell what was measured."""
    found: list[Round] = []
    for number in range(rounds):
        order = [*ways] if number % 2 == 0 else [*ways][::-1]
        measured = {}
        for name in order:
            measured[name] = ways[name]()
            line = f"round {number + 1} of {rounds}: {name}: {measured[name]:.1f} a second"
            print(line, file=sys.stderr, flush=True)
        found.append({name: measured[name] for name in ways})
    return found


def speed(rounds: Sequence[Round], name: str) -> Spread:
    """Return how many pictures a second a way did."""
    return Spread.of([each[name] for each in rounds])


def ratio(rounds: Sequence[Round], name: str, than: str) -> Spread:
    """Return how many times as fast a way is as another, compared within each round."""
    return Spread.of([each[name] / each[than] for each in rounds])
