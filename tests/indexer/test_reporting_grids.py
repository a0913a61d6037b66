"""Tables and figures of indexes and of grids show each setting as it was measured."""

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.evaluation.findings import Way
from indexer.evaluation.reporting.grids import grid_section, index_section
from indexer.evaluation.tasks import Task
from tests.indexer.reporting_cases import (
    column_of,
    figure_of,
    make_task,
    search,
    search_grid,
    table_of,
    texts_of,
    value,
)


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    """Return the small task."""
    return make_task(tmp_path_factory.mktemp("pictures"))


def test_a_grid_has_a_row_for_each_setting(task: Task, tmp_path: Path) -> None:
    findings = search_grid(task)
    exact = search(task, "net", 0.3, way=Way("cosine", "exact", {}, True))
    table = table_of(grid_section(task, findings, [exact], tmp_path), "grid")
    settings = [tuple(row[:3]) for row in table.rows]
    wanted = [(g, h, w) for w in (4, 6) for g in (3, 4, 5) for h in (2, 3, 4)]
    assert sorted(settings) == sorted(wanted)
    assert f"Exact search finds P@10 {exact.measures['P@10'].mean():.3f}" in table.note


def test_what_no_setting_betters_stands_first(task: Task, tmp_path: Path) -> None:
    table = table_of(grid_section(task, search_grid(task), [], tmp_path), "grid")
    found = [value(cell) for cell in column_of(table, "P@10")]
    visited = [value(cell) for cell in column_of(table, "Visited")]
    points = list(zip(found, visited, strict=True))
    front = [
        (p, v)
        for p, v in points
        if not any((a > p and b <= v) or (a >= p and b < v) for a, b in points)
    ]
    count = len(set(front))
    assert sorted(set(front), reverse=True) == points[:count]
    assert found[count:] == sorted(found[count:], reverse=True)
    assert f"the {count} setting" in table.note


def test_metrics_stand_beside_each_other(task: Task, tmp_path: Path) -> None:
    findings = search_grid(task)
    other = [
        replace(
            each,
            way=replace(each.way, metric="euclidean"),
            measures={**each.measures, "P@10": each.measures["P@10"] / 2},
        )
        for each in findings
    ]
    table = table_of(grid_section(task, [*findings, *other], [], tmp_path), "grid")
    assert len(table.rows) == len(findings)
    names = [each.name for each in table.columns]
    assert names[3:] == [
        "P@10 cosine",
        "Recall cosine",
        "P@10 Euclidean",
        "Distance",
        "Recall Euclidean",
        "Visited",
    ]
    for row in table.rows:
        assert value(row[6 - 1]) == pytest.approx(value(row[3]) / 2)


def test_the_figures_of_a_grid_say_how_lines_go(task: Task, tmp_path: Path) -> None:
    findings = search_grid(task, range(3, 6), range(2, 4))
    section = grid_section(task, findings, [], tmp_path)
    by_g = figure_of(section, "grid-g").alt
    assert "h = 2, w = 4: 60 at g = 3, 100 at g = 5." in by_g
    first = findings[0].measures["P@10"].mean()
    last = findings[1].measures["P@10"].mean()
    by_h = figure_of(section, "grid-h").alt
    assert f"g = 3, w = 4: {first:.3f} at h = 2, {last:.3f} at h = 3." in by_h


def test_recall_against_visited_names_the_ends_of_the_front(task: Task, tmp_path: Path) -> None:
    findings = search_grid(task)
    alt = figure_of(grid_section(task, findings, [], tmp_path), "grid-recall").alt
    # The least visited is g = 3, h = 4, w = 4; the best recall of all is 0.8, at g = 5, h = 2.
    assert "18 settings" in alt
    assert "g = 3, h = 4, w = 4 finds 0.300 and visits 30" in alt
    assert "g = 5, h = 2, w = 6 finds 0.800 and visits 150" in alt


def test_of_several_systems_the_first_and_the_best_are_drawn_apart(
    task: Task, tmp_path: Path
) -> None:
    one = search_grid(task, range(3, 5), range(2, 4))
    two = [replace(each, system="other") for each in one]
    best = [replace(e, measures={**e.measures, "P@10": e.measures["P@10"] + 0.1}) for e in two]
    section = grid_section(
        task, [*one, *two, *(replace(e, system="best") for e in best)], [], tmp_path
    )
    assert figure_of(section, "grid-h").caption.endswith(": net, cosine")
    assert figure_of(section, "grid-h-2").caption.endswith(": best, cosine")
    # The others have their tables, and their line in the figure of all.
    assert [each.name for each in section.blocks if each.type == "table"] == [
        "grid",
        "grid-2",
        "grid-3",
    ]
    assert ">other<" in texts_of(tmp_path, "grid-recall")


def test_parameters_that_are_all_the_same_stand_in_the_note(task: Task, tmp_path: Path) -> None:
    findings = [
        replace(each, way=replace(each.way, parameters={**each.way.parameters, "seed": 7}))
        for each in search_grid(task)
    ]
    table = table_of(grid_section(task, findings, [], tmp_path), "grid")
    assert "seed" not in [each.name for each in table.columns]
    assert table.note.endswith("With seed = 7.")


def test_every_figure_of_a_grid_is_small(task: Task, tmp_path: Path) -> None:
    grid_section(task, search_grid(task, range(3, 9)), [], tmp_path)
    sizes = [each.stat().st_size for each in (tmp_path / "figures").glob("*.svg")]
    assert len(sizes) == 3
    assert max(sizes) < 60_000


def test_search_by_an_index_shows_what_it_visits(task: Task) -> None:
    (found,) = search_grid(task, range(3, 4), range(2, 3))[:1]
    section = index_section(task, [found], [search(task, "net", 0.3)])
    table = table_of(section, "index")
    assert column_of(table, "search") == ["LSH"]
    assert value(column_of(table, "Visited")[0]) == 60
    named = [each.name for each in table_of(section, "index-by-class").columns]
    assert named[-1] == "LSH with g = 3, h = 2 and w = 4, cosine"
