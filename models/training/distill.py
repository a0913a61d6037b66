"""Teach the bundled network to describe pictures as a larger, trained network does.

    python -m models.training.distill SOURCE... --weights FILE --output FILE

No label is used. Teacher and student see the same crop (Beyer et al., "Knowledge distillation: a
good teacher is patient and consistent", 2022, after Hinton et al., "Distilling the Knowledge in a
Neural Network", 2015). What the student learns is the direction of the teacher's features from
their centre, through a linear head that is dropped afterwards.
"""

import argparse
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL.Image import Image

from models.engines.base import Float32
from models.engines.keras import import_keras
from models.pocket import build_pocket
from models.training.data import batches, load_pictures
from models.training.teachers import TEACHERS, Teacher, open_teacher

log = logging.getLogger(__name__)

CENTRED = 512
"""Pictures that the centre of the teacher's features is taken from."""


@dataclass(frozen=True)
class Lesson:
    """How the student is taught.

    Attributes:
        epochs: how often each picture is shown.
        size: side of the last epochs' crops, in pixels; the first ones are smaller.
        batch_size: crops that are learnt from together.
        rate: the highest learning rate.
        decay: the weight decay of AdamW.
        seed: of all chance.
    """

    epochs: int = 13
    size: int = 128
    batch_size: int = 64
    rate: float = 1.5e-3
    decay: float = 0.05
    seed: int = 20261121


def distill(
    pictures: Sequence[Image], teacher: Teacher, lesson: Lesson, output: Path
) -> list[float]:
    """Teach a new student, and write its weights after every epoch.

    Args:
        pictures: Pillow images in RGB, at least as many as a batch holds.
        teacher: who describes the pictures.
        lesson: how to teach.
        output: the .npz to write.

    Returns:
        The mean loss of each epoch.
    """
    import_keras().utils.set_random_seed(lesson.seed)
    generator = np.random.default_rng(lesson.seed)
    student = build_student(teacher.width)
    steps = lesson.epochs * (len(pictures) // lesson.batch_size)
    student.compile(optimizer=_optimizer(lesson, steps), loss=direction_loss, jit_compile=False)
    losses = []
    for epoch in range(lesson.epochs):
        start = time.monotonic()
        size = crop_size(lesson, epoch)
        shown = batches(pictures, size=size, batch_size=lesson.batch_size, generator=generator)
        losses.append(_teach(student, teacher, _centre(pictures, teacher, size, lesson), shown))
        save_student(student, output)
        told = (epoch + 1, lesson.epochs, size, losses[-1], time.monotonic() - start)
        log.info("epoch %d of %d: crops of %d pixels, mean loss %.4f, %.0f s", *told)
    return losses


def build_student(teacher_width: int) -> Any:
    """Build the network that learns.

    Args:
        teacher_width: numbers in a feature of the teacher.

    Returns:
        Keras model from pictures (n, size, size, 3) in [-1, 1] to directions (n, teacher_width).
    """
    keras = import_keras()
    pictures = keras.Input((None, None, 3), name="pictures")
    features = keras.layers.GlobalAveragePooling2D(dtype="float32")(build_pocket(pictures))
    head = keras.layers.Dense(teacher_width, dtype="float32", name="head")
    return keras.Model(pictures, head(features))


def direction_loss(targets: Any, directions: Any) -> Any:
    """Measure how far the student's directions are from the teacher's.

    Args:
        targets: features of the teacher from their centre (n, teacher_width), float32.
        directions: outputs of the student's head (n, teacher_width), float32.

    Returns:
        1 - cosine, a number for each picture (n,).
    """
    from keras import ops

    return 1 - ops.sum(ops.normalize(targets) * ops.normalize(directions), axis=-1)


def crop_size(lesson: Lesson, epoch: int) -> int:
    """Let the crops grow from 7/10 of their last size, in steps of 16 pixels.

    Small crops teach quickly, and the last fifth of the epochs is all of the full size.
    Source: Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021, section 4.
    """
    progress = epoch / max(1, lesson.epochs - 1)
    share = min(1.0, 0.7 + 0.3 * progress / 0.8)
    return max(32, round(lesson.size * share / 16) * 16)


def _optimizer(lesson: Lesson, steps: int) -> Any:
    """Let the rate rise during a twentieth of the steps, then fall to zero along a cosine."""
    keras = import_keras()
    warmup = max(1, steps // 20)
    schedule = keras.optimizers.schedules.CosineDecay(
        lesson.rate / 100,
        max(1, steps - warmup),
        warmup_target=lesson.rate,
        warmup_steps=warmup,
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=lesson.decay)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimizer


def _centre(pictures: Sequence[Image], teacher: Teacher, size: int, lesson: Lesson) -> Float32:
    """Average the teacher's features over a crop of each of some pictures."""
    # Features of small crops lie elsewhere than those of large ones: each size has its centre.
    generator = np.random.default_rng(lesson.seed)
    chosen = [pictures[i] for i in generator.permutation(len(pictures))[:CENTRED]]
    batch_size = min(lesson.batch_size, len(chosen))
    shown = batches(chosen, size=size, batch_size=batch_size, generator=generator)
    features = np.concatenate([teacher.describe(crops) for crops in shown])
    return np.asarray(features.mean(axis=0), np.float32)


def _teach(student: Any, teacher: Teacher, centre: Float32, shown: Iterable[Float32]) -> float:
    """Learn from one epoch's crops, and return their mean loss."""
    losses = []
    for step, crops in enumerate(shown, start=1):
        targets = teacher.describe(crops) - centre
        losses.append(float(student.train_on_batch(crops, targets)))
        if step % 50 == 0:
            log.info("step %d: mean loss so far %.4f", step, np.mean(losses))
    return float(np.mean(losses))


def save_student(student: Any, output: Path) -> None:
    """Write the student's weights without its head, as float16 arrays named `layer/weight`."""
    arrays: dict[str, Any] = {
        f"{layer.name}/{weight.name}": np.asarray(weight, np.float32).astype(np.float16)
        for layer in student.layers
        if layer.name != "head"
        for weight in layer.weights
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and renamed, so that a reader never meets half a file.
    partial = output.with_suffix(".partial.npz")
    np.savez_compressed(partial, **arrays)
    partial.replace(output)


def main(arguments: Sequence[str] | None = None) -> None:
    """Teach from the command line."""
    asked = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    lesson = Lesson(epochs=asked.epochs, size=asked.size, seed=asked.seed)
    # A little larger than the crops, so that a crop of a part is not all blown up.
    pictures = load_pictures(asked.sources, side=lesson.size * 5 // 4)
    log.info("%d pictures", len(pictures))
    teacher = open_teacher(asked.teacher, asked.weights, low_precision=asked.low_precision)
    if asked.low_precision:
        import_keras().mixed_precision.set_global_policy("mixed_bfloat16")
    distill(pictures, teacher, lesson, asked.output)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models.training.distill")
    parser.add_argument("sources", nargs="+", type=Path, metavar="SOURCE", help="folder of images")
    parser.add_argument("--teacher", choices=TEACHERS, default=TEACHERS[0])
    parser.add_argument("--weights", type=Path, required=True, help="the teacher's, .npz or .h5")
    parser.add_argument("--epochs", type=int, default=Lesson.epochs)
    parser.add_argument("--size", type=int, default=Lesson.size, help="of the crops, in pixels")
    parser.add_argument("--seed", type=int, default=Lesson.seed)
    parser.add_argument("--low-precision", action="store_true", help="bfloat16: quicker")
    parser.add_argument("--output", type=Path, required=True, help="the .npz to write")
    return parser


if __name__ == "__main__":
    main()
