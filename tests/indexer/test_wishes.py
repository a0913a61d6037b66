"""What a single search may ask for, and what that leads to."""

from dataclasses import replace

import numpy as np
import pytest

from indexer.errors import BadQuery
from indexer.indexes.options import Effort
from indexer.search import SearchService
from indexer.serving.wishes import AS_BUILT, EXACT, MOST_PROBES, SHARE, Means, Planner, Wish
from indexer.shelf import Shelf
from indexer.tuning.points import Point, Tuning
from indexer.tuning.queries import GALLERY
from indexer.tuning.targets import Target
from tests.indexer.clouds import build, clusters


@pytest.fixture(scope="module")
def tuned(built) -> SearchService:
    return Shelf(built).get("shapes")


def point(probes: int, recall: float, g: int = 8) -> Point:
    return Point(g, 2, probes, 20, recall, 0.01, 0.1, 0.1, 1e4 * probes, 10**6, probes)


POINTS = (point(8, 0.7), point(16, 0.9), point(64, 0.97))
TUNING = Tuning(Target(0.9, 10), GALLERY, 100, 1, POINTS[2], (*POINTS, point(2, 0.99, g=4)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"exact": True, "recall": 0.9},
        {"recall": 0.9, "budget": 5},
        {"recall": 0.0},
        {"recall": 1.01},
        {"recall": float("nan")},
        {"budget": 0},
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(BadQuery):
        Wish(**wrong)


@pytest.mark.parametrize(
    ("recall", "probes"), [(0.1, 8), (0.69, 8), (0.7, 16), (0.96, 64), (0.97, None), (1.0, None)]
)
def test_the_least_effort_of_the_chosen_tables_that_surely_suffices_is_taken(recall, probes):
    found = TUNING.least(recall)
    assert (found.probes if found else None) == probes


def planner(service, tuning=TUNING) -> Planner:
    made = Planner(service.manifest)
    made.tuning = tuning
    return made


def test_what_was_measured_holds_only_for_such_searches(tuned):
    count = tuned.count
    mask = np.arange(count)
    for k, metric, allowed, holds in (
        (10, "cosine", None, True),
        (3, "cosine", mask != 5, True),
        (11, "cosine", None, False),
        (10, "euclidean", None, False),
        (10, "cosine", mask > 5, False),
    ):
        asked = planner(tuned).means(Wish(recall=0.8), k, metric, allowed)
        assert asked.exact is not holds
        own = planner(tuned).means(AS_BUILT, k, metric, allowed)
        assert (own.recall, own.exact) == (0.97 if holds else None, False)
        assert (own.effort is None) is (k <= 10)


def test_few_among_which_a_search_is_narrowed_are_all_measured(tuned):
    count = tuned.count
    few = np.arange(count) < count // SHARE
    assert planner(tuned).means(AS_BUILT, 10, "cosine", few) == Means(exact=True)
    more = np.arange(count) <= count // SHARE
    assert not planner(tuned).means(AS_BUILT, 10, "cosine", more).exact
    # A budget is kept to.
    assert not planner(tuned).means(Wish(budget=1), 10, "cosine", few).exact


@pytest.mark.parametrize(("k", "probes", "keep"), [(11, 71, 22), (40, 256, 80), (1000, 6400, 2000)])
def test_what_the_index_does_by_itself_grows_with_the_hits(tuned, k, probes, keep):
    assert planner(tuned).means(AS_BUILT, k, "cosine", None).effort == Effort(probes, keep)


def test_what_grows_keeps_its_reach_and_has_a_bound(tuned):
    far = replace(TUNING, chosen=replace(POINTS[2], probes=2**10, reach=0.02))
    grown = planner(tuned, far).means(AS_BUILT, 1000, "cosine", None).effort
    assert grown == Effort(MOST_PROBES, 2000, reach=0.02)


def test_a_recall_without_a_tuning_is_exact(tuned):
    assert planner(tuned, None).means(Wish(recall=0.5), 10, "cosine", None).exact


def test_an_index_that_misses_nothing_need_not_measure_everything_for_a_recall(tuned):
    manifest = replace(tuned.manifest, kind="hamming", metric="hamming", tuning={})
    assert Planner(manifest).means(Wish(recall=0.9), 10, "hamming", None) == Means()


def test_a_budget_leads_an_index_of_the_plain_family_to_further_buckets_too():
    features = clusters(1000)
    index = build(features, g=3, h=2, w=3.0, hash_space="raw")
    own, little, much = (
        index.search(features[0], 1, "euclidean", effort=effort)
        for effort in (None, Effort(MOST_PROBES, 0, 1), Effort(MOST_PROBES, 0, 200))
    )
    assert (little.visited, little.probes) == (own.visited, own.probes)
    assert own.visited < 200 <= much.visited < 1000


def test_a_budget_bounds_what_is_visited_and_no_answer_is_short(tuned):
    visited = []
    for budget in (1, 12, tuned.count):
        result = tuned.search_id(2, 5, wish=Wish(budget=budget))
        assert len(result.hits) == 5
        assert result.recall is None or result.exact
        visited.append(result.visited)
    assert visited == sorted(visited)
    assert visited[0] < tuned.count


def test_a_result_says_what_the_effort_was_measured_to_find(tuned):
    own = tuned.search_id(2, 10)
    assert own.recall == (1 if own.exact else tuned.tuning.chosen.recall)
    exact = tuned.search_id(2, 10, wish=EXACT)
    assert (exact.exact, exact.recall, exact.measured) == (True, 1, tuned.count)
    first = tuned.tuning.frontier[0]
    asked = tuned.search_id(2, 10, wish=Wish(recall=first.recall - first.error))
    assert asked.recall == (1 if asked.exact else first.recall)
