"""The percentile of a match among a gallery's own distances."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.distances import FeatureStore
from indexer.live import sync
from indexer.opening import open_current
from indexer.pairs import METRICS, distance_quantiles
from indexer.search import SearchService
from indexer.serving.strength import LEAST_IMAGES, Strength
from tests.indexer.clouds import clusters
from tests.indexer.fixtures import draw
from tests.indexer.test_pairs import brute_force

every_metric = pytest.mark.parametrize("metric", METRICS)
FEATURES = clusters(200) - 2
STRENGTH = Strength(FeatureStore.of(FEATURES))
EVERY = {metric: brute_force(FEATURES, metric) for metric in METRICS}


@every_metric
@given(part=st.floats(0, 1.2))
def test_a_percentile_is_the_share_of_pairs_that_lie_farther(metric, part):
    every = EVERY[metric]
    distance = float(part * every[-1])
    found = STRENGTH.percentile(distance, metric)
    expected = 100 * np.mean(every > distance)
    assert found == pytest.approx(expected, abs=10 if metric == "hamming" and part % 1 else 0.3)


def test_bits_are_counted_as_they_are():
    for distance in range(int(EVERY["hamming"][-1]) + 2):
        expected = 100 * np.mean(EVERY["hamming"] > distance)
        assert STRENGTH.percentile(distance, "hamming") == pytest.approx(expected, abs=0.3)


@every_metric
def test_percentiles_fall_as_distances_grow(metric):
    distances = np.linspace(0, float(EVERY[metric][-1]) * 1.1, 500)
    found = STRENGTH.percentiles(distances.tolist(), metric)
    assert (np.diff(found) <= 0).all()
    assert (found[0], found[-1]) == (100, 0)


@every_metric
@given(percentile=st.floats(0, 100))
def test_the_distance_of_a_percentile_has_it(metric, percentile):
    distance = STRENGTH.distance(percentile, metric)
    farther = 100 * np.mean(EVERY[metric] > distance)
    assert farther == pytest.approx(percentile, abs=15 if metric == "hamming" else 0.4)


def test_copies_of_each_other_are_as_near_as_pairs_of_copies_are():
    twice = np.repeat(clusters(20), 2, axis=0)
    found = Strength(FeatureStore.of(twice)).percentile(0.0, "cosine")
    assert found == pytest.approx(100 * (1 - 20 / 780), abs=0.3)


def test_few_images_say_nothing():
    few, enough = (Strength(FeatureStore.of(clusters(LEAST_IMAGES - n))) for n in (1, 0))
    assert few.percentile(0.1, "cosine") is None
    assert few.percentiles([0.1, 0.2], "cosine") is None
    assert few.distance(50, "cosine") is None
    assert enough.percentile(0.0, "cosine") == 100


def test_what_the_build_sampled_is_used():
    store = FeatureStore.of(FEATURES)
    doubled = Strength(store, 2 * distance_quantiles(store))
    for part in (0.1, 0.4, 0.9):
        distance = part * float(EVERY["cosine"][-1])
        half = STRENGTH.percentile(distance, "cosine")
        assert doubled.percentile(2 * distance, "cosine") == pytest.approx(half)


class Counting(FeatureStore):
    """Counts how often features are taken."""

    taken = 0

    def take(self, which, *, unit=False):
        type(self).taken += 1
        return super().take(which, unit=unit)


def test_a_sample_that_is_missing_is_taken_once_by_many_threads():
    strength = Strength(Counting.of(FEATURES))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: strength.percentile(n / 100, "cosine"), range(64)))
    assert Counting.taken == 1
    assert found == [STRENGTH.percentile(n / 100, "cosine") for n in range(64)]


def test_a_build_and_the_first_need_take_the_same_sample(built):
    generation = open_current(built, "shapes")
    assert np.array_equal(generation.distances, distance_quantiles(generation.store))
    now, before = (SearchService(replace(generation, distances=d)).strength
                   for d in (generation.distances, None))  # fmt: skip
    for metric in METRICS:
        assert now.percentile(0.3, metric) == before.percentile(0.3, metric)


def test_hits_of_a_search_are_ranked_by_strength(built):
    service = SearchService(open_current(built, "shapes"))
    for metric in METRICS[:2]:
        hits = service.search_id(3, 24, metric).hits
        found = service.strength.percentiles([hit.distance for hit in hits], metric)
        assert found[0] == 100
        assert list(found) == sorted(found, reverse=True)


def test_a_sync_samples_the_gallery_as_it_is_then(followed, gallery):
    before = open_current(followed, "shapes").distances
    draw("lines", 50).save(gallery / "lines" / "new.png")
    sync("shapes", followed)
    generation = open_current(followed, "shapes")
    assert generation.store.count == 25
    assert np.array_equal(generation.distances, distance_quantiles(generation.store))
    assert not np.array_equal(generation.distances, before)
