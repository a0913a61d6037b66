"""What a run records of a fine-tuning: as it is announced, and once its pictures are known."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indexer.experiments.finetuning.beginning import variants_of
from indexer.experiments.finetuning.facts import TuneFacts
from indexer.experiments.finetuning.givens import Givens
from indexer.experiments.finetuning.plan import TrainPlan
from indexer.experiments.finetuning.preparing import Prepared
from indexer.experiments.pictures.labelled import Labelled
from indexer.experiments.runs.facts import Data, Source
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.stages import now
from models.training.machine import this_machine
from models.training.recipes import Recipe
from models.training.tails import save_encoder
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


def begun(plan: TrainPlan, run: RunFolder, ready: Prepared, pictures: Labelled) -> TuneFacts:
    """Record what a run is given, when it begins and when it goes on.

    Args:
        plan: what is wanted.
        run: its folder.
        ready: what was settled before.
        pictures: that are learnt from and held out.

    Raises:
        RunError: the run was begun with other things.
    """
    givens = Givens.of(ready.settings, pictures) if ready.givens is None else ready.givens
    givens.write(run)
    facts = run.begin(facts_of(plan, ready, pictures, givens.digest))
    if plan.from_scratch:
        save_encoder(ready.tail, run.drawn)
    return facts


def facts_of(plan: TrainPlan, ready: Prepared, pictures: Labelled, of: str) -> TuneFacts:
    """Return what a run records of how it begins.

    Args:
        plan: what is wanted.
        ready: what was settled before.
        pictures: that are learnt from and held out.
        of: text that is equal only for trainings that can go on from each other's checkpoints.
    """
    counts = [
        Counter(pictures.labels[side].tolist()) for side in (pictures.shown, pictures.held_out)
    ]
    classes = {name: (counts[0][at], counts[1][at]) for at, name in enumerate(pictures.classes)}
    by_root = Counter(record.root for record in pictures.records)
    return TuneFacts(
        name=plan.name,
        command=plan.command,
        begun=now(),
        of=of,
        method=plan.kind,
        settings=plan.settings,
        encoder=plan.encoder,
        weights=ready.begin.weights,
        cut=ready.begin.cut,
        unfreeze=ready.begin.unfreeze,
        fresh=ready.tail.fresh,
        recipe=plan.how,
        variants=variants_of(plan, ready.begin),
        seed=plan.seed,
        precision=ready.precision,
        machine=this_machine(),
        classes=classes,
        data=Data(
            sources=tuple(Source(root, 1, by_root[at]) for at, root in enumerate(pictures.roots)),
            shown=len(pictures.shown),
            held_out=len(pictures.held_out),
            left_out=pictures.rejections,
        ),
        unused=pictures.left_out,
        test=int(pictures.is_test.sum()),
    )
