"""How far pictures lie apart: as loops over all pairs find it; and near it where they are drawn."""

from itertools import combinations

import numpy as np
import pytest

from indexer.distances import FeatureStore
from indexer.evaluation.spread import BINS, spread
from tests.indexer.clouds import clusters


def drawn(count=60, classes=("a", "b", "", "c"), half=False):
    features = clusters(count, 12)
    features[3] = features[7]
    features[9] = 0
    labels = np.array([classes[at * at % len(classes)] for at in range(count - 1)] + ["alone"])
    stored = features.astype(np.float16 if half else np.float32)
    return FeatureStore.of(stored), labels


def loop(store, members):
    """Return the distance and the cosine of each pair."""
    rows = store.take(np.arange(store.count))
    found = []
    for one, other in combinations(members, 2):
        both = np.linalg.norm(rows[one]) * np.linalg.norm(rows[other])
        cosine = rows[one] @ rows[other] / both if both else 0.0
        found.append((np.linalg.norm(rows[one] - rows[other]), cosine))
    return np.array(found).reshape(-1, 2).T


@pytest.mark.parametrize("half", [False, True])
def test_all_pairs_equal_a_loop(half):
    store, labels = drawn(half=half)
    found = spread(store, labels)
    expected = loop(store, range(60))
    assert (found.everything.pictures, found.everything.pairs) == (60, 60 * 59 // 2)
    assert found.everything.exact
    assert found.everything.distance == pytest.approx(expected[0].mean())
    assert found.everything.similarity == pytest.approx(expected[1].mean())


def test_each_class_equals_a_loop_over_its_pairs():
    store, labels = drawn()
    found = spread(store, labels)
    assert [each.label for each in found.classes] == sorted({*labels.tolist()} - {""})
    for each in found.classes:
        members = np.flatnonzero(labels == each.label)
        expected = loop(store, members)
        assert (each.pictures, each.pairs) == (len(members), expected.shape[1])
        if each.label == "alone":
            assert np.isnan([each.distance, each.similarity]).all()
            continue
        assert each.distance == pytest.approx(expected[0].mean())
        assert each.similarity == pytest.approx(expected[1].mean())


@pytest.mark.parametrize("which", [0, 1])
def test_histograms_count_pairs_of_one_class_apart(which):
    store, labels = drawn()
    found = spread(store, labels)
    histogram = (found.distances, found.similarities)[which]
    values = loop(store, range(60))[which]
    same = [labels[one] == labels[other] != "" for one, other in combinations(range(60), 2)]
    assert histogram.same.sum() == sum(same)
    assert histogram.other.sum() == len(same) - sum(same)
    assert len(histogram.edges) == BINS + 1
    # Compared where a value lies well inside of its bin.
    inner = histogram.edges[1:-1:7]
    for edge in inner:
        below = sum(histogram.same[histogram.edges[1:] <= edge])
        assert below == (values[np.array(same)] < edge).sum()


def test_of_many_pictures_pairs_are_drawn_from_the_seed():
    store, labels = drawn(count=400)
    exact, found = spread(store, labels), spread(store, labels, most_pictures=50)
    assert not found.everything.exact
    assert found.everything.pairs == found.distances.same.sum() + found.distances.other.sum()
    assert found.everything.distance == pytest.approx(exact.everything.distance, rel=0.02)
    assert found.everything.similarity == pytest.approx(exact.everything.similarity, abs=0.02)
    for ours, theirs in zip(found.classes, exact.classes, strict=True):
        assert ours.distance == pytest.approx(theirs.distance, rel=0.02, nan_ok=True)
    assert spread(store, labels, most_pictures=50).everything == found.everything
    assert spread(store, labels, seed=1, most_pictures=50).everything != found.everything


def test_no_picture_is_paired_with_itself():
    store = FeatureStore.of(np.eye(40, dtype=np.float32))
    found = spread(store, np.array([""] * 40), most_pictures=10).everything
    assert found.distance == pytest.approx(2**0.5)
    assert found.similarity == 0


def test_pictures_that_are_all_alike_have_a_histogram_too():
    found = spread(FeatureStore.of(np.ones((4, 3), np.float32)), np.array(["a"] * 4))
    assert found.everything.distance == pytest.approx(0, abs=1e-7)
    assert (found.distances.same.sum(), found.similarities.same.sum()) == (6, 6)


def test_labels_of_other_pictures_are_refused():
    store, labels = drawn()
    with pytest.raises(ValueError, match="60 features"):
        spread(store, labels[1:])


def test_pairs_within_and_between_classes_are_summarised_as_a_loop_finds_them():
    store, labels = drawn()
    found = spread(store, labels)
    values = loop(store, range(60))
    same = np.array([labels[a] == labels[b] != "" for a, b in combinations(range(60), 2)])
    expected = [np.ones(len(same), bool), same, ~same]
    names = ["all pairs", "pairs of one class", "other pairs"]
    assert [each.name for each in found.kinds] == names
    for kind, of in zip(found.kinds, expected, strict=True):
        assert kind.pairs == of.sum()
        for scatter, row in zip((kind.distances, kind.similarities), values, strict=True):
            some = row[of]
            assert (scatter.mean, scatter.deviation) == pytest.approx((some.mean(), some.std()))
            quantiles = (scatter.low, scatter.middle, scatter.high)
            assert quantiles == pytest.approx(np.percentile(some, (5, 50, 95)), abs=1e-6)


def test_without_classes_all_pairs_are_of_one_kind():
    store, labels = drawn(classes=("",))
    kinds = spread(store, np.full_like(labels, "")).kinds
    assert [each.name for each in kinds] == ["all pairs"]


def test_pictures_that_are_aside_are_not_measured():
    features = clusters(40, 8, seed=3)
    rows = np.arange(3, 40, 2)
    labels = np.array(["a", "b", "", "c"])[np.arange(40) % 4]
    found = spread(FeatureStore.of(features), labels, rows=rows)
    alone = spread(FeatureStore.of(features[rows]), labels[rows])
    assert found.everything == alone.everything
    assert found.classes == alone.classes
    np.testing.assert_array_equal(found.distances.same, alone.distances.same)
