"""The benchmark of searching measures what it says it does, on few vectors; never how fast."""

import json
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from benchmarks import scale
from benchmarks.indexing.rounds import Spread
from benchmarks.search import comparing, entrants, generator, memory
from benchmarks.search.contenders import Contender, Setting, normalised, stacked
from benchmarks.search.curves import Point, chosen, front, speed_at
from benchmarks.search.data import Data, from_file, generated
from benchmarks.search.entrants import LIBRARIES, OURS
from benchmarks.search.generator import DIM, HARD, TRIALS, USUAL, Generator
from benchmarks.search.measuring import Cost, Entry, Figures, Wish, measure
from benchmarks.search.truth import Truth
from indexer.distances import FeatureStore

COUNT, QUERIES, K = 2000, 30, 10
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Data:
    return generated(COUNT, QUERIES, 0, tmp_path_factory.mktemp("vectors"))


@pytest.fixture(scope="module")
def truth(data) -> Truth:
    return Truth.of(FeatureStore.of(data.features), data.queries, K)


def built(curve: str, data: Data) -> Contender:
    """Return the first index of a curve, built."""
    contender = entrants.entrants(1, [curve])[0][0]
    contender.build(contender.prepared(data.features))
    return contender


def answers(contender: Contender, data: Data, setting: Setting) -> np.ndarray:
    queries = contender.prepared(data.queries)
    return stacked([contender.search(query, K, setting) for query in queries], K)


def test_a_seed_gives_the_same_vectors_whatever_their_number(tmp_path, data, monkeypatch):
    Generator(USUAL, 0).write(tmp_path / "fewer.npy", 500)
    assert np.allclose(np.load(tmp_path / "fewer.npy"), data.features[:500], atol=1e-4)
    assert not np.array_equal(Generator(USUAL, 1).queries(5), Generator(USUAL, 0).queries(5))
    assert not np.array_equal(Generator(HARD, 0).queries(5), Generator(USUAL, 0).queries(5))
    monkeypatch.setattr(generator, "ROWS", 64)
    in_blocks = Generator(USUAL, 0).queries(200)
    assert in_blocks.shape == (200, DIM)
    assert len(np.unique(in_blocks, axis=0)) == 200


def test_generated_vectors_are_like_those_of_a_network(data, truth):
    assert data.features.dtype == np.float32
    assert data.features.min() == 0
    assert (data.features == 0).mean() == pytest.approx(0.6, abs=0.02)
    apart = np.linalg.norm(data.features[:500] - data.features[500:1000], axis=1)
    assert np.median(apart) == pytest.approx(40, rel=0.1)
    first = np.linalg.norm(data.features[truth.ids[:, 0]] - data.queries, axis=1)
    assert 0.3 < np.median(first) / np.median(apart) < 0.6


def test_queries_are_in_no_gallery(data):
    everyone = np.concatenate([data.features, data.queries, data.trials])
    assert len(np.unique(everyone, axis=0)) == len(everyone)
    assert np.array_equal(data.trials[:9], Generator(USUAL, 0).queries(9, TRIALS))


def test_queries_are_taken_out_of_a_file(tmp_path, data):
    np.save(tmp_path / "all.npy", data.features)
    taken = from_file(tmp_path / "all.npy", 1000, 20, 0, tmp_path)
    assert taken.features.shape == (1000, DIM)
    assert len(taken.queries) == 20
    everyone = np.concatenate([taken.features, taken.queries, taken.trials])
    assert len(np.unique(everyone, axis=0)) == len(everyone)
    with pytest.raises(SystemExit, match=r"2,000 vectors, no more than the queries"):
        from_file(tmp_path / "all.npy", 1000, COUNT, 0, tmp_path)


def test_true_neighbours_are_those_of_brute_force(data, truth):
    units = normalised(data.features).astype(np.float64)
    cosines = normalised(data.queries).astype(np.float64) @ units.T
    assert np.array_equal(truth.ids, np.argsort(-cosines, axis=1)[:, :K])
    assert truth.recall(truth.ids) == 1.0
    assert truth.recall(truth.ids[:, ::-1]) == 1.0


def test_a_hit_is_right_by_its_distance_and_counts_once():
    features = np.eye(6, dtype=np.float32)[[0, 1, 1, 1, 2, 3]]
    query = features[:1] + 0.5 * features[1:2]
    truth = Truth.of(FeatureStore.of(features), query, 2)
    assert truth.ids.tolist() == [[0, 1]]
    assert truth.recall(np.array([[0, 3]])) == 1.0
    assert truth.recall(np.array([[3, 2]])) == 1.0
    assert truth.recall(np.array([[0, 0]])) == 0.5
    assert truth.recall(np.array([[0, 4]])) == 0.5
    assert truth.recall(np.array([[0, -1]])) == 0.5


def test_a_front_leaves_out_what_another_beats_in_both():
    points = [Point(0.9, 100), Point(0.95, 50), Point(0.92, 40), Point(0.99, 10), Point(0.99, 8)]
    assert front(points) == [0, 1, 3]
    assert front(points, slack=1.3) == [0, 2, 1, 4, 3]
    assert chosen(points, 0.91) == 1
    assert chosen(points, 0.999) is None


def test_speed_at_a_recall_is_between_that_of_its_neighbours():
    points = [Point(0.99, 10), Point(0.95, 1000), Point(0.96, 1)]
    assert speed_at(points, 0.95) == pytest.approx(1000)
    assert speed_at(points, 0.97) == pytest.approx(100)
    assert speed_at(points, 0.5) == pytest.approx(1000)
    assert speed_at(points, 0.999) is None


