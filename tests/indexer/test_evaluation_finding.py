"""What is found for the queries of a task: that of loops over all pairs, query by query."""

from dataclasses import replace

import numpy as np
import pytest

from indexer.distances import FeatureStore, measure
from indexer.evaluation import ranking
from indexer.evaluation.errors import NothingToMeasure
from indexer.evaluation.finding import find_by_index, find_deeper, find_exactly
from indexer.evaluation.findings import Way
from indexer.evaluation.systems.base import System
from indexer.evaluation.tasks import Task
from indexer.indexes.exact import ExactIndex
from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import IndexOptions
from tests.indexer.evaluating import drawn

METRICS = ["cosine", "euclidean", "hamming"]


@pytest.fixture(params=[1, 10**6], ids="cells {}".format, autouse=True)
def blocks(request, monkeypatch):
    """Hold one query's distances, or all, at once."""
    monkeypatch.setattr(ranking, "BLOCK_CELLS", request.param)
    monkeypatch.setattr(ranking, "PASS_QUERIES", 1)


def ranked(task, system, metric, number, bound):
    """Rank the pictures of a query, those that count: places and distances."""
    found = measure(system.store, system.queries[number], metric, np.arange(system.store.count))
    pairs = zip(found.tolist(), system.places.tolist(), strict=True)
    junk = task.truth.junk
    kept = [(d, at) for d, at in pairs if at < bound and (junk is None or not junk[number, at])]
    return sorted(kept)


def assert_equals_loop(found, task, system, metric, bound, k=10):
    for number in range(len(task.queries)):
        order = ranked(task, system, metric, number, bound)
        ids = [at for _, at in order]
        assert found.first.ids[number].tolist() == ids[:k]
        assert found.last.ids[number].tolist() == ids[::-1][:k]
        np.testing.assert_allclose(found.first.distances[number], [d for d, _ in order[:k]])
        right = [bool(task.truth.right[number, at]) for at in ids]
        assert found.first.relevant[number].tolist() == right[:k]
        assert found.last.relevant[number].tolist() == right[::-1][:k]
        values = {name: each[number] for name, each in found.measures.items()}
        np.testing.assert_allclose(values["distance"], np.mean([d for d, _ in order[:k]]), 1e-5)
        if not any(right):
            assert np.isnan([values[name] for name in ("P@1", f"P@{k}", "AP", "mean rank")]).all()
            continue
        ranks = [rank for rank, hit in enumerate(right, 1) if hit]
        assert values[f"P@{k}"] == sum(right[:k]) / k
        assert values[f"R@{k}"] == pytest.approx(sum(right[:k]) / len(ranks))
        precisions = [place / rank for place, rank in enumerate(ranks, 1)]
        assert values["AP"] == pytest.approx(np.mean(precisions))
        assert (values["first rank"], values["mean rank"]) == (ranks[0], np.mean(ranks))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("options", [{}, {"junk": False}, {"half": True}], ids=str)
def test_the_exact_search_equals_a_loop(metric, options):
    task, system = drawn(**options)
    with_all, without = find_exactly(task, system, metric)
    assert with_all.way == Way(metric, "exact", {}, distractors=True)
    assert without.way == Way(metric, "exact", {}, distractors=False)
    # The furthest pictures lie apart by far more than float32's noise; Hamming distances tie.
    assert_equals_loop(with_all, task, system, metric, 120)
    assert_equals_loop(without, task, system, metric, 90)


def test_without_distractors_there_is_one_finding():
    task, system = drawn(distractors=0)
    assert [found.way.distractors for found in find_exactly(task, system, "cosine")] == [False]


def test_other_numbers_of_hits_are_named_so():
    task, system = drawn()
    found = find_exactly(task, system, "cosine", k=20, last=3)[0]
    assert {"P@1", "P@20", "AP@20", "R@20", "nDCG@20"} <= set(found.measures)
    assert found.first.ids.shape == (9, 20)
    assert found.last.ids.shape == (9, 3)


