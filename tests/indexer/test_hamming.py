"""Hash codes: packing, the tables of their parts, and answers that are always brute force's."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.distances import FeatureStore
from indexer.errors import DamagedIndex
from indexer.indexes.hamming import EVERYONE, HammingIndex, pack
from indexer.indexes.kernels.multi_index import GAVE_UP, nearest_codes, probe
from indexer.indexes.kernels.parts import frozen
from indexer.indexes.kernels.popcount import following, part_of
from indexer.indexes.options import Effort, IndexOptions
from indexer.indexes.substrings import Substrings, part_edges

WIDTHS = [1, 12, 16, 24, 48, 64, 72, 128, 256, 504, 512]


def build(features):
    return HammingIndex.build(FeatureStore.of(features), IndexOptions())


def near_codes(count, bits, seed=0, *, motifs=20, flipped=0.02):
    """Draw features whose signs are those of a few motifs, but for some that are flipped."""
    random = np.random.default_rng(seed)
    signs = random.choice([-1.0, 1.0], (motifs, bits))[random.integers(0, motifs, count)]
    signs[random.random((count, bits)) < flipped] *= -1
    return (signs * random.uniform(0.1, 5, (count, bits))).astype(np.float32)


@st.composite
def galleries(draw):
    """Draw features of any width, with copies, zeros or one constant among them."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    count, bits = draw(st.integers(1, 120)), draw(st.sampled_from(WIDTHS))
    features = random.normal(size=(count, bits)).astype(np.float32)
    kind = draw(st.sampled_from(["plain", "near", "copies", "zeros", "constant"]))
    if kind == "near":
        features = near_codes(count, bits, draw(st.integers(0, 99)), motifs=3, flipped=0.05)
    elif kind == "copies":
        features = features[random.integers(0, max(1, count // 5), count)]
    elif kind == "zeros":
        features[:: draw(st.integers(1, 3))] = 0
    elif kind == "constant":
        features[:] = features[0]
    return features


def brute_force(features, query, k, allowed=None):
    """Return ids and distances of the k nearest, ties by id."""
    distances = ((features > 0) != (query > 0)).sum(axis=1)
    ids = np.arange(len(features)) if allowed is None else np.flatnonzero(allowed)
    order = np.lexsort((ids, distances[ids]))[:k]
    return ids[order].tolist(), distances[ids][order].tolist()


def pairs(answer):
    return answer.ids.tolist(), answer.distances.tolist()


def probed(features, query, k, parts=0, *, allowed=EVERYONE, budget=2**60):
    """Search by the tables alone; return ids, distances and the number of codes measured."""
    codes = frozen(pack(features))
    tables = Substrings.build(codes, features.shape[1], parts).tables
    scores = np.zeros(k, np.uint64)
    _, visited = probe(codes, tables, budget, tuple(pack(query[None])[0]), frozen(allowed), scores)
    keys = sorted((~scores).tolist())
    return [key & 0xFFFFFFFF for key in keys], [key >> 32 for key in keys], visited


@pytest.mark.parametrize("bits", WIDTHS)
def test_a_bit_is_the_sign_of_a_component(bits):
    features = np.random.default_rng(bits).normal(size=(9, bits)).astype(np.float32)
    features[:, 0] = 0
    codes = pack(features)
    assert codes.shape == (9, (bits + 63) // 64)
    for row, feature in zip(codes, features, strict=True):
        number = sum(int(word) << 64 * place for place, word in enumerate(row))
        assert number == sum(1 << place for place, value in enumerate(feature) if value > 0)


def test_a_part_is_the_number_that_its_bits_make():
    code = np.random.default_rng(0).integers(0, 2**64, 3, np.uint64)
    number = sum(int(word) << 64 * place for place, word in enumerate(code))
    for width in (1, 7, 20, 31):
        for first in range(192 - width + 1):
            assert part_of(code, first, first + width) == (number >> first) & ((1 << width) - 1)


def test_following_numbers_have_as_many_bits():
    for width, ones in ((1, 1), (9, 1), (9, 4), (9, 9)):
        found = [(1 << ones) - 1]
        while found[-1] < 1 << width:
            found.append(following(found[-1]))
        expected = sorted(
            sum(1 << bit for bit in chosen) for chosen in combinations(range(width), ones)
        )
        assert found[:-1] == expected


@pytest.mark.parametrize(("bits", "parts"), [(16, 1), (64, 3), (100, 7), (512, 31)])
def test_parts_cover_every_bit_once_and_are_nearly_as_wide(bits, parts):
    edges = part_edges(bits, parts)
    widths = np.diff(edges)
    assert (edges[0], edges[-1]) == (0, bits)
    assert widths.max() - widths.min() <= 1


def test_every_bucket_holds_the_codes_of_its_value():
    features = near_codes(300, 72)
    codes = pack(features)
    edges, offsets, starts, ids, _ = Substrings.build(codes, 72, 9).tables
    for table in range(9):
        values = np.array([part_of(code, edges[table], edges[table + 1]) for code in codes])
        for value in range(2**8):
            low, high = starts[offsets[table] + value :][:2]
            assert ids[table, low:high].tolist() == np.flatnonzero(values == value).tolist()


@settings(max_examples=200)
@given(features=galleries(), k=st.integers(1, 150), seed=st.integers(0, 99), exact=st.booleans())
def test_answers_are_brute_force(features, k, seed, exact):
    query = np.random.default_rng(seed).permutation(features.reshape(-1))[: features.shape[1]]
    for asked in (features[seed % len(features)], query):
        answer = build(features).search(asked, k, "hamming", exact=exact)
        assert pairs(answer) == brute_force(features, asked, k)
        assert len(set(answer.ids.tolist())) == len(answer.ids) == min(k, len(features))
        assert answer.exact
        assert answer.visited <= len(features)


@settings(max_examples=200)
@given(features=galleries(), k=st.integers(1, 20), seed=st.integers(0, 99))
def test_only_allowed_images_are_found_and_all_that_are_asked_for(features, k, seed):
    allowed = np.random.default_rng(seed).random(len(features)) < seed / 99
    answer = build(features).search(features[0], k, "hamming", allowed=allowed)
    assert pairs(answer) == brute_force(features, features[0], k, allowed)
    assert answer.visited <= allowed.sum()


@settings(max_examples=200)
@given(
    features=galleries(), k=st.integers(1, 30), parts=st.integers(1, 9), masked=st.booleans(),
    seed=st.integers(0, 99),
)  # fmt: skip
def test_the_tables_alone_answer_as_brute_force(features, k, parts, masked, seed):
    bits = min(features.shape[1], 72)  # beyond, all radii up to every code's are too many
    features = features[:, :bits]
    parts = max(min(parts, bits), -(-bits // 12))
    random = np.random.default_rng(seed)
    allowed = random.random(len(features)) < 0.7
    allowed[0] = True
    allowed = allowed if masked else np.ones(len(features), np.bool_)
    k = min(k, int(allowed.sum()))
    query = features[seed % len(features)] * random.choice([-1, 1], bits, p=[0.1, 0.9])
    *found, visited = probed(features, query, k, parts, allowed=allowed if masked else EVERYONE)
    assert tuple(found) == brute_force(features, query, k, allowed)
    assert k <= visited <= allowed.sum()


def test_the_tables_meet_all_that_lie_as_near_as_the_last_hit():
    features = near_codes(5000, 128, motifs=50, flipped=0.05)
    for query in features[:50]:
        *found, visited = probed(features, query, 10)
        assert tuple(found) == brute_force(features, query, 10)
        assert visited < 5000


@pytest.mark.parametrize("bits", [64, 256, 512])
def test_near_codes_are_found_in_a_part_of_the_gallery(bits):
    features = near_codes(20_000, bits, motifs=400)
    index = build(features)
    answers = [index.search(query, 10, "hamming") for query in features[:100]]
    for query, answer in zip(features, answers, strict=False):
        assert pairs(answer) == brute_force(features, query, 10)
    assert np.mean([answer.visited for answer in answers]) < 2000


@pytest.mark.parametrize("bits", [16, 24, 32, 48])
@pytest.mark.parametrize("flipped", [0.0, 0.05, 0.5])
def test_short_codes_are_answered_as_by_brute_force(bits, flipped):
    features = near_codes(20_000, bits, motifs=300, flipped=flipped)
    index = build(features)
    for query in (*features[:20], *-features[:5]):
        for k in (1, 10, 500):
            assert pairs(index.search(query, k, "hamming")) == brute_force(features, query, k)


def test_codes_without_near_ones_are_scanned():
    features = np.random.default_rng(0).normal(size=(5000, 256)).astype(np.float32)
    index = build(features)
    query = -features[0] * np.random.default_rng(1).choice([-1, 1], 256)
    answer = index.search(query.astype(np.float32), 10, "hamming")
    assert answer.visited == 5000
    assert answer.ids.tolist() == brute_force(features, query, 10)[0]


def test_a_search_gives_up_where_the_nearest_are_too_far_to_look_up():
    features = np.random.default_rng(0).normal(size=(20_000, 128)).astype(np.float32)
    far = probed(features, features[0], 10, budget=60_000)
    near = probed(features, features[0], 1, budget=60_000)
    assert far[2] == GAVE_UP
    assert near == ([0], [0], near[2])
    assert near[2] < 100


def test_many_copies_are_scanned_rather_than_looked_up_one_by_one():
    features = np.ones((3000, 64), np.float32)
    answer = build(features).search(features[0], 7, "hamming")
    assert answer.ids.tolist() == list(range(7))
    assert answer.visited == 3000


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_other_metrics_measure_every_feature(metric):
    features = near_codes(300, 32)
    answer = build(features).search(features[7], 5, metric)
    assert answer.exact
    assert answer.visited == 300
    assert answer.ids[0] == 7


@settings(max_examples=25)
@given(features=galleries())
def test_a_saved_index_answers_as_before(features, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    index = build(features)
    index.save(folder)
    loaded = HammingIndex.load(folder, index.store, index.parameters)
    loaded.check()
    assert loaded.parameters == index.parameters
    assert loaded.memory_bytes == index.memory_bytes
    for query in features[:5]:
        before, after = (item.search(query, 5, "hamming") for item in (index, loaded))
        assert pairs(before) == pairs(after)
        assert (before.visited, before.probes) == (after.visited, after.probes)


def test_the_same_features_give_the_same_files(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        build(near_codes(400, 96)).save(tmp_path / name)
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    )
    assert one == two
    assert set(one) == {"codes.npy", "starts.npy", "ids.npy"}


@pytest.mark.parametrize("name", ["codes.npy", "starts.npy", "ids.npy"])
def test_a_truncated_file_is_named(name, tmp_path):
    index = build(near_codes(100, 64))
    index.save(tmp_path)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(DamagedIndex, match=name):
        HammingIndex.load(tmp_path, index.store, index.parameters)


@pytest.mark.parametrize("name", ["codes.npy", "starts.npy", "ids.npy"])
def test_an_altered_file_is_named(name, tmp_path):
    index = build(near_codes(100, 64))
    index.save(tmp_path)
    path = tmp_path / name
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    loaded = HammingIndex.load(tmp_path, index.store, index.parameters)
    with pytest.raises(DamagedIndex, match=name):
        loaded.check()


def test_a_warm_index_compiles_nothing_more(tmp_path):
    features = near_codes(500, 64)
    build(features).save(tmp_path)
    store = FeatureStore.of(features)
    index = HammingIndex.load(tmp_path, store, build(features).parameters)
    index.warm()
    compiled = nearest_codes.signatures
    mask = np.ones(500, np.bool_)
    for allowed in (None, mask, frozen(mask), np.ones(1000, np.bool_)[::2]):
        for exact in (False, True):
            index.search(features[3], 5, "hamming", exact=exact, allowed=allowed)
            build(features).search(features[3], 600, "hamming", exact=exact, allowed=allowed)
    assert nearest_codes.signatures == compiled


def test_codes_and_tables_take_a_sixth_of_the_features(tmp_path):
    features = near_codes(20_000, 256)
    index = build(features)
    index.save(tmp_path)
    assert index.memory_bytes == sum(np.load(path).nbytes for path in tmp_path.iterdir())
    assert index.memory_bytes < features.nbytes / 6


def test_no_effort_makes_an_answer_fall_short():
    features = near_codes(2000, 128)
    index, effort = build(features), Effort(0, 1, 1)
    expected = brute_force(features, features[3], 10)
    assert pairs(index.search(features[3], 10, "hamming", effort=effort)) == expected
    assert pairs(index.with_effort(effort).search(features[3], 10, "hamming")) == expected


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("count", [0, 1, 2, 200])
def test_a_batch_is_answered_as_its_queries_alone(count, exact):
    features = near_codes(3000, 128)
    index = build(features)
    queries = np.concatenate([features[: count // 2], -features[: count - count // 2]])
    answers = index.search_many(queries, 10, "hamming", exact=exact)
    assert answers.ids.shape == answers.distances.shape == (count, 10)
    assert answers.visited.shape == (count,)
    for number, query in enumerate(queries):
        ids, distances = brute_force(features, query, 10)
        assert answers.ids[number].tolist() == ids
        assert answers.distances[number].tolist() == distances
