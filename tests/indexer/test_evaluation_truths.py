"""Truths: by class and by list, against loops; no picture is right for nobody."""

import numpy as np
import pytest

from indexer.evaluation.truths import ByClass, ByList


def by_class(seed=0, count=60, queries=25):
    rng = np.random.default_rng(seed)
    names = np.array(["", "a", "b", "c"])
    gallery = rng.choice(names, count).tolist()
    own = np.where(rng.random(queries) < 0.5, rng.integers(0, count, queries), -1)
    asked = [gallery[place] if place >= 0 else str(rng.choice([*names, "d"])) for place in own]
    return gallery, asked, own


def test_of_a_class_is_what_a_loop_finds():
    gallery, asked, own = by_class()
    truth = ByClass.of(gallery, asked, own)
    rows = slice(5, 20)
    ids = np.random.default_rng(1).integers(-1, len(gallery), (15, 80))
    right, ignored = truth.relevant(rows, ids), truth.ignored(rows, ids)
    for row in range(15):
        label, place = asked[5 + row], own[5 + row]
        for number, id_ in enumerate(ids[row]):
            same = id_ >= 0 and label != "" and gallery[id_] == label and id_ != place
            assert right[row, number] == same
            assert ignored[row, number] == (id_ >= 0 and id_ == place)


def test_totals_of_classes_leave_the_query_out():
    gallery, asked, own = by_class()
    expected = [
        sum(bool(label) and label == other and n != place for n, other in enumerate(gallery))
        for label, place in zip(asked, own, strict=True)
    ]
    assert ByClass.of(gallery, asked, own).totals.tolist() == expected


def test_nothing_is_ignored_where_no_query_is_of_the_gallery():
    truth = ByClass.of(["a", "b"], ["a", ""])
    assert truth.ignored(slice(0, 2), np.array([[0, 1], [1, 0]])) is None
    assert truth.totals.tolist() == [1, 0]


def test_galleries_without_classes_have_no_right_answers():
    truth = ByClass.of(["", ""], ["", "a"], np.array([0, -1]))
    assert truth.totals.tolist() == [0, 0]
    assert not truth.relevant(slice(0, 2), np.array([[0, 1, -1]] * 2)).any()


def test_an_empty_gallery_has_no_right_answers():
    assert ByClass.of([], ["a"]).totals.tolist() == [0]


def test_of_a_list_is_what_a_loop_finds():
    rng = np.random.default_rng(3)
    right = [set(rng.integers(0, 50, 12).tolist()) for _ in range(8)]
    aside = [set(rng.integers(0, 50, 5).tolist()) for _ in range(8)]
    truth = ByList.of(50, [sorted(places) * 2 for places in right], aside)
    ids = rng.integers(-1, 50, (6, 70))
    found, ignored = truth.relevant(slice(2, 8), ids), truth.ignored(slice(2, 8), ids)
    for row in range(6):
        wanted, out = right[row + 2], aside[row + 2]
        assert found[row].tolist() == [id_ in wanted and id_ not in out for id_ in ids[row]]
        assert ignored[row].tolist() == [id_ in out for id_ in ids[row]]
    assert truth.totals.tolist() == [len(a - b) for a, b in zip(right, aside, strict=True)]


def test_of_a_list_without_junk_nothing_is_ignored():
    truth = ByList.of(3, [[0], [1, 2]], [[], []])
    assert truth.ignored(slice(0, 2), np.zeros((2, 1), np.int64)) is None


def test_each_query_needs_both_lists():
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        ByList.of(3, [[0], [1]], [[]])
