"""Features stored as float16: rounded once, read exactly, and never out of its range."""

import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from indexer.distances import FeatureStore, measure, nearest
from indexer.errors import DamagedIndex
from indexer.features.halves import LEAST, LOSS, MOST, halved, losses, widened
from indexer.features.writing import FeatureWriter, open_features
from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import Effort, IndexOptions
from tests.indexer.clouds import build, clusters, every_family, every_metric

ALL = np.arange(2**16, dtype=np.uint16).view(np.float16)
KEPT = ALL[np.isfinite(ALL) & ((np.abs(ALL) >= LEAST) | (ALL == 0))]

ROWS = arrays.arrays(np.float32, (4, 6), elements=st.floats(-65000, 65000, width=32))

READ_BY_A_KERNEL = """
import numpy as np, numba
from indexer.indexes.kernels.halves import value_of

@numba.njit
def read(bits, out):
    for i in range(len(bits)):
        out[i] = value_of(bits[i])

every = np.arange(2**16, dtype=np.uint16).view(np.float16)
kept = every[np.isfinite(every) & ((np.abs(every) >= np.float16(2**-14)) | (every == 0))]
for stored in (kept.view(np.uint16), kept.astype(np.float32)):
    out = np.empty(len(kept))
    read(stored, out)
    assert np.array_equal(out, kept.astype(np.float64))
    assert [value_of(each) for each in stored] == out.tolist()
"""


def test_every_number_that_is_kept_is_read_exactly():
    wide = widened(KEPT)
    assert wide.dtype == np.float32
    assert np.array_equal(wide, KEPT.astype(np.float32))
    room = np.empty((2, len(KEPT) // 2), np.float32)
    assert widened(KEPT.reshape(room.shape), room) is room
    assert np.array_equal(room.ravel(), KEPT.astype(np.float32))


@pytest.mark.parametrize("processor", ["", "generic"])
def test_kernels_read_them_exactly_on_any_processor(processor):
    environment = os.environ | ({"NUMBA_CPU_NAME": processor} if processor else {})
    command = [sys.executable, "-c", READ_BY_A_KERNEL]
    assert subprocess.run(command, env=environment, check=False).returncode == 0


@given(rows=ROWS)
def test_numbers_are_rounded_to_the_nearest_and_the_least_of_them_to_zero(rows):
    halves = halved(rows)
    numbers = KEPT.astype(np.float64)
    for exact, half in zip(rows.ravel(), halves.ravel(), strict=True):
        error = abs(float(half) - float(exact))
        if abs(exact) < LEAST:
            assert half == 0 or abs(half) == LEAST
            assert error <= abs(exact)
        else:
            assert error == np.abs(numbers - float(exact)).min()


@given(rows=ROWS)
def test_rounding_numbers_within_the_range_loses_little(rows):
    within = np.where(np.abs(rows) < 1, np.float32(1.2345), rows)
    lost = losses(within, halved(within))
    parts = np.linalg.norm(within.astype(float) - halved(within), axis=1)
    assert np.allclose(lost, parts / np.linalg.norm(within.astype(float), axis=1))
    assert (lost <= LOSS / 2).all()


def test_what_float16_cannot_hold_is_told():
    rows = np.array([[1, 2], [1, 2 * MOST], [1e-6, 1e-5], [1e-6, 1]], np.float32)
    assert (losses(rows, halved(rows)) <= LOSS).tolist() == [True, False, False, True]


@every_family
@every_metric
def test_an_index_answers_as_one_of_the_rounded_features_in_float32(family, metric):
    halves = halved(clusters(1500))
    stores = FeatureStore.of(halves), FeatureStore.of(halves.astype(np.float32))
    options = IndexOptions(family=family, metric=metric)
    half, single = (LshIndex.build(store, options) for store in stores)
    allowed = np.arange(1500) % 3 == 0
    for query in clusters(1500)[:30] + np.float32(0.3):
        for asked in ({}, {"exact": True}, {"effort": Effort(4, 0)}, {"allowed": allowed}):
            one, other = (index.search(query, 12, metric, **asked) for index in (half, single))
            assert one.ids.tolist() == other.ids.tolist()
            assert one.distances == pytest.approx(other.distances, rel=4e-6, abs=1e-12)
            assert one.visited == other.visited
            expected = measure(stores[1], query, metric, one.ids)
            assert one.distances == pytest.approx(expected, rel=4e-6, abs=1e-12)


@every_metric
def test_many_queries_are_answered_as_each_alone(metric):
    index = build(halved(clusters(1500)), metric=metric)
    queries = clusters(1500)[:40]
    answers = index.search_many(queries, 8, metric)
    for row, query in enumerate(queries):
        assert answers.ids[row].tolist() == index.search(query, 8, metric).ids.tolist()


@every_metric
def test_a_stored_feature_finds_itself_and_its_copies_in_order(metric):
    halves = halved(np.repeat(clusters(100), 5, axis=0))
    index = build(halves, metric=metric)
    for number in (0, 251, 499):
        answer = index.search(index.store.row(number), 5, metric)
        first = number // 5 * 5
        assert answer.ids.tolist() == list(range(first, first + 5))
        assert (answer.distances == 0).all()


@every_metric
def test_distances_are_those_of_the_stored_features(metric):
    halves = halved(clusters(300))
    query = clusters(1, seed=5)[0]
    ids, distances = nearest(FeatureStore.of(halves), query, 300, metric)
    rows, target = halves.astype(np.float64)[ids], query.astype(np.float64)
    if metric == "euclidean":
        expected = np.linalg.norm(rows - target, axis=1)
    else:
        expected = 1 - rows @ target / np.linalg.norm(rows, axis=1) / np.linalg.norm(target)
    assert distances == pytest.approx(expected, rel=3e-6)


@pytest.mark.parametrize("step", [1, 5])
def test_a_scan_widens_a_little_at_a_time(step):
    features = np.random.default_rng(0).normal(size=(20_000, 512)).astype(np.float32)
    store = FeatureStore.of(halved(features))
    ids = np.arange(0, 20_000, step)
    tracemalloc.start()
    try:
        found, _ = nearest(store, store.row(10), 10, "cosine", ids)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found[0] == 10
    assert peak < store.features.nbytes / 4


def test_a_file_of_float16_is_written_in_parts_and_opened_as_such(tmp_path):
    halves = halved(clusters(9, 7))
    with FeatureWriter(tmp_path / "f.npy", 7, "float16") as writer:
        for part in np.split(halves, [2, 3]):
            writer.append(part)
        with pytest.raises(ValueError, match="float16"):
            writer.append(clusters(1, 7))
    assert np.array_equal(open_features(tmp_path / "f.npy", 9, 7, "float16"), halves)
    with pytest.raises(DamagedIndex, match="<f2 instead of <f4"):
        open_features(tmp_path / "f.npy", 9, 7)
