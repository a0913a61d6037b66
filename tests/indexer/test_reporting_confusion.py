"""Confusions, comparisons and maps of reports show what was found."""

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.evaluation.findings import Findings, Hits, Way
from indexer.evaluation.reporting.comparing import by_difference, comparing_section
from indexer.evaluation.reporting.confusion import confusion_of, confusion_section, heat_map
from indexer.evaluation.reporting.mapping import map_section, principal, sampled
from indexer.evaluation.reporting.model import Figure, Looks, Table
from indexer.evaluation.tasks import Task
from tests.indexer.reporting_cases import (
    CLASSES,
    make_system,
    make_task,
    search,
    table_of,
)


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    """Return the small task."""
    return make_task(tmp_path_factory.mktemp("pictures"))


def test_confusion_counts_the_classes_of_hits(task: Task) -> None:
    found = search(task, "net", 1.0)
    got = confusion_of(task, found)
    for row, name in enumerate(CLASSES):
        hits = [
            task.gallery[at].label or "distractors"
            for query, ids in zip(task.queries, found.first.ids, strict=True)
            if query.label == name
            for at in ids
        ]
        shares = [hits.count(column) / len(hits) for column in got.columns]
        assert got.shares[row].tolist() == pytest.approx(shares)
    assert got.columns == (*CLASSES, "distractors")
    assert got.queries.tolist() == [3, 3, 3]


def test_a_class_may_be_called_as_what_has_none(task: Task) -> None:
    rename = {CLASSES[0]: "distractors", CLASSES[1]: "no class"}
    gallery, queries = (
        tuple(replace(each, label=rename.get(each.label, each.label)) for each in pictures)
        for pictures in (task.gallery, task.queries)
    )
    found = search(task, "net", 1.0)
    got = confusion_of(replace(task, gallery=gallery, queries=queries), found)
    assert got.shares.tolist() == confusion_of(task, found).shares.tolist()


def test_the_most_confused_classes_come_first(task: Task, tmp_path: Path) -> None:
    found = search(task, "net", 1.0)
    section = confusion_section(task, [found], tmp_path)
    assert section is not None
    pairs = table_of(section, "confusion-pairs")
    shares = [float(str(row[3])) for row in pairs.rows]
    assert shares == sorted(shares, reverse=True)
    assert all(row[0] != row[1] for row in pairs.rows)
    figure = section.blocks[0]
    assert isinstance(figure, Figure)
    assert f"queries of {pairs.rows[0][0]} that find {pairs.rows[0][1]}" in figure.alt


def test_queries_of_one_class_cannot_be_confused(task: Task, tmp_path: Path) -> None:
    same = replace(task, queries=tuple(replace(each, label="one") for each in task.queries))
    assert confusion_section(same, [search(task, "net", 1.0)], tmp_path) is None


def test_the_confusions_of_systems_stand_in_one_section(task: Task, tmp_path: Path) -> None:
    findings = [search(task, "a", 0.4), search(task, "b", 1.2)]
    section = confusion_section(task, findings, tmp_path)
    assert section is not None
    captions = [each.caption for each in section.blocks if isinstance(each, Figure)]
    assert [caption.rsplit(": ")[-1] for caption in captions] == ["a", "b"]
    table = table_of(section, "confusion")
    wanted = [(found.system, label) for found in findings for label in CLASSES]
    assert [row[:2] for row in table.rows] == wanted
    for found, rows in zip(findings, (table.rows[:3], table.rows[3:]), strict=True):
        alone = confusion_of(task, found)
        places = [[each.name for each in table.columns].index(name) for name in alone.columns]
        assert [[row[at] for at in places] for row in rows] == alone.shares.tolist()


def test_the_heat_map_of_many_classes_stays_small(task: Task, tmp_path: Path) -> None:
    got = confusion_of(task, search(task, "net", 1.0))
    names = tuple(f"class {at}" for at in range(20))
    shares = np.random.default_rng(0).dirichlet(np.full(20, 0.5), 20)
    many = replace(got, classes=names, columns=names, queries=np.full(20, 3))
    many = replace(many, pairs=np.argwhere(shares >= 0), parts=shares.ravel())
    heat_map(many, tmp_path, "confusion", "net")
    assert (tmp_path / "figures" / "confusion.svg").stat().st_size < 60_000


