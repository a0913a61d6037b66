"""Where the strong matches of an answer end."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indexer.distances import FeatureStore
from indexer.indexes.base import scan_all
from indexer.pairs import METRICS
from indexer.serving.gaps import LEAST, STRONG, TIMES, line_after
from indexer.serving.strength import LEAST_IMAGES, Strength
from tests.indexer.clouds import clusters

FEATURES = np.random.default_rng(0).normal(size=(300, 32)).astype(np.float32)
STRENGTH = Strength(FeatureStore.of(FEATURES))
MEDIAN = STRENGTH.distance(50, "cosine")


def with_copies(copies, base=FEATURES):
    """Return a gallery in which the first image has copies, somewhat changed, at its end."""
    random = np.random.default_rng(copies)
    changes = random.normal(size=(copies, base.shape[1])) * 0.03
    return np.concatenate([base, base[0] * 1.01 + changes]).astype(np.float32)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("copies", [1, 2, 3, 6])
def test_a_line_follows_the_copies_of_a_picture(metric, copies):
    store = FeatureStore.of(with_copies(copies))
    found = scan_all(store, store.row(0), 12, metric)
    assert line_after(found.distances.tolist(), metric, Strength(store)) == copies + 1


@pytest.mark.parametrize("copies", [1, 4, 9])
def test_a_line_follows_equal_pictures_among_however_many(copies):
    store = FeatureStore.of(np.repeat(FEATURES[:10], copies + 1, axis=0))
    strength = Strength(store)
    found = scan_all(store, store.row(0), copies + 8, "cosine")
    expected = copies + 1 if store.count >= LEAST_IMAGES else None
    assert line_after(found.distances.tolist(), "cosine", strength) == expected


@given(
    first=st.floats(0, 1), step=st.floats(0, 1), count=st.integers(3, 60), scale=st.floats(1e-3, 1)
)
def test_an_even_decay_has_no_line(first, step, count, scale):
    distances = scale * (first + step * np.arange(count))
    assert line_after(distances.tolist(), "cosine", STRENGTH) is None


@given(distances=st.lists(st.floats(0, 2), max_size=30).map(sorted))
def test_a_line_stands_in_the_widest_gap_or_nowhere(distances):
    at = line_after(distances, "cosine", STRENGTH)
    assume(at is not None)
    gaps = np.diff(distances)
    assert gaps[at - 1] == gaps.max() >= LEAST * MEDIAN
    assert distances[at - 1] == 0 or STRENGTH.percentile(distances[at - 1], "cosine") >= STRONG
    rest = np.delete(gaps, at - 1)
    assert not rest.size or gaps[at - 1] >= TIMES * rest.mean()


def test_among_weak_matches_no_line_is_drawn():
    near, far = STRENGTH.distance(STRONG + 0.9, "cosine"), STRENGTH.distance(90, "cosine")
    gap = LEAST * MEDIAN * 1.5
    small = MEDIAN / 1000
    assert line_after([near, near + gap, near + gap + small], "cosine", STRENGTH) == 1
    assert line_after([far, far + gap, far + gap + small], "cosine", STRENGTH) is None


def test_a_gap_that_is_narrow_for_the_gallery_is_none():
    wide = LEAST * MEDIAN * 1.01
    assert line_after([0, 0, wide, wide], "cosine", STRENGTH) == 2
    assert line_after([0, 0, wide * 0.9, wide * 0.9], "cosine", STRENGTH) is None


@pytest.mark.parametrize("distances", [[], [0.0], [0.0, 0.0], [0.5] * 9])
def test_without_a_gap_there_is_no_line(distances):
    assert line_after(distances, "cosine", STRENGTH) is None


def test_two_hits_may_be_parted():
    assert line_after([0, MEDIAN], "cosine", STRENGTH) == 1


def test_a_gallery_too_small_to_compare_with_has_no_line():
    strength = Strength(FeatureStore.of(clusters(LEAST_IMAGES - 1)))
    assert line_after([0, 0, 1, 1], "cosine", strength) is None