def test_rankings_shorter_than_the_hits_end_with_none():
    task, system = drawn(count=6, distractors=2, junk=False)
    found = find_exactly(task, system, "cosine")[1]
    assert (found.first.ids[:, 4:] == -1).all()
    assert np.isnan(found.first.distances[:, 4:]).all()
    assert (found.last.ids[:, 4:] == -1).all()
    assert (np.sort(found.last.ids[:, :4]) == np.arange(4)).all()


@pytest.mark.parametrize("metric", METRICS)
def test_similarities_are_cosines(metric):
    task, system = drawn()
    found = find_exactly(task, system, metric)[0]
    rows = np.argsort(system.places)[found.first.ids]
    features = system.store.features[rows].astype(np.float64)
    queries = system.queries[:, None].astype(np.float64)
    if metric == "hamming":
        features, queries = np.where(features > 0, 1, -1), np.where(queries > 0, 1, -1)
    lengths = np.linalg.norm(features, axis=2) * np.linalg.norm(queries, axis=2)
    expected = ((features * queries).sum(axis=2) / lengths).mean(axis=1)
    np.testing.assert_allclose(found.measures["similarity"], expected, atol=2e-6)


def test_pictures_that_a_system_lacks_are_not_found_and_lower_recall():
    task, system = drawn(junk=False, distractors=0)
    kept = np.flatnonzero(system.places % 2 == 0)
    features = system.store.features[kept]
    half = type(system)(
        "half", {}, type(system.store).of(features), system.places[kept], system.queries
    )
    found = find_exactly(task, half, "cosine")[0]
    assert (found.first.ids % 2 == 0).all()
    even = task.truth.right[:, ::2].sum(axis=1)
    assert (found.measures["AP"][1:] <= even[1:] / task.truth.totals[1:]).all()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("junk", [True, False])
@pytest.mark.parametrize("distractors", [True, False])
def test_an_exact_index_finds_what_the_exact_search_finds(metric, junk, distractors):
    task, system = drawn(junk=junk)
    exact = find_exactly(task, system, metric)[0 if distractors else 1]
    way = Way(metric, "exact", {}, distractors=distractors)
    found = find_by_index(task, system, ExactIndex(system.store), way, exact)
    assert found.first.distances.tolist() == exact.first.distances.tolist()
    assert found.last is None
    assert (found.measures["recall"] == 1).all()
    # The index looks at all pictures, as often as it is asked.
    asked = found.measures["visited"] / 120
    assert (asked >= 1).all()
    assert (asked == asked.astype(int)).all()
    if not junk and distractors:
        assert (asked == 1).all()
    if metric == "hamming":  # so many tie that the last hits are others, as near
        return
    assert found.first.ids.tolist() == exact.first.ids.tolist()
    for name in ("P@1", "P@10", "AP@10", "R@10", "nDCG@10", "distance", "similarity"):
        np.testing.assert_array_equal(found.measures[name], exact.measures[name])


def test_an_index_that_misses_some_has_the_recall_of_a_loop():
    task, system = drawn(count=2000, queries=40, distractors=0, dim=24)
    exact = find_exactly(task, system, "cosine")[0]
    options = IndexOptions(family="plain", g=2, h=4, w=0.4)
    index = LshIndex.build(system.store, options)
    way = Way("cosine", "lsh", {}, distractors=False)
    found = find_by_index(task, system, index, way, exact)
    pairs = zip(found.first.ids.tolist(), exact.first.ids.tolist(), strict=True)
    expected = [len({*hits} & {*truth}) / 10 for hits, truth in pairs]
    assert found.measures["recall"].tolist() == pytest.approx(expected)
    assert 0.2 < found.measures["recall"].mean() < 1
    assert (found.first.ids >= 0).all()
    assert not task.truth.ignored(slice(0, 40), found.first.ids).any()


def test_more_hits_than_the_exact_search_has_are_refused():
    task, system = drawn()
    exact = find_exactly(task, system, "cosine", k=5)[0]
    way = Way("cosine", "exact", {}, distractors=True)
    with pytest.raises(ValueError, match="5 for 10"):
        find_by_index(task, system, ExactIndex(system.store), way, exact)


