"""Locality-sensitive hashing: the formula, the buckets, the probes and the recall."""

from itertools import islice, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.distances import FeatureStore, units
from indexer.errors import DamagedIndex
from indexer.indexes.base import IndexOptions
from indexer.indexes.buckets import Buckets
from indexer.indexes.hashing import (
    Hashing,
    LshParameters,
    draw_projections,
    floors,
    neighbour_distance,
)
from indexer.indexes.lsh import WIDTH_FACTOR, LshIndex
from indexer.indexes.probing import neighbouring_buckets


def clusters(count=600, dim=24, seed=0):
    """Draw features in clusters, as pictures of a few motifs have them."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(20, dim)) * 4
    return (centres[random.integers(0, 20, count)] + random.normal(size=(count, dim))).astype("f4")


def build(features, **options):
    return LshIndex.build(FeatureStore.of(features), IndexOptions(**options))


def test_codes_are_the_formula():
    features = clusters(50)
    store = FeatureStore.of(features)
    hashing = Hashing.draw(
        LshParameters(g=2, h=3, w=1.7, seed=5, hash_space="raw", projections="standard"), store
    )
    codes = hashing.codes(FeatureStore.of(features))
    for table, row, projection in product(range(2), range(50), range(3)):
        dot = float(features[row].astype(float) @ hashing.projections[table, projection])
        expected = np.floor((dot + hashing.offsets[table, projection]) / 1.7)
        assert codes[table, row, projection] == expected


def test_projections_are_normal_and_offsets_uniform():
    index = build(clusters(dim=200), g=64, h=16, w=3.0, hash_space="raw")
    hashing = index.hashing
    assert hashing.parameters.projections == "standard"
    assert hashing.projections.mean() == pytest.approx(0, abs=0.01)
    assert hashing.projections.std() == pytest.approx(1, abs=0.01)
    assert 0 <= hashing.offsets.min() < 0.05
    assert 2.95 < hashing.offsets.max() < 3


def test_the_unit_space_hashes_directions_only():
    features = clusters(40)
    one, scaled = (build(f, g=3, h=3, w=0.4, hash_space="unit") for f in (features, features * 8))
    assert np.array_equal(one.buckets.codes, scaled.buckets.codes)
    assert np.array_equal(one.buckets.ids, scaled.buckets.ids)


def test_projections_of_the_gallery_have_its_covariance():
    features = clusters(2000, dim=12)
    store = FeatureStore.of(features)
    random = np.random.default_rng(0)
    drawn = draw_projections(store, 5_000, "raw", "gallery", random).astype(float)
    covariance = np.cov(features.T.astype(float), bias=True)
    expected = covariance * 12 / np.trace(covariance)
    assert np.allclose(drawn.T @ drawn / len(drawn), expected, atol=0.06)
    assert (drawn**2).sum(axis=1).mean() == pytest.approx(12, rel=0.05)


def test_unit_space_takes_projections_of_the_gallery_unless_told_otherwise():
    chosen = build(clusters(50), hash_space="unit").hashing.parameters
    asked = build(clusters(50), hash_space="unit", projections="standard").hashing.parameters
    assert (chosen.projections, asked.projections) == ("gallery", "standard")


def test_positions_beyond_int32_are_held_at_its_ends():
    ends = floors(np.array([-1e30, 1e30]))
    assert ends.tolist() == [-(2**31) + 1, 2**31 - 2]


@settings(max_examples=60)
@given(
    codes=st.integers(1, 3).flatmap(
        lambda h: st.lists(
            st.lists(st.integers(-2, 2), min_size=h, max_size=h), min_size=1, max_size=40
        )
    )
)
def test_every_bucket_holds_the_images_of_its_code(codes):
    table = np.array(codes, np.int32)
    buckets = Buckets.build(np.stack([table, table[::-1]]))
    buckets.check()
    for number, rows in enumerate((table, table[::-1])):
        for code in product(range(-2, 3), repeat=table.shape[1]):
            expected = np.flatnonzero((rows == code).all(axis=1))
            found = buckets.lookup(number, np.array(code, np.int32))
            assert found.tolist() == expected.tolist()


@pytest.mark.parametrize("space", ["unit", "raw"])
def test_every_image_lies_in_its_own_bucket(space):
    features = clusters(3000, dim=64)
    index = build(features, g=4, h=6, hash_space=space, w=0.05 if space == "unit" else 0.4)
    for number, feature in enumerate(features):
        codes = floors(index._positions(feature))
        for table, code in enumerate(codes):
            assert number in index.buckets.lookup(table, code)


@settings(max_examples=25)
@given(seed=st.integers(0, 999), k=st.integers(1, 50))
def test_many_wide_buckets_equal_exact_search(seed, k):
    features = clusters(200, seed=seed)
    query = features[0] + 0.1
    for metric in ("cosine", "euclidean"):
        wide = build(features, g=16, h=1, w=1e4, metric=metric).search(query, k, metric)
        exact = build(features, g=1, h=1, metric=metric).search(query, k, metric, exact=True)
        assert wide.ids.tolist() == exact.ids.tolist()
        assert wide.distances.tolist() == exact.distances.tolist()


def test_the_same_seed_gives_the_same_index(tmp_path):
    features = clusters()
    for name, seed in (("one", 3), ("two", 3), ("three", 4)):
        (tmp_path / name).mkdir()
        build(features, seed=seed).save(tmp_path / name)
    contents = {
        name: [path.read_bytes() for path in sorted((tmp_path / name).iterdir())]
        for name in ("one", "two", "three")
    }
    assert contents["one"] == contents["two"] != contents["three"]


def test_narrow_buckets_still_give_k_images():
    features = clusters(100)
    answer = build(features, g=1, h=8, w=1e-6).search(features[0] + 0.5, 10, "cosine")
    assert len(answer.ids) == 10
    assert answer.exact


def test_probes_are_widened_before_everything_is_scanned():
    features = clusters(2000)
    index = build(features, g=2, h=6, hash_space="raw", w=12.0)
    answers = [index.search(features[i], 60, "euclidean") for i in range(40)]
    own = [
        len({n for t, code in enumerate(floors(index._positions(features[i])))
             for n in index.buckets.lookup(t, code).tolist()})
        for i in range(40)
    ]  # fmt: skip
    widened = [a for a, size in zip(answers, own, strict=True) if size < 60 and not a.exact]
    assert len(widened) >= 5
    assert all(60 <= answer.visited < 2000 for answer in widened)


@settings(max_examples=40)
@given(seed=st.integers(0, 999), g=st.integers(1, 3), h=st.integers(1, 4))
def test_neighbouring_buckets_come_by_the_distance_of_their_borders(seed, g, h):
    positions = np.random.default_rng(seed).normal(0, 5, (g, h))
    own = floors(positions)
    found = [(table, tuple(code)) for table, code in neighbouring_buckets(positions)]

    def score(table, code):
        step = np.array(code) - own[table]
        within = positions[table] - own[table]
        return float((np.where(step < 0, within, np.where(step > 0, 1 - within, 0)) ** 2).sum())

    steps = [step for step in product((-1, 0, 1), repeat=h) if any(step)]
    expected = {(table, tuple(own[table] + step)) for table in range(g) for step in steps}
    scores = [score(*bucket) for bucket in found]
    assert set(found) == expected
    assert len(found) == len(expected)
    assert np.allclose(scores, sorted(scores))


def test_probing_stays_lazy_with_many_projections():
    positions = np.random.default_rng(0).normal(0, 5, (8, 64))
    assert len(list(islice(neighbouring_buckets(positions), 200))) == 200


def test_the_width_follows_the_scale_of_the_gallery():
    features = clusters()
    small = build(features, hash_space="raw").hashing.parameters.w
    large = build(features * 20, hash_space="raw").hashing.parameters.w
    assert large == pytest.approx(20 * small, rel=1e-5)


def test_the_width_comes_from_the_tenth_neighbours():
    features = clusters(150)
    rows = units(features.astype(float))
    distances = np.sort(np.linalg.norm(rows[:, None] - rows, axis=2), axis=1)
    found = neighbour_distance(FeatureStore.of(features), "unit", "standard", 0)
    assert found == pytest.approx(np.median(distances[:, 10]), rel=0.05)
    assert build(features, projections="standard").hashing.parameters.w == pytest.approx(
        WIDTH_FACTOR * found
    )


@pytest.mark.parametrize("features", [np.ones((50, 3)), np.zeros((5, 3)), np.ones((1, 3))])
def test_a_gallery_without_distances_has_a_width(features):
    index = build(features.astype(np.float32))
    assert index.hashing.parameters.w > 0


def test_the_default_space_follows_the_metric():
    features = clusters(50)
    assert build(features, metric="cosine").hashing.parameters.hash_space == "unit"
    assert build(features, metric="euclidean").hashing.parameters.hash_space == "raw"


def test_defaults_find_the_neighbours_in_a_part_of_the_gallery():
    features = clusters(4000, dim=64)
    index = build(features)
    found = visited = 0
    for query in features[:50] + np.float32(0.2):
        answer = index.search(query, 10, "cosine")
        exact = index.search(query, 10, "cosine", exact=True)
        found += len(set(answer.ids.tolist()) & set(exact.ids.tolist()))
        visited += answer.visited
    assert found / 500 > 0.9
    assert visited / 50 / 4000 < 0.25


@pytest.mark.parametrize("part", ["codes", "firsts", "starts", "ids"])
def test_tables_out_of_order_are_named(part):
    codes = np.array([[0, 1], [0, 2], [3, 0], [3, 0]], np.int32)
    buckets = Buckets.build(np.stack([codes, codes]))
    array = getattr(buckets, part)
    array[..., 0], array[..., 1] = array[..., 1].copy(), array[..., 0].copy()
    if part == "ids":
        array[0, 0] = array[0, 1]
    with pytest.raises(DamagedIndex, match=part):
        buckets.check()
