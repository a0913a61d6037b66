"""What a fine-tuning begins with: its weights, its cut, and what it is compared with."""

from dataclasses import dataclass, replace
from pathlib import Path

from indexer.experiments.finetuning.plan import TrainPlan
from indexer.experiments.runs.encoders import is_of_run
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.refusals import RunError
from models.training.splitting import Tail, cut_of
from models.training.tails import covered_layer, unfrozen
from models.types import EncoderSpec
from models.weights import WeightFile, resolve


@dataclass(frozen=True)
class Beginning:
    """What a network begins with: weights, or none; its cut; and its first trained layer.

    Attributes:
        weights: or None for none.
        cut: the layer whose maps are learnt from, or "" where nothing is frozen.
        unfreeze: the first layer that is trained, "none" where none is, or "" for all.
    """

    weights: WeightFile | None
    cut: str
    unfreeze: str


def beginning_of(plan: TrainPlan) -> Beginning:
    """Find the weights, and where the network is cut.

    Raises:
        WeightsMissing: there are none.
        NetworkError: the network cannot be cut there.
        RunError: variants are wanted of pictures that the network varies itself.
    """
    spec = plan.encoder
    unfreeze = plan.unfreeze or unfrozen(spec.network, trained=not plan.from_scratch)
    if plan.variants and not unfreeze:
        raise RunError(
            f"Nothing of {spec.network} is frozen here: it varies each picture anew as it learns, "
            f"and keeps no variants. Leave out --variants {plan.variants}."
        )
    weights = None if plan.from_scratch else resolve(spec)
    cut = cut_of(spec.network, unfreeze, spec.layer, spec.pooling) if unfreeze else ""
    return Beginning(weights, cut, unfreeze)


def require_lesson(plan: TrainPlan, tail: Tail) -> None:
    """Refuse a training that leaves the feature as it is.

    Raises:
        RunError: nothing of the network is trained, and the method lays nothing over it that is
            kept.
    """
    lays_over = {"classifier": bool(plan.how.dense), "hash": True}
    if tail.model.trainable_weights or lays_over.get(plan.kind, bool(plan.wanted.width)):
        return
    own = "a recipe with dense layers" if plan.kind == "classifier" else "--width N"
    raise RunError(
        f"No layer of {plan.encoder.network} with weights is trained, and {plan.kind} lays none "
        f"over it: the feature would stay as it is. Received: --unfreeze {plan.unfreeze}. Unfreeze "
        f"from an earlier layer, or ask for {own}."
    )


def compared_with(plan: TrainPlan, begin: Beginning, run: RunFolder) -> tuple[EncoderSpec, str]:
    """Return what the trained features are compared with, and what that is in words.

    Raises:
        WeightsMismatch: the weights describe nothing.
    """
    spec = plan.encoder
    if begin.weights is None:
        return replace(spec, weights=str(run.drawn)), f"{spec.network} as it was drawn"
    layer = covered_layer(spec, begin.weights) or None
    file = _called(begin.weights.path)
    if layer == spec.layer:
        return spec, f"{spec.network} with {file}"
    words = f"{spec.network} {layer}, the last layer that {file} reaches"
    return replace(spec, layer=layer), words


def variants_of(plan: TrainPlan, begin: Beginning) -> int:
    """Return how many variants of each picture are kept beside itself."""
    return plan.varied if begin.cut else 0


def _called(file: Path) -> str:
    """Return what people call a weight file: its name, or the run that has left it."""
    return f"the weights of {is_of_run(file)}" if is_of_run(file) else file.name
