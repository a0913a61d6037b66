"""Axes of the drawings that pages show, in units of their SVG."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """A mark on an axis: where it stands, in units of the drawing, and what it says."""

    at: float
    text: str


def place(value: float, low: float, high: float, start: float, end: float) -> float:
    """Return where a value stands, to a tenth of a unit.

    Args:
        value: of what is drawn.
        low, high: values at the two ends of the axis.
        start, end: where these ends are, in units of the drawing.
    """
    return round(start + (value - low) / (high - low) * (end - start), 1)
