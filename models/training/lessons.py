"""How a student is taught: the few numbers that a training depends on, and what they imply."""

from dataclasses import dataclass
from typing import Any

from models.engines.keras import import_keras


@dataclass(frozen=True)
class Lesson:
    """How a student is taught.

    Attributes:
        epochs: how often each picture is shown, as two crops each time.
        size: side of the last epochs' crops, in pixels; the first ones are smaller.
        zoom: how many times larger the teacher sees the same crop: a network that was trained on
            large pictures describes small ones badly.
        places: weight of what the teacher sees at each place, beside its pooled feature.
        contrast: weight of telling pictures apart, beside describing them as the teacher does.
        batch_size: crops that are learnt from together, two of each picture.
        rate: the highest learning rate.
        decay: the weight decay of AdamW.
        seed: of all chance.
    """

    epochs: int = 13
    size: int = 160
    zoom: float = 1.4
    places: float = 0.5
    contrast: float = 0.15
    batch_size: int = 64
    rate: float = 1.5e-3
    decay: float = 0.05
    seed: int = 1


def crop_sizes(lesson: Lesson, epoch: int) -> tuple[int, int]:
    """Return the sides in pixels of what student and teacher see of a crop in an epoch from 0."""
    size = crop_size(lesson, epoch)
    return size, max(32, round(size * lesson.zoom / 32) * 32)


def crop_size(lesson: Lesson, epoch: int) -> int:
    """Let the crops grow from 6/10 of their last size, in steps of 16 pixels.

    Small crops teach quickly, and the last fifth of the epochs is all of the full size.
    Source: Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021, section 4.
    """
    progress = epoch / max(1, lesson.epochs - 1)
    share = min(1.0, 0.6 + 0.4 * progress / 0.8)
    return max(32, round(lesson.size * share / 16) * 16)


def optimizer(lesson: Lesson, steps: int) -> Any:
    """Return AdamW whose rate rises at first, then falls along a cosine.

    Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019.
    """
    schedule = annealed(lesson.rate, steps)
    adamw = import_keras().optimizers.AdamW(schedule, weight_decay=lesson.decay)
    adamw.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return adamw


def annealed(rate: float, steps: int) -> Any:
    """Return a learning rate that rises for a twentieth of the steps, then falls along a cosine.

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017,
    here without a restart.
    """
    warmup = max(1, steps // 20)
    return import_keras().optimizers.schedules.CosineDecay(
        rate / 100, max(1, steps - warmup), warmup_target=rate, warmup_steps=warmup
    )
