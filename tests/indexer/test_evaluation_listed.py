"""Oxford's and Holidays' tasks: setups, missing pictures, and AP by the original definition."""

import numpy as np
import pytest

from indexer.evaluation.errors import EvaluationError, NothingToMeasure
from indexer.evaluation.finding import kept
from indexer.evaluation.groundtruth.model import GroundTruth, Query, stem_of
from indexer.evaluation.groundtruth.reading import read_ground_truth
from indexer.evaluation.judging import of_all
from indexer.evaluation.metrics import compressed
from indexer.evaluation.protocols.holidays import Holidays
from indexer.evaluation.protocols.oxford import Oxford
from indexer.evaluation.standings import Ranks
from tests.indexer.asking import picture, sets
from tests.indexer.by_hand import compute_ap

BOX = (1.0, 2.0, 30.0, 40.0)
ORIGINAL = GroundTruth("small", (Query("a", BOX, ("a", "b"), ("c",), ("d", "e")),), tuple("abcdef"))
REVISITED = GroundTruth(
    "rsmall",
    (
        Query("q", BOX, easy=("a", "b"), hard=("c",), junk=("d",)),
        Query("r", BOX, easy=(), hard=("e",), junk=("a",)),
    ),
    tuple("abcdef"),
)


def gallery(names, distractors=0):
    own = tuple(picture(f"jpg/{name}.jpg") for name in names)
    return (*own, *(picture(f"x/{name}.jpg", distractor=True) for name in names[:distractors]))


def stems(task):
    return [tuple({stem_of(name) for name in part} for part in parts) for parts in sets(task)]


def test_the_original_counts_the_query_and_ignores_junk():
    task = Oxford(ORIGINAL).task(gallery("fedcba", distractors=2))
    assert stems(task) == [({"a", "b", "c"}, {"d", "e"})]
    assert (task.queries[0].name, task.queries[0].crop) == ("jpg/a.jpg", BOX)
    assert all(each.crop is None for each in task.gallery)
    assert (len(task.gallery), task.own, task.remarks) == (8, 6, ())


@pytest.mark.parametrize(
    ("setup", "queries", "expected"),
    [
        ("easy", ["q"], [({"a", "b"}, {"c", "d"})]),
        ("medium", ["q", "r"], [({"a", "b", "c"}, {"d"}), ({"e"}, {"a"})]),
        ("hard", ["q", "r"], [({"c"}, {"a", "b", "d"}), ({"e"}, {"a"})]),
    ],
)
def test_revisited_setups_sort_right_from_ignored(setup, queries, expected):
    task = Oxford(REVISITED, setup).task(gallery("qrabcdef"))
    assert [stem_of(query.name) for query in task.queries] == queries
    assert stems(task) == expected
    left_out = (
        "Left out of 2 queries: 1 that lack a right answer, or their own picture, in the gallery.",
    )
    assert task.remarks == (left_out if setup == "easy" else ())


def test_revisited_galleries_do_not_hold_the_queries():
    task = Oxford(REVISITED, "medium").task(gallery("aqbrcdef", distractors=3))
    assert [stem_of(each.name) for each in task.gallery[: task.own]] == list("abcdef")
    assert [each.distractor for each in task.gallery[task.own :]] == [True] * 3


@pytest.mark.parametrize(
    ("truth", "setup", "known"),
    [(ORIGINAL, "hard", "original"), (REVISITED, "original", "easy, medium, hard")],
)
def test_a_setup_that_the_truth_has_no_lists_for_is_refused(truth, setup, known):
    with pytest.raises(EvaluationError, match=f"setups {known}. Received: '{setup}'.*--setup"):
        Oxford(truth, setup)


def test_missing_pictures_are_counted_and_one_is_named():
    with pytest.raises(
        EvaluationError, match=r"lacks 2 of the 6 pictures .*instance c\. .*--partial"
    ):
        Oxford(ORIGINAL).task(gallery("abdf"))


def test_distractors_do_not_stand_for_missing_pictures():
    with pytest.raises(EvaluationError, match="lacks 1 of the 6 pictures"):
        Oxford(ORIGINAL).task((*gallery("abcde"), picture("f.jpg", distractor=True)))


def test_a_partial_gallery_cuts_what_is_right_and_says_so():
    task = Oxford(ORIGINAL, partial=True).task(gallery("abdf"))
    assert stems(task) == [({"a", "b"}, {"d"})]
    assert "lacks 2 of the 6 pictures" in task.remarks[0]
    assert "cannot be compared with published ones" in task.remarks[0]


