"""Holds what was measured against what is wanted, and says so in a sentence; it asserts nothing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Wanted:
    """One figure that is wanted.

    Attributes:
        what: was measured, as a sentence begins.
        measured: the figure.
        limit: that it must reach, or stay below.
        unit: of both, after a blank, or "" for ratios.
        digits: of both after the point.
        below: whether it must stay below.
    """

    what: str
    measured: float
    limit: float
    unit: str = ""
    digits: int = 2
    below: bool = False

    @property
    def met(self) -> bool:
        """Return whether it is as wanted; a figure that could not be measured is not."""
        return self.measured < self.limit if self.below else self.measured >= self.limit

    @property
    def sentence(self) -> str:
        """Return it as people read it."""
        wanted = "less than " if self.below else ""
        more = "" if self.below else " or more"
        return (
            f"{self.what}: {self._said(self.measured)}, wanted {wanted}{self._said(self.limit)}"
            f"{more}: {'met' if self.met else 'missed'}"
        )

    def _said(self, value: float) -> str:
        return f"{value:,.{self.digits}f}{' ' if self.unit else ''}{self.unit}"


def sentences(found: Sequence[Wanted]) -> str:
    """Return a line for each figure that is wanted."""
    return "\n".join(each.sentence for each in found)


def plain(found: Sequence[Wanted]) -> list[dict[str, Any]]:
    """Return them as plain data."""
    return [asdict(each) | {"met": each.met} for each in found]
