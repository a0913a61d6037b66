"""Triplets, pairs and balanced batches are what they say, whatever the folders hold."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.errors import TrainingRefused
from models.training.batches import Balanced, pair_batches, pair_steps, parts, shuffled
from models.training.classes import Classes, anchors_of
from models.training.triplets import (
    MOST_STORED,
    load_triplets,
    part_of,
    sample_triplets,
    save_triplets,
    stored_count,
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
    labels = np.arange(399) % 7
    batches = list(pair_batches(labels, 32, ratio=ratio, seed=1, epoch=0))
    positions = np.concatenate([pairs.positions for pairs in batches])
    same = np.concatenate([pairs.same for pairs in batches])
    np.testing.assert_array_equal(labels[positions[:, 0]] == labels[positions[:, 1]], same)
    assert (positions[:, 0] != positions[:, 1]).all()
    assert same.sum() == round(399 * ratio / (1 + ratio))
    assert sorted(positions[:, 0].tolist()) == list(range(399))  # each begins one
    assert [len(pairs.same) for pairs in batches] == [31] * 9 + [30] * 4
    assert len(batches) == pair_steps(labels, 32)


UNEVEN = np.array([0] * 50 + [1] * 9 + [2] * 2 + [3])


def test_all_classes_begin_as_many_pairs_and_triplets() -> None:
    pairs = list(pair_batches(UNEVEN, 8, ratio=1, seed=1, epoch=0))
    assert sum(len(each.same) for each in pairs) == 61  # as many as pictures that have a fellow
    for anchors in (
        np.concatenate([each.positions[:, 0] for each in pairs]),
        sample_triplets(UNEVEN, 61, seed=1)[:, 0],
    ):
        counts = Counter(UNEVEN[anchors].tolist())
        assert sorted(counts.values()) == [20, 20, 21]
        assert set(counts) == {0, 1, 2}


def test_anchors_are_all_drawn_before_one_comes_again() -> None:
    classes = Classes(UNEVEN)
    drawn = Counter(anchors_of(classes, np.array([1, 2]), 24, np.random.default_rng(1)).tolist())
    assert {picture: drawn[picture] for picture in (59, 60)} == {59: 6, 60: 6}
    assert sorted(drawn[picture] for picture in range(50, 59)) == [1] * 6 + [2] * 3


def test_no_batch_is_much_smaller_than_the_others() -> None:
    for count in range(1, 100):
        sizes = [len(part) for part in parts(np.arange(count), 32)]
        assert len(sizes) == -(-count // 32)
        assert max(sizes) <= min(sizes) + 1
        assert sum(sizes) == count
    assert list(parts(np.arange(0), 32)) == []


def test_each_epoch_has_triplets_of_its_own() -> None:
    triplets = np.arange(27).reshape(9, 3)
    found = [part_of(triplets, 4, epoch)[:, 0].tolist() for epoch in range(3)]
    assert found == [[0, 3, 6, 9], [12, 15, 18, 21], [0, 3, 6, 9]]
    assert part_of(triplets, 20, 5) is triplets


def test_triplets_of_all_epochs_are_kept_up_to_a_limit() -> None:
    assert stored_count(950, 24) == 950 * 24
    assert MOST_STORED - 950 < stored_count(950, 10**9) <= MOST_STORED
    assert stored_count(MOST_STORED + 1, 5) == MOST_STORED + 1  # one for each picture at least


def test_pairs_differ_between_epochs_and_not_between_calls() -> None:
    labels = np.arange(40) % 3
    drawn = [
        next(pair_batches(labels, 40, ratio=1, seed=1, epoch=epoch)).positions.tolist()
        for epoch in (0, 0, 1)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_balanced_batches_hold_as_many_of_each_class() -> None:
    seen: Counter[int] = Counter()
    batches = list(Balanced(8).batches(UNEVEN, seed=1, epoch=0))
    for batch in batches:
        assert sorted(Counter(UNEVEN[batch].tolist()).values()) == [4, 4]
        seen.update(UNEVEN[batch].tolist())
    assert set(seen) == {0, 1, 2}  # a lone picture has no positive
    assert len(batches) == Balanced(8).steps(UNEVEN) == 8


def test_pictures_without_a_fellow_make_no_batches() -> None:
    alone = np.concatenate([np.repeat([0, 1], 8), np.arange(2, 300)])
    assert Balanced(16).steps(alone) == 1
    assert Balanced(16).steps(np.arange(9)) == Balanced(16).steps(np.zeros(9, np.int64)) == 0


@pytest.mark.parametrize(
    ("size", "found", "shape"),
    [
        (32, 100, (8, 4)),
        (32, 4, (4, 8)),
        (128, 100, (32, 4)),
        (8, 100, (2, 4)),
        (2, 100, (2, 2)),
        (16, 3, (3, 5)),
    ],
)
def test_balanced_batches_are_of_the_size_that_was_asked_for(
    size: int, found: int, shape: tuple[int, int]
) -> None:
    assert Balanced(size).shape(found) == shape
    labels = np.repeat(np.arange(found), 9)
    batch = next(Balanced(size).batches(labels, seed=1, epoch=0))
    assert len(batch) == shape[0] * shape[1]


def test_balanced_batches_show_all_of_a_class_before_one_comes_again() -> None:
    labels = np.repeat([0, 1], 20)
    batches = list(Balanced(20).batches(labels, seed=1, epoch=0))
    assert sorted(np.concatenate(batches).tolist()) == list(range(40))


def test_balanced_batches_need_two_classes_of_two() -> None:
    with pytest.raises(TrainingRefused, match="two classes of two"):
        next(Balanced(4).batches(np.array([0, 0, 1]), seed=1, epoch=0))


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
