"""Triplets, pairs and balanced batches are what they say, whatever the folders hold."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.errors import TrainingRefused
from models.training.sampling import (
    Classes,
    balanced_batches,
    balanced_steps,
    load_triplets,
    pair_batches,
    sample_triplets,
    save_triplets,
    shuffled,
)

LABELS = np.array([4, 0, 4, 4, 9, 0, 9, 4, 7])
LABELLINGS = st.lists(st.integers(0, 5), min_size=2, max_size=40).map(np.array)


@given(labels=LABELLINGS, seed=st.integers(0, 9))
def test_triplets_are_two_of_a_class_and_one_of_another(labels: np.ndarray, seed: int) -> None:
    assume(1 < len(np.unique(labels)) < len(labels))
    anchors, positives, negatives = sample_triplets(labels, 50, seed=seed).T
    assert (labels[anchors] == labels[positives]).all()
    assert (anchors != positives).all()
    assert (labels[anchors] != labels[negatives]).all()


def test_triplets_are_drawn_evenly() -> None:
    """Each anchor of three in class 0 has two positives and two negatives: twelve triplets."""
    triplets = sample_triplets(np.array([0, 0, 0, 1, 2]), 12_000, seed=1)
    counts = Counter(map(tuple, triplets.tolist()))
    assert len(counts) == 12
    assert all(850 < count < 1150 for count in counts.values())  # 1000, five deviations


def test_triplets_depend_on_the_seed_alone() -> None:
    first, again = (sample_triplets(LABELS, 20, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (sample_triplets(LABELS, 20, seed=4) != first).any()
    assert first.dtype == np.int64


@given(labels=LABELLINGS, seed=st.integers(0, 9))
def test_in_class_negatives_are_the_less_similar_ones_of_the_class(
    labels: np.ndarray, seed: int
) -> None:
    assume(np.bincount(labels).max() > 2)
    features = np.random.default_rng(seed).normal(size=(len(labels), 3)).astype(np.float32)
    triplets = sample_triplets(labels, 50, seed=seed, in_class=1.0, features=features)
    anchors, positives, negatives = triplets.T
    assert (labels[anchors] == labels[positives]).all()
    assert (labels[anchors] == labels[negatives]).all()
    for one, other in ((anchors, positives), (anchors, negatives), (positives, negatives)):
        assert (one != other).all()
    near = np.linalg.norm(features[anchors] - features[positives], axis=1)
    assert (near <= np.linalg.norm(features[anchors] - features[negatives], axis=1)).all()


def test_share_of_in_class_negatives_is_the_one_asked_for() -> None:
    features = np.eye(9, dtype=np.float32)
    triplets = sample_triplets(LABELS, 40, seed=1, in_class=0.25, features=features)
    inner = LABELS[triplets[:, 0]] == LABELS[triplets[:, 2]]
    assert inner.sum() == 10
    assert 0 < inner[:20].sum() < 10  # shuffled among the others


@pytest.mark.parametrize("labels", [[1, 1, 1], [1, 2, 3]])
def test_labels_without_triplets_are_refused(labels: list[int]) -> None:
    with pytest.raises(TrainingRefused, match="3 pictures in"):
        sample_triplets(np.array(labels), 5, seed=1)


def test_in_class_negatives_need_classes_of_three() -> None:
    with pytest.raises(TrainingRefused, match="three pictures"):
        sample_triplets(
            np.array([1, 1, 2, 2]), 5, seed=1, in_class=1.0, features=np.eye(4, dtype=np.float32)
        )


def test_stored_triplets_come_back(tmp_path: Path) -> None:
    triplets = sample_triplets(LABELS, 30, seed=1)
    save_triplets(tmp_path / "triplets.npy", triplets)
    assert [file.name for file in tmp_path.iterdir()] == ["triplets.npy"]
    found = load_triplets(tmp_path / "triplets.npy", len(LABELS))
    np.testing.assert_array_equal(found, triplets)
    assert found.dtype == np.int64


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"text", "holds no triplets"),
        (np.zeros((3, 2), np.int64), r"Received: int64 of shape \(3, 2\)"),
        (np.zeros((3, 3), np.float32), "Received: float32"),
        (np.full((3, 3), 9), "names pictures 9 to 9 of 9"),
    ],
)
def test_triplets_that_cannot_be_used_are_refused(
    tmp_path: Path, content: bytes | np.ndarray, message: str
) -> None:
    file = tmp_path / "triplets.npy"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        np.save(file, content)
    with pytest.raises(TrainingRefused, match=rf"triplets\.npy .*{message}"):
        load_triplets(file, 9)


@pytest.mark.parametrize("ratio", [0.25, 1.0, 3.0])
def test_pairs_are_of_one_class_as_often_as_asked(ratio: float) -> None:
    labels = np.arange(400) % 7
    batches = list(pair_batches(labels, 32, ratio=ratio, seed=1, epoch=0))
    positions = np.concatenate([pairs.positions for pairs in batches])
    same = np.concatenate([pairs.same for pairs in batches])
    np.testing.assert_array_equal(labels[positions[:, 0]] == labels[positions[:, 1]], same)
    assert (positions[:, 0] != positions[:, 1]).all()
    assert same.sum() == round(400 * ratio / (1 + ratio))
    assert sorted(positions[:, 0].tolist()) == list(range(400))  # each is shown once
    assert [len(pairs.same) for pairs in batches] == [32] * 12 + [16]


def test_pairs_differ_between_epochs_and_not_between_calls() -> None:
    labels = np.arange(40) % 3
    drawn = [
        next(pair_batches(labels, 40, ratio=1, seed=1, epoch=epoch)).positions.tolist()
        for epoch in (0, 0, 1)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_balanced_batches_hold_as_many_of_each_class() -> None:
    labels = np.array([0] * 50 + [1] * 9 + [2] * 2 + [3])
    seen: Counter[int] = Counter()
    batches = list(balanced_batches(labels, classes=2, per_class=4, seed=1, epoch=0))
    for batch in batches:
        assert sorted(Counter(labels[batch].tolist()).values()) == [4, 4]
        seen.update(labels[batch].tolist())
    assert set(seen) == {0, 1, 2}  # a lone picture has no positive
    assert len(batches) == balanced_steps(labels, 2, 4) == 8


def test_balanced_batches_show_all_of_a_class_before_one_comes_again() -> None:
    labels = np.repeat([0, 1], 20)
    batches = list(balanced_batches(labels, classes=9, per_class=10, seed=1, epoch=0))
    assert sorted(np.concatenate(batches).tolist()) == list(range(40))


def test_balanced_batches_need_two_classes_of_two() -> None:
    with pytest.raises(TrainingRefused, match="two classes of two"):
        next(balanced_batches(np.array([0, 0, 1]), classes=2, per_class=2, seed=1, epoch=0))


def test_shuffles_show_all_in_another_order_each_epoch() -> None:
    epochs = [np.concatenate(list(shuffled(20, 6, seed=1, epoch=epoch))) for epoch in range(2)]
    assert [sorted(epoch.tolist()) for epoch in epochs] == [list(range(20))] * 2
    assert (epochs[0] != epochs[1]).any()


def test_two_positives_are_drawn_evenly() -> None:
    classes, generator = Classes(np.zeros(4, np.int64)), np.random.default_rng(1)
    one, other = classes.two_positives(np.full(6000, 2), generator)
    counts = Counter(zip(one.tolist(), other.tolist(), strict=True))
    assert set(counts) == {(a, b) for a in (0, 1, 3) for b in (0, 1, 3) if a != b}
    assert all(850 < count < 1150 for count in counts.values())
