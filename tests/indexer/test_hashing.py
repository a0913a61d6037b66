"""Hash functions give the keys that their definitions say."""

from itertools import product

import numpy as np
import pytest

from indexer.indexes.hashing import Hashing
from indexer.indexes.parameters import LshParameters


def parameters(**changes):
    values = {
        "family": "p-stable", "g": 2, "h": 3, "w": 1.7, "seed": 5, "hash_space": "raw",
        "components": 0, "unit": False, "probes": 2, "keep": 0,
    }  # fmt: skip
    return LshParameters(**values | changes)


def test_stable_keys_are_those_of_the_definition():
    hashing = Hashing.draw(parameters(), 6)
    points = np.random.default_rng(1).normal(size=(30, 6))
    for table, row in product(range(2), range(30)):
        key = 0
        for part in range(3):
            position = points[row] @ hashing.projections[table, part] + hashing.offsets[table, part]
            key += int(hashing.factors[table, part]) * int(np.floor(position))
        assert int(hashing.keys(points)[table, row]) == key % 2**64
    assert ((hashing.offsets >= 0) & (hashing.offsets < 1)).all()


def test_projections_are_standard_normal_in_units_of_the_width():
    hashing = Hashing.draw(parameters(g=20, h=20, w=4.0), 50)
    assert (hashing.projections * 4).mean() == pytest.approx(0, abs=0.02)
    assert (hashing.projections * 4).std() == pytest.approx(1, abs=0.02)


def test_a_cross_polytope_names_the_nearest_vertex():
    hashing = Hashing.draw(parameters(family="cross-polytope", w=None, g=1, h=1, components=5), 5)
    rotation = hashing.rotations[0, 0].astype(float)
    assert rotation @ rotation.T == pytest.approx(np.eye(5), abs=1e-6)
    points = np.random.default_rng(1).normal(size=(40, 5))
    vertices = np.concatenate([np.eye(5), -np.eye(5)])
    nearest = ((points @ rotation) @ vertices.T).argmax(axis=1)
    assert hashing.keys(points)[0].tolist() == nearest.tolist()


def test_the_key_of_several_cross_polytopes_counts_all_their_vertices():
    chosen = parameters(family="cross-polytope", w=None, g=2, h=3, components=5)
    hashing = Hashing.draw(chosen, 5)
    points = np.random.default_rng(1).normal(size=(40, 5))
    vertices = np.concatenate([np.eye(5), -np.eye(5)])
    for table in range(2):
        parts = [(points @ turn @ vertices.T).argmax(axis=1) for turn in hashing.rotations[table]]
        expected = parts[0] + 10 * parts[1] + 100 * parts[2]
        assert hashing.keys(points)[table].tolist() == expected.tolist()
    assert chosen.dense_keys == 1000
