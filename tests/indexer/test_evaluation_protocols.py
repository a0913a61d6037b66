"""Protocols by folders and by copies, and what all promise, against brute force."""

from dataclasses import FrozenInstanceError, fields, replace
from importlib import import_module

import numpy as np
import pytest

from indexer.evaluation.errors import EvaluationError, NothingToMeasure
from indexer.evaluation.groundtruth.holidays import of_names
from indexer.evaluation.groundtruth.model import GroundTruth, Query
from indexer.evaluation.measures import MEASURES
from indexer.evaluation.protocols.copies import Copies
from indexer.evaluation.protocols.folders import Folders
from indexer.evaluation.protocols.holidays import Holidays
from indexer.evaluation.protocols.oxford import Oxford
from indexer.evaluation.protocols.registry import PROTOCOLS, protocol_class
from indexer.evaluation.splits import Split, drawn_by_class
from indexer.variants.distortions import DISTORTIONS
from tests.indexer.asking import every, gallery_of, picture, sets

LABELS = ["a", "b", "a", "", "c", "b", "a"]
NUMBERED = tuple(picture(f"{n}.jpg", "a") for n in (100, 101, 102, 200, 201, 300))
EXAMPLES = {
    "folders": (Folders(), gallery_of(LABELS)),
    "holidays": (Holidays(), NUMBERED),
    "oxford": (
        Oxford(GroundTruth("small", (Query("100", (1, 2, 3, 4), ("100", "101"), (), ("200",)),))),
        NUMBERED,
    ),
    "copies": (Copies(3), NUMBERED),
}
ASTRAY = tuple(picture(f"astray/{n}.jpg", "a", distractor=True) for n in range(100, 104))


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_protocol_keeps_what_all_promise(name):
    protocol, gallery = EXAMPLES[name]
    assert type(protocol) is protocol_class(name)
    assert protocol.name == name
    assert protocol.title
    assert protocol.headline in protocol.measures
    assert set(protocol.measures) <= set(MEASURES)
    with pytest.raises(FrozenInstanceError):
        setattr(protocol, fields(protocol)[0].name, None)

    task = protocol.task((*gallery, *ASTRAY))
    again = protocol.task((*gallery, *ASTRAY))
    assert (task.gallery, task.queries) == (again.gallery, again.queries)
    assert task.gallery[task.own :] == ASTRAY
    assert not any(each.distractor for each in (*task.gallery[: task.own], *task.queries))
    rows, ids = every(task)
    right, ignored = task.truth.relevant(rows, ids), task.truth.ignored(rows, ids)
    assert right.dtype == bool
    assert right.sum(axis=1).tolist() == task.truth.totals.tolist()
    assert task.truth.totals.dtype == np.int64
    assert task.truth.totals.min() >= 1
    assert not right[:, task.own :].any()
    assert ignored is None or not (right & ignored).any()
    nothing = np.full((len(task.queries), 2), -1)
    assert not task.truth.relevant(rows, nothing).any()
    assert ignored is None or not task.truth.ignored(rows, nothing).any()


@pytest.mark.parametrize("path", PROTOCOLS.values())
def test_the_registry_names_what_exists(path):
    module, name = path.split(":")
    assert getattr(import_module(module), name)


def test_an_unknown_protocol_is_refused():
    with pytest.raises(EvaluationError, match=r"no protocol 'folder'. Choose one of folders, hol"):
        protocol_class("folder")


def test_each_picture_asks_for_the_others_of_its_class():
    gallery = gallery_of(LABELS, distractors=3)
    task = Folders().task(gallery)
    assert [query.name for query in task.queries] == [
        "a/0.jpg", "b/1.jpg", "a/2.jpg", "b/5.jpg", "a/6.jpg",
    ]  # fmt: skip
    for query, (right, ignored) in zip(task.queries, sets(task), strict=True):
        same = {each.name for each in gallery[:7] if each.label == query.label}
        assert right == same - {query.name}
        assert ignored == {query.name}
    assert task.gallery == gallery