def test_queries_are_ordered_by_how_much_systems_differ(task: Task) -> None:
    a, b = search(task, "a", 0.3), search(task, "b", 0.9)
    apart = np.abs(b.measures["AP"] - a.measures["AP"])
    order = by_difference(a, b, "AP")
    assert apart[order].tolist() == sorted(apart[apart > 0], reverse=True)


def test_two_systems_are_shown_side_by_side(task: Task, tmp_path: Path) -> None:
    a, b = search(task, "a", 0.3), search(task, "b", 0.9)
    section = comparing_section(task, a, [b], tmp_path, headline="AP")
    table, strips = section.blocks
    assert isinstance(table, Table)
    assert isinstance(strips, Looks)
    first = int(by_difference(a, b, "AP")[0])
    assert table.rows[0][:4] == (
        task.queries[first].name,
        task.queries[first].label,
        a.measures["AP"][first],
        b.measures["AP"][first],
    )
    assert [each.system for each in strips.strips[:2]] == ["a", "b"]
    assert strips.strips[0].query == strips.strips[1].query
    ahead = int((b.measures["AP"] > a.measures["AP"]).sum())
    assert f"{ahead} quer" in section.text[0]


def test_systems_that_answer_alike_have_no_queries_to_show(task: Task, tmp_path: Path) -> None:
    a = search(task, "a", 0.3)
    section = comparing_section(task, a, [replace(a, system="b")], tmp_path, headline="AP")
    assert [each.type for each in section.blocks] == ["table"]
    assert "9 in which they are even" in section.text[0]


@pytest.mark.parametrize(("count", "dim"), [(40, 7), (6, 30)])
def test_principal_components_are_those_of_a_singular_value_decomposition(
    count: int, dim: int
) -> None:
    features = np.random.default_rng(0).standard_normal((count, dim)) * np.linspace(3, 1, dim)
    places, explained = principal(features)
    centred = features - features.mean(axis=0)
    _, values, rows = np.linalg.svd(centred, full_matrices=False)
    assert np.abs(places) == pytest.approx(np.abs(centred @ rows[:2].T))
    assert explained == pytest.approx(values[:2] ** 2 / (values**2).sum())


@pytest.mark.parametrize("features", [np.ones((1, 4)), np.ones((5, 4)), np.ones((3, 1))])
def test_features_without_two_components_lie_in_one_place(features: np.ndarray) -> None:
    places, explained = principal(features)
    assert places.tolist() == [[0, 0]] * len(features)
    assert explained.tolist() == [0, 0]


def test_a_map_shows_each_picture_by_its_own_class(task: Task) -> None:
    system = make_system(task)
    sample = sampled(task, system)
    wanted = [task.gallery[at].label or "distractors" for at in system.places]
    assert list(sample.labels) == wanted
    assert np.linalg.norm(sample.features, axis=1) == pytest.approx(1)


def test_a_map_says_what_it_explains_and_names_its_classes(task: Task, tmp_path: Path) -> None:
    system = make_system(task)
    section = map_section(task, system, tmp_path)
    figure = section.blocks[0]
    assert isinstance(figure, Figure)
    _, explained = principal(sampled(task, system).features)
    assert f"explain {explained[0]:.3f} and {explained[1]:.3f}" in figure.caption
    assert "30 pictures of 3 classes" in figure.alt
    svg = (tmp_path / "figures" / "map.svg").read_text()
    assert all(f">{name}<" in svg for name in (*CLASSES, "distractors"))
    assert len(svg) < 60_000


def test_classes_beyond_a_matrix_take_little_memory(task: Task) -> None:
    """Twenty thousand people, each asked for once: a table of all pairs would take gigabytes."""
    count = 20_000
    one = task.gallery[1]
    people = tuple(replace(one, label=f"{at:05}", distractor=False) for at in range(count))
    ids = np.stack([np.arange(count), np.roll(np.arange(count), 1)], axis=1)
    hits = Hits(ids, np.zeros(ids.shape, np.float32), np.zeros(ids.shape, np.bool_))
    found = Findings("net", Way("cosine", "exact", {}, False), hits, None, {})
    tracemalloc.start()
    got = confusion_of(Task(people, people, task.truth), found)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**27
    assert len(got.wrong()) == count
    assert got.wrong()[:2] == [(0, count - 1, 0.5), (1, 0, 0.5)]