def figures(curve: str, build: float, *points: Point) -> list[Figures]:
    """Return what might have been measured of an index."""
    contender = Named(curve)
    cost = Cost(build, 0, None)
    return [
        Figures(Entry(contender, Setting(), cost), recall, Spread(speed, speed, speed), None)
        for recall, speed in ((point.recall, point.speed) for point in points)
    ]


class Named(entrants.Exact):
    """An index that has a curve of its own, and is a graph unless it is ours."""

    def __init__(self, curve: str) -> None:
        super().__init__(curve, curve, 1)
        self.graph = curve != OURS


def test_ours_is_held_against_what_is_wanted():
    found = [
        *figures(OURS, 2.0, Point(0.95, 6080), Point(0.98, 3000)),
        *figures("faiss-hnsw", 30.0, Point(0.9, 4000), Point(0.99, 4000)),
    ]
    compared = {each.recall: each.ratio for each in comparing.comparisons(found)}
    assert compared[0.95] == pytest.approx(1.52)
    assert compared[0.97] < 1
    assert compared[0.99] is None
    assert [each.met for each in comparing.wanted(found)] == [True, False, False, True]
    assert comparing.comparisons(figures("faiss-hnsw", 1.0, Point(0.9, 4000))) == []


def test_every_index_is_found_by_its_curve_and_no_other():
    with pytest.raises(SystemExit, match=r"There is no tree: choose of exact, report, plain"):
        entrants.entrants(1, ["tree"])
    present, absent = entrants.entrants(1)
    assert {each.curve for each in present}.isdisjoint(absent)
    assert {name for name, module in LIBRARIES.items() if not find_spec(module)} == set(absent)
    names = [each.name for each in present]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("curve", ["exact", "plain", OURS, "ours-p-stable"])
def test_ours_find_neighbours_alone_and_in_batches(curve, data, truth, tmp_path):
    contender = built(curve, data)
    found = max(truth.recall(answers(contender, data, each)) for each in contender.settings())
    assert found == 1.0 if curve == "exact" else found > 0.6
    setting = contender.settings()[-1]
    alone = answers(contender, data, setting)
    assert np.array_equal(contender.search_many(data.queries, K, setting), alone)
    contender.save(tmp_path)
    contender.load(tmp_path)
    assert np.array_equal(answers(contender, data, setting), alone)
    assert K <= contender.visited(data.queries, K, setting) <= COUNT
    assert contender.bytes >= data.features.nbytes


@pytest.mark.parametrize("curve", LIBRARIES)
def test_those_of_others_find_neighbours_where_they_are_installed(curve, data, truth, tmp_path):
    pytest.importorskip(LIBRARIES[curve])
    contender = built(curve, data)
    setting = contender.settings()[-1]
    alone = answers(contender, data, setting)
    assert truth.recall(alone) > (0.6 if curve == "faiss-ivf" else 0.9)
    many = contender.search_many(contender.prepared(data.queries), K, setting)
    assert np.array_equal(many, alone)
    if contender.savable:
        contender.save(tmp_path)
        contender.load(tmp_path)
        assert np.array_equal(answers(contender, data, setting), alone)


@pytest.mark.parametrize("batch", [False, True])
def test_what_is_measured_is_on_the_front_and_has_its_costs(batch, data, tmp_path):
    contenders, _ = entrants.entrants(2, ["exact", OURS])
    few = replace(data, trials=data.trials[:50])
    found = measure(contenders, few, Wish(K, 2, 0.02, batch), tmp_path)
    exact, *ours = found
    assert exact.recall == 1.0
    assert exact.visited == 1.0
    assert exact.entry.targets == (0.9, 0.95, 0.99)
    assert ours[-1].recall > 0.9
    assert all(each.visited < 1 for each in ours)
    assert {0.9, 0.95} <= {target for each in ours for target in each.entry.targets}
    for each in found:
        assert each.speed.lowest <= each.speed.median <= each.speed.highest
        assert each.entry.cost.build > 0
        assert each.entry.cost.load > 0


def test_the_command_prints_and_writes_what_it_found(tmp_path):
    options = ["--n", "1500", "--queries", "20", "--rounds", "1", "--seconds", "0.02"]
    files = ["--json", str(tmp_path / "found.json"), "--plot", str(tmp_path / "found.svg")]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.search", *options, *files, "--only", "exact", OURS],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "1,500 generated vectors of 2,048 dimensions, 20 queries" in done.stdout
    assert "exact scan" in done.stdout
    found = json.loads((tmp_path / "found.json").read_text())
    assert {each["curve"] for each in found["figures"]} == {"exact", OURS}
    assert len(found["comparisons"]) == 3
    assert (tmp_path / "found.svg").read_text().startswith("<?xml")


@pytest.mark.campaign
def test_sizes_are_built_and_searched_one_after_another(tmp_path, capsys):
    scale.main(["--sizes", "1200", "1500", "--queries", "20", "--json", str(tmp_path / "s.json")])
    printed = capsys.readouterr().out
    assert "1,200 vectors" in printed
    found = json.loads((tmp_path / "s.json").read_text())
    assert [each["n"] for each in found] == [1200, 1500]
    for each in found:
        assert set(each["stages"]) == {"lengths", "tables", "writing", "opening"}
        assert each["tables"] > 0
        assert each["searching"][0]["recall"] > 0.8


def test_the_peak_is_of_memory_that_was_taken():
    with memory.peak() as seen:
        taken = np.ones(20_000_000)  # more than an allocator keeps in store
    assert seen.bytes > 0.9 * taken.nbytes
