"""Feature files: appended to row by row, opened only when whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.arrays import open_array, write_array
from indexer.errors import DamagedIndex
from indexer.features.writing import FeatureWriter, open_features


@settings(max_examples=20)
@given(sizes=st.lists(st.integers(0, 7), max_size=6), dim=st.integers(1, 9))
def test_what_is_appended_is_what_opens(tmp_path_factory, sizes, dim):
    path = tmp_path_factory.mktemp("rows") / "features.npy"
    rows = np.random.default_rng(0).normal(size=(sum(sizes), dim)).astype(np.float32)
    with FeatureWriter(path, dim) as writer:
        for part in np.split(rows, np.cumsum(sizes)):
            writer.append(part)
    assert np.array_equal(open_features(path, len(rows), dim), rows)
    assert np.array_equal(np.load(path), rows)


def test_features_are_mapped_read_only(tmp_path):
    write_array(tmp_path / "f.npy", np.ones((2, 3), np.float32))
    found = open_features(tmp_path / "f.npy")
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0] = 5


def test_rows_of_another_width_are_refused(tmp_path):
    with FeatureWriter(tmp_path / "f.npy", 4) as writer, pytest.raises(ValueError, match="4"):
        writer.append(np.ones((2, 3), np.float32))


@pytest.mark.parametrize(
    ("dtype", "shape"), [("<f8", (4, 3)), ("<f4", (5, 3)), ("<f4", (4, 2)), ("<f4", (12,))]
)
def test_another_type_or_shape_is_refused(tmp_path, dtype, shape):
    write_array(tmp_path / "f.npy", np.ones((4, 3), np.float32))
    with pytest.raises(DamagedIndex, match=r"f\.npy"):
        open_array(tmp_path / "f.npy", dtype, shape)


def test_columns_first_is_refused(tmp_path):
    np.save(tmp_path / "f.npy", np.asfortranarray(np.ones((4, 3), np.float32)))
    with pytest.raises(DamagedIndex, match="columns"):
        open_features(tmp_path / "f.npy")
