"""Where a training is, kept on disk so that it can go on after any interruption."""

import json
import math
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from models.engines.keras import import_keras
from models.errors import TrainingRefused
from models.training.files import write_arrays


@dataclass(frozen=True)
class Epoch:
    """What came of one showing of all pictures: a point of the learning curve.

    Attributes:
        number: from 1.
        size: side of its crops, in pixels; 0 where pictures are shown whole.
        loss: mean over its crops, or pictures.
        held_out: mean loss over whole pictures that are never learnt from, or NaN without any.
        seconds: it took.
        right: share of what was right while learning: of classes, triplets or pairs; None for
            trainings without such.
        held_out_right: share of the held out pictures, as well, or NaN without any.
    """

    number: int
    size: int
    loss: float
    held_out: float
    seconds: float
    right: float | None = None
    held_out_right: float | None = None


@dataclass
class State:
    """Where a training is.

    Attributes:
        epoch: the one that is under way, from 0.
        batch: the next one of that epoch, from 0.
        losses: of the batches of that epoch so far.
        seconds: that epoch took so far.
        curve: the epochs that are done.
    """

    epoch: int = 0
    batch: int = 0
    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0
    curve: list[Epoch] = field(default_factory=list)


def best_of(curve: Sequence[Epoch]) -> Epoch | None:
    """Return the first epoch of the smallest loss, held out where that is known of any."""
    for name in ("held_out", "loss"):
        known = [epoch for epoch in curve if not math.isnan(getattr(epoch, name))]
        if known:
            return min(known, key=lambda epoch: float(getattr(epoch, name)))
    return None


def is_best(curve: Sequence[Epoch]) -> bool:
    """Say whether the last epoch is the best so far, by its number: figures may be NaN."""
    best = best_of(curve)
    return best is not None and best.number == curve[-1].number


def require_room(folder: Path, model: Any) -> None:
    """Refuse to begin a training whose checkpoints the disk could not take.

    Args:
        folder: where they will lie, beside the weights of the best epoch; what of both is there
            already is replaced.
        model: compiled Keras model.

    Raises:
        TrainingRefused: there is no room for both, and for a checkpoint that is being written.
    """
    whole, best = _bytes(_variables(model)), _bytes(model.variables)
    here = sum(file.stat().st_size for file in folder.glob("*.npz"))
    needed, free = 2 * whole + best - here, shutil.disk_usage(folder).free
    if needed > free:
        raise TrainingRefused(
            f"The checkpoints of this training take up to {needed / 1e6:,.0f} MB more at {folder}. "
            f"The disk has {free / 1e6:,.0f} MB left. Make room, or unfreeze from a later layer."
        )


def save(file: Path, model: Any, state: State, of: str) -> None:
    """Write a compiled model's weights, its optimizer's, and where the training is.

    Args:
        file: the .npz to write; it is replaced at one stroke.
        model: compiled Keras model.
        state: where the training is.
        of: what the training is given; only an equal one can go on from here.
    """
    arrays = {str(at): np.asarray(value) for at, value in enumerate(_values(model))}
    told = json.dumps({"of": of, "backend": _backend(), "state": asdict(state)})
    write_arrays(file, arrays | {"told": np.array(told)}, compress=False)  # learning waits


def restore(file: Path, model: Any, of: str) -> State:
    """Put a model and its optimizer back into the state of a checkpoint.

    Args: as for save.

    Returns:
        where the training is.

    Raises:
        TrainingRefused: the checkpoint is damaged, or of a training that was given other things
            or computed by another backend of Keras, whose numbers would be others.
    """
    try:
        with file.open("rb") as content, np.load(content, allow_pickle=False) as stored:
            told = json.loads(str(stored["told"]))
            if told["of"] != of:
                raise _of_another(file)
            if told["backend"] != _backend():
                raise _of_another_backend(file, str(told["backend"]))
            for at, variable in enumerate(_variables(model)):
                variable.assign(stored[str(at)])
        values = told["state"]
        curve = [Epoch(**epoch) for epoch in values.pop("curve")]
        return State(**values, curve=curve)
    except TrainingRefused:
        raise
    except Exception as error:
        # Damaged files make zipfile, NumPy and Keras raise nearly anything.
        raise TrainingRefused(
            f"{file} is damaged: {error}. Begin the training anew, under another name."
        ) from error


def read_curve(checkpoint: Path) -> tuple[Epoch, ...]:
    """Read the epochs that are done from a checkpoint; none where there is no checkpoint yet."""
    if not checkpoint.is_file():
        return ()
    with np.load(checkpoint, allow_pickle=False) as stored:
        told = json.loads(str(stored["told"]))
    return tuple(Epoch(**epoch) for epoch in told["state"]["curve"])


def _variables(model: Any) -> list[Any]:
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]


def _bytes(variables: Sequence[Any]) -> int:
    """Return what variables take on disk."""
    return sum(math.prod(each.shape) * np.dtype(each.dtype).itemsize for each in variables)


def _backend() -> str:
    return str(import_keras().config.backend())


def _values(model: Any) -> list[Any]:
    from keras import ops

    return [ops.convert_to_numpy(variable) for variable in _variables(model)]


def _of_another(file: Path) -> TrainingRefused:
    return TrainingRefused(
        f"{file} belongs to a training of other pictures or with other settings. Repeat the "
        "command it was begun with to go on, or choose another name."
    )


def _of_another_backend(file: Path, backend: str) -> TrainingRefused:
    return TrainingRefused(
        f"{file} was computed by Keras on {backend}. Received: Keras on {_backend()}, which rounds "
        f"otherwise. Set KERAS_BACKEND={backend} to go on, or choose another name."
    )
