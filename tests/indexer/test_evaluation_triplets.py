"""Triplets: drawn by class, read by path, judged as a loop judges them."""

import numpy as np
import pytest

from indexer.distances import FeatureStore
from indexer.evaluation.bootstrap import mean
from indexer.evaluation.errors import BadTable, EvaluationError, NothingToMeasure
from indexer.evaluation.judgements import triplets
from indexer.evaluation.judgements.triplets import draw_triplets, ranked_right, read_triplets

LABELS = ["b", "a", "", "a", "c", "b", "a", ""]


def test_drawn_triplets_hold_two_of_a_class_and_one_of_another():
    triplets = draw_triplets(LABELS, 2000)
    for anchor, positive, negative in triplets:
        assert LABELS[anchor] == LABELS[positive] != LABELS[negative]
        assert anchor != positive
        assert "" not in (LABELS[anchor], LABELS[negative])
    possible = {
        (a, p, n)
        for a in range(8)
        for p in range(8)
        for n in range(8)
        if LABELS[a] == LABELS[p] != LABELS[n] and a != p and LABELS[a] and LABELS[n]
    }
    assert {tuple(triplet) for triplet in triplets.tolist()} == possible


def test_triplets_are_drawn_by_the_seed():
    np.testing.assert_array_equal(draw_triplets(LABELS, 9, 1), draw_triplets(LABELS, 9, 1))
    assert (draw_triplets(LABELS, 9, 1) != draw_triplets(LABELS, 9, 2)).any()


@pytest.mark.parametrize("labels", [[], ["", ""], ["a", "b"], ["a", "a", ""]])
def test_labels_that_make_no_triplet_are_refused(labels):
    with pytest.raises(NothingToMeasure, match="two pictures of one class"):
        draw_triplets(labels, 1)


def test_no_triplets_are_refused():
    with pytest.raises(EvaluationError, match="Received: 0"):
        draw_triplets(LABELS, 0)


def test_triplets_are_read_by_path(tmp_path):
    file = tmp_path / "triplets.csv"
    file.write_text('negative,anchor,positive\nc.jpg, a.jpg,"b, 1.jpg"\n')
    names = ["a.jpg", "b, 1.jpg", "c.jpg"]
    assert read_triplets(file, names).tolist() == [[0, 1, 2]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("anchor,positive,negative\na,b,x\n", r"line 2: 'x' is no picture of the gallery.*'a'"),
        ("anchor,positive,negative\na,b\n", "line 2: negative must not be missing"),
        ("a,b,c\na,b,c\n", "line 2: anchor, positive, negative must not be missing"),
        ("anchor,positive,negative\n", "holds no rows"),
        ('anchor,positive,negative\n"a"b,b,c\n', "line 2: "),
    ],
)
def test_files_of_other_layouts_are_refused(tmp_path, text, wanted):
    file = tmp_path / "triplets.csv"
    file.write_text(text)
    with pytest.raises(BadTable, match=wanted):
        read_triplets(file, ["a", "b", "c"])


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(BadTable, match=r"absent\.csv cannot be read: No such file"):
        read_triplets(tmp_path / "absent.csv", [])
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadTable, match=r"x\.csv is no text in UTF-8"):
        read_triplets(tmp_path / "x.csv", [])


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "hamming"])
def test_triplets_are_judged_as_by_a_loop(metric):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(30, 6)).astype(np.float32)
    triplets = rng.integers(0, 30, (400, 3))
    triplets[:5, 2] = triplets[:5, 1]

    def distance(a, b):
        x, y = features[a].astype(float), features[b].astype(float)
        if metric == "cosine":
            return 1 - x @ y / np.linalg.norm(x) / np.linalg.norm(y)
        return np.linalg.norm(x - y) if metric == "euclidean" else ((x > 0) != (y > 0)).sum()

    expected = []
    for anchor, positive, negative in triplets:
        near, far = distance(anchor, positive), distance(anchor, negative)
        expected.append(0.5 if np.isclose(near, far, atol=1e-9) else float(near < far))
    assert ranked_right(FeatureStore.of(features), triplets, metric).tolist() == expected
    assert 0.3 < np.mean(expected) < 0.7


def test_features_of_one_colour_rank_half_of_all_right():
    store = FeatureStore.of(np.ones((8, 3), np.float32))
    assert (ranked_right(store, draw_triplets(LABELS, 50), "cosine") == 0.5).all()


@pytest.mark.parametrize("stored", [np.float32, np.float16])
def test_a_store_is_read_a_block_of_triplets_at_a_time(stored, monkeypatch):
    features = np.random.default_rng(0).normal(size=(8, 5)).astype(stored)
    store, drawn = FeatureStore.of(features), draw_triplets(LABELS, 50)
    whole = ranked_right(store, drawn, "euclidean")
    monkeypatch.setattr(triplets, "BLOCK_TRIPLETS", 7)
    assert ranked_right(store, drawn, "euclidean").tolist() == whole.tolist()


def test_triplets_that_share_anchors_are_no_surer_than_these():
    """Eight features that are drawn at random tell next to nothing, however many triplets are."""
    missed = 0
    for seed in range(20):
        features = np.random.default_rng(seed).normal(size=(8, 4)).astype(np.float32)
        drawn = draw_triplets(["a"] * 4 + ["b"] * 4, 5000, seed)
        right = ranked_right(FeatureStore.of(features), drawn, "euclidean")
        alone, grouped = mean(right), mean(right, groups=drawn[:, 0])
        assert grouped.high - grouped.low > 3 * (alone.high - alone.low)
        assert grouped.groups == 8
        missed += not alone.low <= 0.5 <= alone.high
    assert missed > 10  # what drawing single triplets would have claimed
