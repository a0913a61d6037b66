"""Rankings of many queries at once: those of a loop over all pairs, ties by id."""

import numpy as np
import pytest

from indexer.distances import FeatureStore, measure
from indexer.evaluation import ranking
from indexer.evaluation.ranking import cosines, distances, nearest_first, rank


@pytest.fixture(params=[1, 7, 1000], ids="cells {}".format)
def blocks(request, monkeypatch):
    """Hold from one query to all at once."""
    monkeypatch.setattr(ranking, "BLOCK_CELLS", 41 * request.param)
    monkeypatch.setattr(ranking, "PASS_QUERIES", 1)


def vectors(count, dim=24, seed=0):
    return np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32) * 5


def cosine(first, second):
    first, second = first.astype(np.float64), second.astype(np.float64)
    return first @ second / (np.linalg.norm(first) * np.linalg.norm(second))


def brute_force(gallery, query, leave_out=None):
    ids = [at for at in range(len(gallery)) if at != leave_out]
    return sorted(ids, key=lambda at: (-round(cosine(gallery[at], query), 9), at))


def ranked(gallery, queries=None):
    return np.concatenate([ids for _, ids in rank(gallery, queries)])


@pytest.mark.usefixtures("blocks")
def test_ranking_equals_a_loop_over_all_pairs():
    gallery, queries = vectors(41), vectors(13, seed=1)
    expected = [brute_force(gallery, query) for query in queries]
    assert ranked(gallery, queries).tolist() == expected


@pytest.mark.usefixtures("blocks")
def test_each_query_of_the_gallery_leaves_itself_out():
    gallery = vectors(41)
    expected = [brute_force(gallery, gallery[at], leave_out=at) for at in range(41)]
    assert ranked(gallery).tolist() == expected


@pytest.mark.usefixtures("blocks")
def test_blocks_cover_the_queries_in_order():
    gallery, queries = vectors(41), vectors(13, seed=1)
    covered = [at for rows, _ in rank(gallery, queries) for at in range(13)[rows]]
    assert covered == list(range(13))


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("dim", [3, 24, 515])
def test_equal_features_are_ranked_by_id(dim):
    few = vectors(5, dim)
    places = np.random.default_rng(2).integers(0, 5, 41)
    gallery, queries = few[places], vectors(9, dim, seed=1)
    expected = [brute_force(gallery, query) for query in queries]
    assert ranked(gallery, queries).tolist() == expected


def test_a_twin_of_the_query_is_kept_where_the_query_is_left_out():
    gallery = vectors(12)
    gallery[9] = gallery[4]
    found = ranked(gallery)
    assert found[4, 0] == 9
    assert found[9, 0] == 4


def test_length_does_not_matter():
    gallery, queries = vectors(30), vectors(4, seed=1)
    longer = gallery * np.linspace(0.5, 40, 30, dtype=np.float32)[:, None]
    assert ranked(longer, queries).tolist() == ranked(gallery, queries).tolist()


def test_features_of_zeros_have_the_cosine_zero():
    gallery = np.array([[0, 0], [1, 0], [-1, 0]], np.float32)
    assert ranked(gallery, np.array([[2, 0]], np.float32)).tolist() == [[1, 0, 2]]
    assert ranked(gallery, np.zeros((1, 2), np.float32)).tolist() == [[0, 1, 2]]


def test_cosines_are_those_of_the_definition():
    gallery, queries = vectors(20), vectors(6, seed=1)
    found = np.concatenate([block for _, block in cosines(gallery, queries)])
    expected = [[cosine(image, query) for image in gallery] for query in queries]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_single_image_has_an_empty_ranking_of_its_own():
    assert ranked(vectors(1)).shape == (1, 0)


def test_features_are_left_as_they_are():
    gallery = vectors(10)
    before = gallery.copy()
    gallery.flags.writeable = False
    ranked(gallery)
    assert np.array_equal(gallery, before)


def test_features_of_two_widths_are_refused():
    with pytest.raises(ValueError, match="Received: 24 and 23"):
        ranked(vectors(5), vectors(5, 23))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_features_that_are_not_finite_are_refused(value):
    gallery = vectors(5)
    gallery[2, 3] = value
    with pytest.raises(ValueError, match="must be finite"):
        ranked(gallery)


def measured(store, queries, metric, columns=None):
    return np.concatenate([found for _, found in distances(store, queries, metric, columns)])


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("stored", [np.float32, np.float16])
@pytest.mark.parametrize("metric", ["cosine", "euclidean", "hamming"])
def test_distances_of_a_store_equal_those_of_exact_arithmetic(metric, stored, tmp_path):
    np.save(tmp_path / "features.npy", vectors(41).astype(stored))
    store = FeatureStore.of(np.load(tmp_path / "features.npy", mmap_mode="r"))
    queries = vectors(13, seed=1)
    expected = [measure(store, query, metric, np.arange(41)) for query in queries]
    found = measured(store, queries, metric)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "hamming"])
def test_a_gallery_of_several_blocks_is_measured_whole(metric):
    few = vectors(7000, 5)
    store = FeatureStore.of(np.concatenate([few, few[::-1]]))  # equal ones lie blocks apart
    queries = vectors(3, 5, seed=1)
    found = measured(store, queries, metric)
    expected = [measure(store, query, metric, np.arange(14000)) for query in queries]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    assert np.array_equal(found[:, :7000], found[:, :6999:-1])


def test_columns_are_the_rows_that_are_asked_for():
    features = vectors(20)
    features[4] = features[15]
    store, queries = FeatureStore.of(features), vectors(6, seed=1)
    columns = np.array([15, 3, 4, 19])
    found = measured(store, queries, "cosine", columns)
    assert np.array_equal(found, measured(store, queries, "cosine")[:, columns])
    assert np.array_equal(found[:, 0], found[:, 2])


def test_zeros_are_as_far_from_all():
    store = FeatureStore.of(np.array([[0, 0], [3, 4]], np.float32))
    queries = np.array([[0, 0], [3, 4]], np.float32)
    assert measured(store, queries, "cosine").tolist() == [[1, 1], [1, 0]]
    assert measured(store, queries, "euclidean").tolist() == [[0, 5], [5, 0]]


def test_the_nearest_come_first_and_ties_by_place():
    random = np.random.default_rng(0)
    found = random.integers(-20, 20, (7, 100)).astype(np.float32) / 8
    found[2, 5], found[:, 3] = -0.0, np.inf
    expected = np.argsort(found, axis=1, kind="stable")
    assert nearest_first(found).tolist() == expected.tolist()


def test_no_rows_have_no_order():
    assert nearest_first(np.zeros((0, 5), np.float32)).shape == (0, 5)
