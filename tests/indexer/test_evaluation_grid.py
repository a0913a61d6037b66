"""A grid of plain LSH: what a loop over buckets finds, and the index itself where they suffice."""

import numpy as np
import pytest

from indexer.distances import measure
from indexer.errors import BadParameter
from indexer.evaluation import fronts, grid
from indexer.evaluation.finding import find_exactly
from indexer.evaluation.grid import Setting, find_grid
from indexer.evaluation.settings import numbers, settings_of
from indexer.indexes.hashing import Hashing
from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import IndexOptions
from indexer.indexes.parameters import LshParameters
from tests.indexer.evaluating import drawn

SETTINGS = tuple(Setting(g, h, w) for g in (1, 3, 4) for h in (1, 3) for w in (0.2, 0.8, 5.0))
MOST = 4  # tables
METRICS = ["cosine", "euclidean"]


def asked(metric, **options):
    task, system = drawn(count=700, queries=12, dim=24, **options)
    exact = find_exactly(task, system, metric)[0]
    return task, system, exact


def points_of(features, unit):
    points = features.astype(np.float64)
    return points / np.linalg.norm(points, axis=1, keepdims=True) if unit else points


def in_buckets(system, setting, metric, number):
    """Return the rows of the store that share a bucket with a query."""
    unit = metric == "cosine"
    space = "unit" if unit else "raw"
    size = system.store.dim
    options = (MOST, setting.h, setting.w, 0, space, 0, unit, MOST, 0)
    hashing = Hashing.draw(LshParameters("plain", *options), size)
    images = hashing.keys(points_of(system.store.features, unit))
    query = hashing.keys(points_of(system.queries[[number]], unit))
    return np.flatnonzero((images == query)[: setting.g].any(axis=0))


@pytest.mark.parametrize("front", [1, 16, 256])
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("junk", [True, False])
def test_the_hits_are_the_nearest_in_a_querys_own_buckets(metric, junk, front, monkeypatch):
    monkeypatch.setattr(fronts, "FRONT", front)
    monkeypatch.setattr(fronts, "FRONT_CELLS", 1)
    task, system, exact = asked(metric, junk=junk)
    findings = find_grid(task, system, SETTINGS, [exact])
    assert len(findings) == len(SETTINGS)
    for setting, found in zip(SETTINGS, findings, strict=True):
        for number in range(12):
            rows = in_buckets(system, setting, metric, number)
            assert found.measures["visited"][number] == len(rows)
            distances = measure(system.store, system.queries[number], metric, rows)
            pairs = zip(distances.tolist(), system.places[rows].tolist(), strict=True)
            order = sorted(
                (d, at) for d, at in pairs if not junk or not task.truth.junk[number, at]
            )
            expected = [at for _, at in order[:10]]
            ids = found.first.ids[number].tolist()
            assert ids == expected + [-1] * (10 - len(expected))
            right = [bool(task.truth.right[number, at]) for at in expected]
            assert found.first.relevant[number].tolist() == right + [False] * (10 - len(right))
            assert found.measures["short"][number] == (len(expected) < 10)
            # Distances, as one picture is there twice.
            farthest = exact.first.distances[number, -1]
            among = sum(distance <= farthest for distance, _ in order[:10])
            assert found.measures["recall"][number] == among / 10


@pytest.mark.parametrize("metric", METRICS)
def test_where_buckets_hold_enough_the_index_answers_alike(metric):
    task, system, exact = asked(metric, junk=False)
    alike = 0
    settings = [each for each in SETTINGS if each.g == MOST]
    for setting, found in zip(
        settings, find_grid(task, system, SETTINGS, [exact])[-len(settings) :], strict=True
    ):
        options = IndexOptions(metric, "plain", setting.g, setting.h, setting.w)
        answers = LshIndex.build(system.store, options).search_many(system.queries, 10, metric)
        enough = found.measures["short"] == 0
        hits = np.sort(system.places[answers.ids], axis=1)
        assert np.sort(found.first.ids, axis=1)[enough].tolist() == hits[enough].tolist()
        assert found.measures["visited"][enough].tolist() == answers.visited[enough].tolist()
        alike += int(enough.sum())
    assert alike > 20


