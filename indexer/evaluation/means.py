"""A mean with how sure it is: what intervals give, and reports show."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mean:
    """A mean over queries with its 95 % interval.

    Attributes:
        value: the mean.
        low, high: bounds of the interval; equal to the mean where `sure` is False.
        count: how many queries it is the mean of.
        groups: of how many groups of queries that belong together; 0 where each is its own.
    """

    value: float
    low: float
    high: float
    count: int
    groups: int = 0

    @property
    def sure(self) -> bool:
        """Say whether there is an interval: not of a single query, or a single group of them."""
        return (self.groups or self.count) > 1
