"""The JSON that tells whether a server can answer."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ready", "degraded", "starting", "failed", "no index"]


@dataclass(frozen=True)
class Health:
    """How the worker is that answers.

    Attributes:
        status: "ready" and "degraded" ones answer searches.
        indexes: their names.
        reasons: what is wrong.
    """

    status: Status
    indexes: tuple[str, ...]
    reasons: tuple[str, ...]
