"""Says what is counted as right in an epoch; the indexer names it in English."""

from app.words import lazy
from indexer.experiments.telling.curvewords import ACCURACY, PAIRS, TRIPLETS

RIGHTS = {
    ACCURACY: lazy("accuracy"),
    TRIPLETS: lazy("triplets ranked right"),
    PAIRS: lazy("pairs told apart"),
    "share right": lazy("share right"),
}


def right_words(name: str) -> str:
    """Return it for people; what is not known here as it is."""
    return str(RIGHTS.get(name, name))
