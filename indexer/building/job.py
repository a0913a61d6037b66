"""What the steps of one build share."""

from dataclasses import dataclass

from indexer.building.clock import Clock
from indexer.building.drafts import Draft
from indexer.building.plans import BuildPlan
from indexer.checks.judging import Verdict
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
        precision: which was chosen and why, or None where it was asked for.
        accept: part of the copies of its pictures that must find their original this time. What
            the plan says is what was asked of the build that is brought up to date.
    """

    plan: BuildPlan
    draft: Draft
    clock: Clock
    encoder: Encoder
    server: Encoder
    precision: Verdict | None
    accept: float
