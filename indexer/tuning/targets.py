"""Says what searches shall reach."""

from dataclasses import dataclass

from indexer.errors import BadParameter

RECALL, AT = 0.95, 10
"""The recall that a build reaches, and the number of hits it is counted among, unless told."""


@dataclass(frozen=True)
class Target:
    """What searches shall reach.

    Attributes:
        recall: part of the true nearest images that are found, above 0 and up to 1.
        at: how many nearest images count.
        max_ms: milliseconds that a search may take at the median; None for any.
    """

    recall: float = RECALL
    at: int = AT
    max_ms: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        if not 0 < self.recall <= 1:
            raise BadParameter(f"The recall must be above 0 and at most 1. Received: {self.recall}")
        if self.at < 1:
            raise BadParameter(f"The number of hits must be at least 1. Received: {self.at}")
        if self.max_ms is not None and not self.max_ms > 0:
            raise BadParameter(f"The milliseconds must be above 0. Received: {self.max_ms}")


DEFAULT_TARGET = Target()
