"""What a fine-tuning left, read and compared."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from models.training.checkpoints import Epoch, read_curve


def arrays(file: Path) -> dict[str, np.ndarray]:
    with np.load(file) as stored:
        return {name: stored[name] for name in stored if name != "told"}


def untimed(curve: tuple[Epoch, ...]) -> list[Epoch]:
    return [replace(epoch, seconds=0.0) for epoch in curve]


def assert_same(one: Path, other: Path) -> None:
    """Check that two trainings ended alike, to the last bit of weights and optimizer."""
    for name in ("checkpoint.npz", "best.npz"):
        ours, theirs = arrays(one / name), arrays(other / name)
        assert set(ours) == set(theirs)
        assert ours
        for part in ours:
            assert ours[part].tobytes() == theirs[part].tobytes()
    curves = [untimed(read_curve(folder / "checkpoint.npz")) for folder in (one, other)]
    assert curves[0] == curves[1]
