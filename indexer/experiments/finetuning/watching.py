"""What is told of a fine-tuning beside its progress: things that stay in sight."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.experiments.pictures.labelled import Labelled
from models.training.checkpoints import Epoch


def _nobody(_: object) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Watch:
    """Who is told.

    Attributes:
        gathered: of the pictures and their classes, once they are known.
        learnt: of the epochs so far, after each.
    """

    gathered: Callable[[Labelled], None] = _nobody
    learnt: Callable[[Sequence[Epoch]], None] = _nobody


NOBODY = Watch()
