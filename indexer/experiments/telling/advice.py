"""What to do with what a run has left: build an index of it, or train otherwise."""

from collections.abc import Sequence

from indexer.experiments.runs.changes import Change, Codes
from indexer.experiments.telling.headlines import verdict_of

HASH = "hash"
ENOUGH = 0.9
"""Share of the mAP of before with which codes are worth their few bytes."""


def index_command(method: str, name: str) -> str:
    """Return the command that builds an index of a run.

    Args:
        method: how its network learnt.
        name: of the run.
    """
    kind = " --kind hamming" if method == HASH else ""
    return f"flask index build FOLDER --name NAME --network run:{name}{kind}"


def is_worth_using(verdict: str, exact: Sequence[Change], codes: Codes | None = None) -> bool:
    """Say whether an index of the run is to be suggested.

    Codes are meant to take less room, not to find more: they are where they keep ENOUGH.
    """
    small = codes is not None and codes.share >= ENOUGH
    return small or verdict_of(verdict, exact) in ("better", "")


def next_steps(rate: str) -> str:
    """Say what to do where a fine-tuning made nothing better.

    Args:
        rate: that it learnt with, or "".
    """
    lower = f"a --rate lower than {rate}" if rate else "a lower --rate"
    return (
        f"Keep the index you have. What may help: {lower}, more pictures of each class, or "
        "another method."
    )