def test_queries_that_are_left_out_are_counted_and_their_classes_named():
    assert Folders().task(gallery_of(LABELS)).remarks == (
        "Left out of 7 queries: 1 without a class.",
        "Left out of 7 queries: 1 of whose class the gallery holds no other picture, c (1).",
    )
    many = gallery_of(["a", "a", *(f"c{n}" for n in range(10))])
    assert Folders().task(many).remarks[0].endswith("c7 (1) and 2 more.")


def test_given_queries_ask_for_pictures_of_their_class():
    gallery = gallery_of(LABELS, distractors=2)
    queries = (picture("q/0.jpg", "c"), picture("q/1.jpg", "x"), picture("q/2.jpg", "a"))
    task = Folders(queries).task(gallery)
    assert task.queries == (queries[0], queries[2])
    assert sets(task) == [({"c/4.jpg"}, set()), ({"a/0.jpg", "a/2.jpg", "a/6.jpg"}, set())]
    assert task.remarks[0].endswith("the gallery holds no other picture, x (1).")


def test_classes_without_counterpart_are_named_on_both_sides():
    with pytest.raises(
        NothingToMeasure, match=r"queries: A \(2\); of the gallery: a \(3\), b \(2\)"
    ):
        Folders((picture("0.jpg", "A"), picture("1.jpg", "A"))).task(
            gallery_of([*LABELS[:4], "a", "b"])
        )
    with pytest.raises(NothingToMeasure, match="queries: none; of the gallery: none"):
        Folders(()).task(())


def test_queries_of_the_same_content_are_kept_and_counted():
    gallery = (*gallery_of(["a", "a"]), picture("b/2.jpg", "b", content="twice"))
    queries = (picture("q.jpg", "b", content="twice"), picture("r.jpg", "a"))
    task = Folders(queries).task(gallery)
    assert task.queries == queries
    assert task.remarks[0].startswith("Also in the gallery, as another file")
    assert "1 of 2 queries, for instance q.jpg." in task.remarks[0]


def test_a_picture_is_no_duplicate_of_itself():
    twice = [picture(f"b/{n}.jpg", "b", content="twice") for n in range(2)]
    assert Folders().task(gallery_of(["a", "a"])).remarks == ()
    (remark,) = Folders().task((*gallery_of(["a", "a"]), *twice)).remarks
    assert "same content: 2 of 4 queries" in remark


def test_a_split_asks_with_what_it_takes_from_the_gallery():
    gallery = gallery_of(["a"] * 10 + ["b"] * 5 + ["c"] + [""] * 3, distractors=4)
    task = Folders(split=Split(share=0.3, seed=1)).task(gallery)
    labels = [query.label for query in task.queries]
    assert (labels.count("a"), labels.count("b"), len(labels)) == (3, 2, 5)
    assert sorted([*task.queries, *task.gallery], key=repr) == sorted(gallery, key=repr)
    for query, (right, ignored) in zip(task.queries, sets(task), strict=True):
        stayed = {each.name for each in task.gallery[: task.own] if each.label == query.label}
        assert (right, ignored) == (stayed, set())


def test_a_split_depends_on_its_seed_alone():
    labels = ["a"] * 50 + ["b"] * 50
    first = Split(count=5, seed=3).held_out(labels)
    np.testing.assert_array_equal(first, Split(count=5, seed=3).held_out(labels))
    assert (first != Split(count=5, seed=4).held_out(labels)).any()
    assert (first[:50].sum(), first[50:].sum()) == (5, 5)


def test_a_split_leaves_a_picture_of_each_class():
    held = Split(count=9).held_out(["a", "a", "a", "b", "", ""])
    assert (held[:3].sum(), held[3:].sum()) == (2, 0)
    assert Split(share=0.01).held_out(["a", "a"]).sum() == 1


@pytest.mark.parametrize(
    ("share", "count"), [(None, None), (0.5, 2), (0.0, None), (1.0, None), (None, 0), (1.5, None)]
)
def test_a_split_of_nothing_or_of_all_is_refused(share, count):
    with pytest.raises(EvaluationError, match="Received: share"):
        Split(share, count)


