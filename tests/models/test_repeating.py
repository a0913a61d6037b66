"""A training computes the same bits again, also where its operations are large."""

from pathlib import Path

import numpy as np
import pytest

from models.training.learner import Learner
from models.training.methods.base import Batch
from models.training.methods.classifier import Classifier
from models.training.recipes import AUTO
from models.training.splitting import tail_of
from models.types import EncoderSpec
from models.weights import resolve
from tests.models.nets import random_network, write_npz

SIZE = 224


@pytest.mark.campaign
def test_last_block_of_a_large_network_learns_the_same_each_time(tmp_path: Path) -> None:
    """Where operations ran beside each other, one step of three gave other weights."""
    file = write_npz(random_network("resnet50v2", size=SIZE), tmp_path / "drawn.npz")
    spec = EncoderSpec("resnet50v2", str(file), size=SIZE)
    generator = np.random.default_rng(0)
    maps = np.maximum(generator.normal(size=(32, 7, 7, 1024)), 0).astype(np.float16)
    batch = Batch(np.arange(32), generator.integers(0, 4, (32, 1)))
    tail = tail_of(spec, "conv5_block1_preact_bn", weights=resolve(spec))
    learner = Learner(tail.model, tail.fresh, Classifier(4), AUTO, 10, 1)
    learner.learn(maps, batch)
    begun = learner.model.get_weights()
    rates = [np.asarray(variable) for variable in learner.model.optimizer.variables]
    ends = set()
    for _ in range(6):
        learner.model.set_weights(begun)
        for variable, value in zip(learner.model.optimizer.variables, rates, strict=True):
            variable.assign(value)
        learner.learn(maps, batch)
        ends.add(b"".join(weight.tobytes() for weight in learner.model.get_weights()))
    assert len(ends) == 1
