"""Tables of buckets hold the images of each key, and damage to them is named."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import DamagedIndex
from indexer.indexes.buckets import Buckets


@settings(max_examples=60)
@given(keys=st.lists(st.integers(0, 5), min_size=1, max_size=60))
def test_every_bucket_holds_the_images_of_its_key(keys):
    table = np.array(keys, np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    buckets = Buckets.build(np.stack([table, table[::-1]]))
    buckets.check()
    for number, rows in enumerate((table, table[::-1])):
        first, last = buckets.firsts[number], buckets.firsts[number + 1]
        assert buckets.keys[first:last].tolist() == sorted(set(rows.tolist()))
        for at in range(first, last):
            found = buckets.ids.reshape(-1)[buckets.starts[at] : buckets.starts[at + 1]]
            assert found.tolist() == np.flatnonzero(rows == buckets.keys[at]).tolist()


@settings(max_examples=60)
@given(keys=st.lists(st.integers(0, 5), min_size=1, max_size=60))
def test_every_dense_bucket_holds_the_images_of_its_key(keys):
    table = np.array(keys, np.uint64)
    buckets = Buckets.build(np.stack([table, table[::-1]]), 6)
    buckets.check()
    for number, rows in enumerate((table, table[::-1])):
        for key in range(6):
            first, last = buckets.directory[number, key : key + 2]
            found = buckets.ids[number, first:last]
            assert found.tolist() == np.flatnonzero(rows == key).tolist()


@pytest.mark.parametrize("part", ["keys", "firsts", "starts", "ids", "directory"])
def test_tables_out_of_order_are_named(part):
    table = np.array([3, 2**63, 2**63, 9, 2**62], np.uint64)
    buckets = Buckets.build(np.stack([table, table]))
    array = getattr(buckets, part)
    if part in ("ids", "directory"):
        array[0, 0] = array[0, -1]
    else:
        array[0], array[1] = array[1].copy(), array[0].copy()
    with pytest.raises(DamagedIndex, match=part):
        buckets.check()


@pytest.mark.parametrize("part", ["ids", "directory"])
def test_dense_tables_out_of_order_are_named(part):
    buckets = Buckets.build(np.array([[3, 1, 1, 0]], np.uint64), 5)
    array = getattr(buckets, part)
    array[0, 0] = array[0, -1]
    with pytest.raises(DamagedIndex, match=part):
        buckets.check()


@pytest.mark.parametrize("wider", [-1, 1])
def test_a_dense_directory_of_another_width_is_named(tmp_path, wider):
    table = np.array([[3, 1, 1, 0]], np.uint64)
    Buckets.build(table, 5 + wider).save(tmp_path)
    assert Buckets.load(tmp_path, 1, 4, 5 + wider).directory.shape == (1, 6 + wider)
    with pytest.raises(DamagedIndex, match="directory"):
        Buckets.load(tmp_path, 1, 4, 5)