def test_queries_are_given_or_split_off():
    with pytest.raises(EvaluationError, match="not both"):
        Folders((), Split(count=1))


def test_a_sample_of_queries_holds_of_each_class_its_share():
    gallery = gallery_of(["a"] * 60 + ["b"] * 30 + ["c"] * 10 + ["d"], distractors=2)
    task = Folders(sample=20, seed=1).task(gallery)
    labels = [query.label for query in task.queries]
    assert [labels.count(each) for each in "abcd"] == [12, 6, 2, 0]
    assert task.gallery == gallery
    for query, (right, ignored) in zip(task.queries, sets(task), strict=True):
        same = {each.name for each in gallery[:100] if each.label == query.label}
        assert (right, ignored) == (same - {query.name}, {query.name})
    assert "Asked: 20 queries, drawn from 100, of each class its share." in task.remarks[1]
    assert task.queries == Folders(sample=20, seed=1).task(gallery).queries
    assert task.queries != Folders(sample=20, seed=2).task(gallery).queries
    assert Folders(sample=100).task(gallery).queries == Folders().task(gallery).queries
    with pytest.raises(EvaluationError, match="At least 1 query"):
        Folders(sample=0)


def test_of_many_small_classes_some_are_drawn_whatever_their_order():
    labels = [f"{n % 50}" for n in range(100)]
    seen = set()
    for seed in range(40):
        places = drawn_by_class(labels, 10, seed)
        assert len(set(places.tolist())) == 10
        assert len({labels[place] for place in places}) == 10
        seen |= set(places.tolist())
    assert len(seen) > 90


def test_a_task_refuses_distractors_before_other_pictures():
    with pytest.raises(ValueError, match="come last"):
        Folders().task((*ASTRAY, *gallery_of(LABELS)))


def test_copies_ask_for_all_files_of_the_original():
    gallery = (
        *(picture(f"{n}.jpg") for n in range(4)),
        picture("a/same.jpg", content="0.jpg"),
        picture("astray.jpg", content="3.jpg", distractor=True),
    )
    task = Copies(count=10).task(gallery)
    by_content = {each.sha256: set() for each in gallery}
    for each in gallery[:5]:
        by_content[each.sha256].add(each.name)
    assert [(query.name, query.distortion) for query in task.queries] == [
        (f"{n}.jpg", way) for way in DISTORTIONS for n in range(3)
    ]
    assert sets(task) == [(by_content[query.sha256], set()) for query in task.queries]
    assert task.remarks == (
        "The gallery holds 3 different pictures that could be copied, "
        "not the 10 that were asked for: "
        "all of them ask.",
    )


def test_copies_are_drawn_by_the_seed():
    gallery = tuple(picture(f"{n}.jpg") for n in range(100))
    names = {Copies(5, seed).task(gallery).queries[:5] for seed in (0, 0, 1)}
    assert len(names) == 2
    task = Copies(5).task(gallery)
    assert len(task.queries) == 5 * len(DISTORTIONS)
    assert {replace(query, distortion="") for query in task.queries} <= set(gallery)
    assert task.remarks == ()


def test_copies_of_nothing_are_refused():
    with pytest.raises(EvaluationError, match=r"At least 1 picture must be copied. Received: 0"):
        Copies(0)
    with pytest.raises(NothingToMeasure, match="None of the gallery's 1 picture can be copied"):
        Copies().task((picture("a.jpg", distractor=True),))


def test_holidays_asks_of_the_gallery_alone_or_of_a_list():
    listed = of_names(["100", "101", "102", "200", "201", "300"], "x")
    for protocol in (Holidays(), Holidays(listed)):
        task = protocol.task((*NUMBERED, *ASTRAY))
        assert [query.name for query in task.queries] == ["100.jpg", "200.jpg"]
        assert sets(task) == [({"101.jpg", "102.jpg"}, {"100.jpg"}), ({"201.jpg"}, {"200.jpg"})]
        assert task.remarks == (
            "Left out of 3 queries: 1 that lack a right answer, or their own picture, "
            "in the gallery.",
        )
        assert all(query.crop is None for query in task.queries)
