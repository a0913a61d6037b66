"""What a run records of a fine-tuning before it knows the pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indexer.experiments.stages import now
from indexer.experiments.trainplans import TrainPlan
from models.training.recipes import Recipe
from models.types import EncoderSpec


@dataclass(frozen=True)
class Announcement:
    """A fine-tuning that is about to begin; TuneFacts says what the attributes are.

    What goes on from checkpoints is not known yet: `of` is empty.
    """

    name: str
    command: str
    begun: str
    method: str
    settings: Mapping[str, Any]
    encoder: EncoderSpec
    recipe: Recipe
    seed: int
    of: str = ""
    precision: str = ""


def announcement(plan: TrainPlan) -> Announcement:
    """Return what is known of a plan before its pictures are read."""
    return Announcement(
        name=plan.name,
        command=plan.command,
        begun=now(),
        method=plan.kind,
        settings=plan.settings,
        encoder=plan.encoder,
        recipe=plan.how,
        seed=plan.seed,
    )
