"""The benchmark of lines and folds counts what it says."""

import numpy as np
import pytest

from benchmarks.answers import folded, lines, pairs_alike


def apart(count=60, dim=64):
    """Return features that are nearly at right angles to each other."""
    return np.random.default_rng(0).normal(size=(count, dim)).astype(np.float32)


def test_a_line_parts_copies_from_what_is_none():
    gallery = np.concatenate([apart(), apart()[:10] * 2, apart()[:10] * 3])
    groups = np.concatenate([np.arange(60), np.arange(10), np.arange(10)])
    found = lines(gallery, groups, np.arange(20), 8)
    assert (found.drawn, found.before, found.after, found.whole) == (0.5, 1, 0, 1)
    found = lines(gallery, np.arange(80), np.arange(10), 8)
    assert (found.drawn, found.before, found.after, found.whole) == (1, 0, 0, 0)


def test_without_lines_there_is_nothing_to_tell_of_them():
    found = lines(np.eye(60, dtype=np.float32), np.arange(60), np.arange(60), 8)
    assert found.drawn == 0
    assert np.isnan([found.before, found.after, found.whole]).all()


def test_copies_and_pairs_are_counted():
    gallery = apart()
    gallery[[7, 8]] = gallery[3]
    assert pairs_alike(gallery) == 3
    copies = np.stack([gallery[10:20] * 2, gallery[20:30]])
    assert folded(gallery, copies, np.arange(10, 20)) == pytest.approx([1, 0])