def test_ways_say_their_setting():
    task, system, exact = asked("cosine")
    (found,) = find_grid(task, system, [Setting(3, 2, 4.0)], [exact])
    assert found.way.kind == "lsh"
    said = {"family": "plain", "g": 3, "h": 2, "w": 4.0, "hash_space": "unit", "seed": 0}
    assert found.way.parameters == said
    assert found.last is None


def test_another_hash_space_may_be_asked_for():
    task, system, exact = asked("cosine")
    (found,) = find_grid(task, system, [Setting(3, 2, 4.0)], [exact], hash_space="raw")
    assert found.way.parameters["hash_space"] == "raw"


def test_what_plain_tables_cannot_hash_is_refused():
    task, system, exact = asked("hamming")
    with pytest.raises(BadParameter, match="cosine or Euclidean"):
        find_grid(task, system, SETTINGS, [exact])


@pytest.mark.parametrize("hash_space", [None, "raw"])
def test_several_metrics_find_what_each_finds_alone(hash_space):
    task, system = drawn(count=300, queries=12, dim=24)
    exact = [find_exactly(task, system, metric)[0] for metric in METRICS]
    both = find_grid(task, system, SETTINGS, exact, hash_space=hash_space)
    alone = [
        each
        for of_one in exact
        for each in find_grid(task, system, SETTINGS, [of_one], hash_space=hash_space)
    ]
    assert [each.way for each in both] == [each.way for each in alone]
    for ours, theirs in zip(both, alone, strict=True):
        assert ours.first.ids.tolist() == theirs.first.ids.tolist()
        assert ours.measures["visited"].tolist() == theirs.measures["visited"].tolist()


def test_a_grid_beyond_the_memory_is_refused_by_its_bytes(monkeypatch):
    task, system, exact = asked("cosine")
    monkeypatch.setattr(grid, "MOST_BYTES", 2**20)
    with pytest.raises(BadParameter, match=r"needs about .* GiB .* 12 queries among 700 pictures"):
        find_grid(task, system, SETTINGS, [exact])


def test_progress_counts_the_queries_of_each_metric_and_shape():
    task, system, exact = asked("cosine")
    told = []
    find_grid(task, system, SETTINGS, [exact], progress=told.append)
    assert [each.done for each in told] == [12 * number for number in range(8)]
    assert {(each.stage, each.total) for each in told} == {("grid", 12 * 7)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3:8", (3, 4, 5, 6, 7, 8)),
        ("4,6,8", (4, 6, 8)),
        ("3:9:2", (3, 5, 7, 9)),
        ("0.1:0.3:0.1", (0.1, 0.2, 0.3)),
        ("1, 2:3", (1, 2, 3)),
        ("5,5", (5,)),
        ("7:7", (7,)),
    ],
)
def test_numbers_are_read(text, expected):
    assert numbers("w", text) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text", ["", "a", "3:", "8:3", "1:2:3:4", "1:2:0", "nan", "inf", "0:1e9", "4,,6", "1:2:-1"]
)
def test_what_are_no_numbers_is_refused_by_name(text):
    with pytest.raises(BadParameter, match="--w takes numbers"):
        numbers("w", text)


def test_a_grid_is_every_setting():
    found = settings_of("3:4", "2", "4,6.5")
    assert found == (Setting(3, 2, 4), Setting(3, 2, 6.5), Setting(4, 2, 4), Setting(4, 2, 6.5))
    assert [type(each) for each in (found[0].g, found[0].h)] == [int, int]


def test_parts_of_tables_are_refused():
    with pytest.raises(BadParameter, match="--g takes whole numbers"):
        settings_of("3.5", "2", "4")


def test_grids_beyond_measure_are_refused():
    with pytest.raises(BadParameter, match="1000 settings at most"):
        settings_of("1:100", "1:11", "4")