def test_a_task_without_queries_is_refused():
    task, system = drawn()
    with pytest.raises(NothingToMeasure, match="no picture to search for"):
        find_exactly(Task(task.gallery, (), task.truth), system, "cosine")


def test_progress_counts_the_queries():
    task, system = drawn()
    told = []
    find_exactly(task, system, "cosine", progress=told.append)
    assert (told[0].done, told[-1].done) == (0, 9)
    assert {(each.stage, each.total) for each in told} == {("search", 9)}


def test_many_queries_share_each_pass_over_a_large_gallery(monkeypatch):
    monkeypatch.undo()
    assert ranking.queries_of_a_pass(10**6) == ranking.PASS_QUERIES >= 32


@pytest.mark.parametrize("count", [40, 120])
def test_what_further_searches_look_at_is_added_up(count):
    task, system = drawn(count=count, distractors=0)
    exact = find_exactly(task, system, "cosine")[0]
    way = Way("cosine", "exact", {}, distractors=False)
    found = find_by_index(task, system, ExactIndex(system.store), way, exact)
    for number in range(len(task.queries)):
        order = np.argsort(
            measure(system.store, system.queries[number], "cosine", np.arange(count)),
            kind="stable",
        )
        ignored = task.truth.junk[number, system.places[order]]
        # Asked once where at most one of the first eleven is ignored.
        once = ignored[:11].sum() <= 1
        assert (found.measures["visited"][number] == count) == once
        assert found.measures["visited"][number] % count == 0
    assert found.measures["visited"].max() > count


def test_copies_of_one_content_belong_together():
    task, system = drawn(queries=9)
    queries = tuple(
        replace(each, sha256=f"{at % 3}", distortion="mirrored")
        for at, each in enumerate(task.queries)
    )
    assert task.together is None
    copies = replace(task, queries=queries)
    assert copies.together.tolist() == [0, 1, 2] * 3
    assert find_exactly(copies, system, "cosine")[0].together.tolist() == [0, 1, 2] * 3


@pytest.mark.parametrize("metric", METRICS)
def test_pictures_that_are_not_of_the_task_are_passed_over(metric):
    task, whole = drawn(distractors=0)
    places = whole.places.copy()
    places[places >= 100] = -1
    smaller = Task(task.gallery[:100], task.queries, task.truth)
    aside = replace(whole, places=places)
    there = whole.places < 100
    alone = System(
        "ours",
        {},
        FeatureStore.of(whole.store.features[there]),
        whole.places[there],
        whole.queries,
    )
    (found,), (wanted,) = (find_exactly(smaller, each, metric) for each in (aside, alone))
    assert found.first.ids.tolist() == wanted.first.ids.tolist()
    assert found.last.ids.tolist() == wanted.last.ids.tolist()
    np.testing.assert_array_equal(found.measures["AP"], wanted.measures["AP"])
    index = ExactIndex(whole.store)
    answered = find_by_index(smaller, aside, index, Way(metric, "exact", {}, True), found)
    # Among pictures that lie equally far, an index answers in the order of its rows.
    np.testing.assert_array_equal(answered.first.distances, found.first.distances)
    np.testing.assert_array_equal(answered.measures["recall"], 1)
    assert 0 <= answered.first.ids.min() <= answered.first.ids.max() < 100


def test_right_answers_beyond_the_hits_of_an_index_count_as_not_found():
    task, system = drawn()
    index = ExactIndex.build(system.store, IndexOptions("cosine"))
    way = Way("cosine", "exact", {}, distractors=True)
    found = find_deeper(task, system, index, way, depth=12)
    assert set(found) == {"AP@12", "first rank@12"}
    for number in range(len(task.queries)):
        order = ranked(task, system, "cosine", number, 120)
        right = [bool(task.truth.right[number, at]) for _, at in order]
        if not any(right):
            assert np.isnan([each[number] for each in found.values()]).all()
            continue
        ranks = [rank for rank, hit in enumerate(right[:12], 1) if hit]
        precisions = [place / rank for place, rank in enumerate(ranks, 1)]
        assert found["AP@12"][number] == pytest.approx(sum(precisions) / min(12, sum(right)))
        assert found["first rank@12"][number] == (ranks[0] if ranks else 13)
