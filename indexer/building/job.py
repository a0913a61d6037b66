"""What the steps of one build share."""

from dataclasses import dataclass
from typing import Any

from indexer.building.clock import Clock
from indexer.building.drafts import Draft
from indexer.building.plans import BuildPlan
from models.encoder import Encoder


@dataclass(frozen=True)
class Job:
    """A build under way.

    Attributes:
        plan: what is built.
        draft: where.
        clock: times the stages and reports them.
        encoder: computes the features.
        server: computes those of queries, in the same way: the encoder that lies in the draft.
        precision: what the check of precisions found, as plain values; empty without a check.
    """

    plan: BuildPlan
    draft: Draft
    clock: Clock
    encoder: Encoder
    server: Encoder
    precision: dict[str, Any]