def test_a_query_whose_picture_is_missing_is_left_out():
    task = Oxford(REVISITED, "medium", partial=True).task(gallery("rabcdef"))
    assert [query.name for query in task.queries] == ["jpg/r.jpg"]
    assert stems(task) == [({"e"}, {"a"})]
    assert task.remarks[1].startswith("Left out of 2 queries: 1 that")


def test_a_gallery_of_something_else_is_refused():
    with pytest.raises(NothingToMeasure, match="None of 1 query of the ground truth small"):
        Oxford(ORIGINAL, partial=True).task(gallery("xyz"))


def test_two_pictures_of_one_name_are_refused():
    pictures = (*gallery("abcdef"), picture("png/c.png"))
    with pytest.raises(EvaluationError, match=r"could be c of .*jpg/c\.jpg and .*png/c\.png"):
        Oxford(ORIGINAL).task(pictures)
    assert Oxford(ORIGINAL).task((*gallery("abcdefg"), picture("png/g.png"))).own == 8


def test_pictures_that_the_truth_does_not_name_are_told():
    (remark,) = Oxford(ORIGINAL).task(gallery("abcdefgh")).remarks
    assert "holds 2 pictures that small does not name" in remark
    assert "jpg/g.jpg, jpg/h.jpg" in remark


def test_text_files_tell_nothing_of_the_rest_of_the_gallery():
    truth = GroundTruth("text", ORIGINAL.queries)
    assert Oxford(truth).task(gallery("abcdefgh")).remarks == ()
    with pytest.raises(EvaluationError, match="lacks 1 of the 5 pictures"):
        Oxford(truth).task(gallery("abcdxyz"))


def ap_of_truth(task, row, ranking):
    """Return the AP of a ranking of ids as exact search measures it."""
    rows, ids = slice(row, row + 1), ranking[None]
    right = compressed(task.truth.relevant(rows, ids), kept(task.truth, rows, ids), False)
    return of_all(Ranks.of(right), task.truth.totals[rows], 10)["AP trapezoid"][0]


def agree(task, truth, lists, rng):
    """Compare AP by the truth with that by the published lists, on random rankings."""
    names = ["" if each.distractor else stem_of(each.name) for each in task.gallery]
    by_image = {query.image: [] for query in truth.queries}
    for query in truth.queries:
        by_image[query.image].append(query)
    for row, asked in enumerate(task.queries):
        image = stem_of(asked.name)
        query = next(each for each in by_image[image] if each.box == asked.crop)
        right, ignored = lists(query)
        ranking = rng.permutation(len(names))
        expected = compute_ap([names[place] for place in ranking], set(right), set(ignored))
        assert ap_of_truth(task, row, ranking) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", ["oxford5k", "paris6k"])
def test_ap_of_the_published_ground_truth_is_the_original(shared, name):
    truth = read_ground_truth(shared / f"data/protocols/gnd_{name}.pkl")
    rng = np.random.default_rng(0)
    pictures = gallery(rng.permutation(truth.images).tolist(), distractors=50)
    task = Oxford(truth).task(pictures)
    assert (len(task.queries), task.own, task.remarks) == (55, len(truth.images), ())
    agree(task, truth, lambda query: (query.good + query.ok, query.junk), rng)


def test_ap_of_the_published_holidays_is_the_original(shared):
    truth = read_ground_truth(shared / "data/protocols/holidays_images.dat")
    task = Holidays(truth).task(gallery(truth.images))
    assert (len(task.queries), task.own, task.remarks) == (500, 1491, ())
    agree(task, truth, lambda query: (query.good, [query.image]), np.random.default_rng(1))


@pytest.mark.parametrize(
    ("setup", "lists"),
    [
        ("easy", lambda query: (query.easy, query.junk + query.hard)),
        ("medium", lambda query: (query.easy + query.hard, query.junk)),
        ("hard", lambda query: (query.hard, query.junk + query.easy)),
    ],
)
def test_ap_of_revisited_setups_is_the_original(setup, lists):
    rng = np.random.default_rng(2)
    images = tuple(f"i{n}" for n in range(300))
    queries = []
    for number in range(20):
        names = rng.permutation(images).tolist()
        easy, hard, junk = names[: number % 7], names[7 : 7 + number % 5], names[20:60]
        queries.append(
            Query(f"q{number}", BOX, easy=tuple(easy), hard=tuple(hard), junk=tuple(junk))
        )
    truth = GroundTruth("random", tuple(queries), images)
    task = Oxford(truth, setup).task(gallery([*images, *(query.image for query in queries)]))
    assert len(task.queries) == sum(bool(lists(query)[0]) for query in queries)
    agree(task, truth, lists, rng)
