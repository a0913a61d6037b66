"""What a fine-tuning begins with, and the facts of it that its run records."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

from indexer.experiments.facts import Data, Source
from indexer.experiments.labelled import Labelled
from indexer.experiments.runs import RunFolder
from indexer.experiments.stages import now
from indexer.experiments.trainplans import TrainPlan
from indexer.experiments.tuned import TuneFacts
from models.training.machine import this_machine
from models.training.splitting import Tail, cut_of
from models.training.tails import covered_layer, unfrozen
from models.types import EncoderSpec
from models.weights import WeightFile, resolve


@dataclass(frozen=True)
class Beginning:
    """What a network begins with: weights, or none; its cut; and its first trained layer."""

    weights: WeightFile | None
    cut: str
    unfreeze: str


def beginning_of(plan: TrainPlan) -> Beginning:
    """Find the weights, and where the network is cut."""
    spec = plan.encoder
    unfreeze = unfrozen(spec.network, trained=not plan.from_scratch)
    weights = None if plan.from_scratch else resolve(spec)
    cut = cut_of(spec.network, unfreeze, spec.layer, spec.pooling) if unfreeze else ""
    return Beginning(weights, cut, unfreeze)


def compared_with(plan: TrainPlan, begin: Beginning, run: RunFolder) -> tuple[EncoderSpec, str]:
    """Return what the trained features are compared with, and what that is in words."""
    spec = plan.encoder
    if begin.weights is None:
        return replace(spec, weights=str(run.drawn)), f"{spec.network} as it was drawn"
    layer = covered_layer(spec, begin.weights) or None
    file = begin.weights.path.name
    if layer == spec.layer:
        return spec, f"{spec.network} with {file}"
    words = f"{spec.network} {layer}, the last layer that {file} reaches"
    return replace(spec, layer=layer), words


def facts_of(
    plan: TrainPlan, begin: Beginning, tail: Tail, pictures: Labelled, precision: str
) -> TuneFacts:
    """Return what a run records of how it begins.

    Args:
        plan: what is wanted.
        begin: what the network begins with.
        tail: the part of it that is trained.
        pictures: that are learnt from and held out.
        precision: that it computes in.
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
        of=_digest(plan, begin, pictures, precision),
        method=plan.kind,
        settings=plan.settings,
        encoder=plan.encoder,
        weights=begin.weights,
        cut=begin.cut,
        unfreeze=begin.unfreeze,
        fresh=tail.fresh,
        recipe=plan.how,
        variants=plan.variants if plan.how.augmented and begin.cut else 0,
        seed=plan.seed,
        precision=precision,
        machine=this_machine(),
        classes=classes,
        data=Data(
            sources=tuple(Source(root, 1, by_root[at]) for at, root in enumerate(pictures.roots)),
            shown=len(pictures.shown),
            held_out=len(pictures.held_out),
            left_out=pictures.rejections,
        ),
        unused=pictures.left_out,
    )


def _digest(plan: TrainPlan, begin: Beginning, pictures: Labelled, precision: str) -> str:
    """Return what is equal only for trainings of the same pictures with the same settings."""
    spec = plan.encoder
    seen = (spec.pooling, spec.size, *((spec.crop,) if spec.crop else ()))
    network = (spec.network, begin.weights and begin.weights.sha256, *seen)
    how = (plan.kind, plan.settings, asdict(plan.how), plan.variants, plan.seed, precision)
    contents = [
        (record.sha256, label, held)
        for record, label, held in zip(
            pictures.records, pictures.labels.tolist(), pictures.is_held_out.tolist(), strict=True
        )
    ]
    told = (network, begin.unfreeze, plan.init_missing, how, pictures.classes, contents)
    return sha256(json.dumps(told).encode("utf-8", "surrogateescape")).hexdigest()
