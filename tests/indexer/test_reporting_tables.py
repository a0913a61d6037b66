"""Tables of reports hold what brute force counts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.distances import FeatureStore
from indexer.evaluation import bootstrap
from indexer.evaluation.reporting.data import data_section
from indexer.evaluation.reporting.distances import distances_section
from indexer.evaluation.reporting.model import Mean
from indexer.evaluation.reporting.sequential import sequential_section
from indexer.evaluation.reporting.tables import findings_table, folded, mean_cell
from indexer.evaluation.reporting.words import joined, number, plain, within
from indexer.evaluation.spread import spread
from indexer.evaluation.tasks import Picture, Task
from indexer.types import Rejection
from tests.indexer.reporting_cases import (
    CLASSES,
    DISTRACTORS,
    OWN,
    QUERIES,
    column_of,
    figure_of,
    make_features,
    make_task,
    search,
    table_of,
    texts_of,
    value,
)

MEASURES = ("P@10", "AP", "first rank", "distance")


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    """Return the small task."""
    return make_task(tmp_path_factory.mktemp("pictures"))


def test_the_classes_of_gallery_and_queries_are_counted(task: Task, tmp_path: Path) -> None:
    table = table_of(data_section(task, (), tmp_path), "data")
    assert table.rows == (
        *((name, 8, 3) for name in CLASSES),
        ("distractors", DISTRACTORS, 0),
        ("all", OWN + DISTRACTORS, QUERIES),
    )


def test_rejected_files_are_counted_by_reason(task: Task, tmp_path: Path) -> None:
    reasons = ["damaged", "empty", "damaged"]
    rejections = [Rejection(0, f"{at}.jpg", each, "Why.") for at, each in enumerate(reasons)]
    table = table_of(data_section(task, rejections, tmp_path), "rejected")
    assert table.rows == (("damaged", 2, "0.jpg", "Why."), ("empty", 1, "1.jpg", "Why."))


def test_the_figure_of_classes_says_which_have_most(tmp_path: Path) -> None:
    labels = ["cats"] * 3 + ["dogs"] * 5 + [""]
    gallery = tuple(Picture(tmp_path, str(at), "", each) for at, each in enumerate(labels))
    section = data_section(Task(gallery, gallery[:1], make_task(tmp_path).truth), (), tmp_path)
    alt = figure_of(section, "classes").alt
    assert "2 classes" in alt
    assert "dogs has most, 5, and cats fewest, 3" in alt
    assert "1 without a class" in alt
    assert ">dogs<" in texts_of(tmp_path, "classes")


def test_sequential_search_shows_the_means_of_all_queries(task: Task) -> None:
    found = search(task, "net", 0.5)
    without = search(task, "net", 0.5, distractors=False)
    section = sequential_section(task, (found, without), measures=MEASURES)
    table = table_of(section, "sequential")
    assert column_of(table, "search") == [
        "Euclidean, with distractors",
        "Euclidean, without distractors",
    ]
    assert column_of(table, "items") == [OWN + DISTRACTORS, OWN]
    means = [value(cell) for cell in column_of(table, "P@10")]
    assert means == pytest.approx([found.measures["P@10"].mean(), without.measures["P@10"].mean()])


def test_sequential_search_by_class_shows_the_means_of_its_queries(task: Task) -> None:
    found = search(task, "net", 0.8)
    table = table_of(sequential_section(task, (found,)), "sequential-by-class")
    assert column_of(table, "class") == list(CLASSES)
    assert column_of(table, "queries") == [3, 3, 3]
    means = [value(cell) for cell in column_of(table, "Euclidean")]
    brute = [
        np.mean(
            [
                found.measures["P@10"][at]
                for at, query in enumerate(task.queries)
                if query.label == name
            ]
        )
        for name in CLASSES
    ]
    assert means == pytest.approx(brute)


def test_each_system_has_a_column_of_classes(task: Task) -> None:
    findings = (search(task, "good", 0.3), search(task, "bad", 0.9))
    table = table_of(sequential_section(task, findings), "sequential-by-class")
    assert [each.name for each in table.columns] == ["class", "queries", "good", "bad"]
    for found in findings:
        means = [value(cell) for cell in column_of(table, found.system)]
        # Each class has three queries.
        assert means == pytest.approx([found.measures["P@10"][at::3].mean() for at in range(3)])


def test_each_class_has_a_row_for_each_way_of_several_systems(task: Task) -> None:
    findings = [
        search(task, name, noise, distractors=distractors)
        for name, noise in (("good", 0.3), ("bad", 0.9))
        for distractors in (True, False)
    ]
    section = sequential_section(task, findings)
    table = table_of(section, "sequential-by-class")
    ways = ["Euclidean, with distractors", "Euclidean, without distractors"]
    assert column_of(table, "search") == [way for way in ways for _ in CLASSES]
    of_bad = [value(cell) for cell in column_of(table, "bad")][3:]
    brute = [findings[3].measures["P@10"][at::3].mean() for at in range(3)]
    assert of_bad == pytest.approx(brute)
    # All systems of a way stand together.
    assert column_of(table_of(section, "sequential"), "system") == ["good", "bad"] * 2


def test_of_long_tables_the_first_rows_are_shown(task: Task) -> None:
    assert folded(8) == 0
    assert folded(9) == 5
    assert folded(60, first=6) == 6
    assert folded(600, first=50) == 8


def test_what_nobody_measured_has_no_column(task: Task) -> None:
    table = findings_table("t", "T", [search(task, "net", 0.5)], ("P@10", "recall"))
    assert [each.name for each in table.columns] == ["system", "P@10"]


def test_what_is_not_defined_for_any_query_is_left_open(task: Task) -> None:
    found = search(task, "net", 0.5)
    nothing = {**found.measures, "AP": np.full(QUERIES, np.nan)}
    table = findings_table("t", "T", [found, replace(found, measures=nothing)], ("AP",))
    assert table.rows[1][1] is None


def test_queries_that_a_measure_is_not_defined_for_are_left_out(task: Task) -> None:
    found = search(task, "net", 0.5)
    values = found.measures["AP"].copy()
    values[0] = np.nan
    cell = findings_table("t", "T", [replace(found, measures={"AP": values})], ("AP",)).rows[0][1]
    assert isinstance(cell, Mean)
    assert cell.count == QUERIES - 1
    assert cell.value == pytest.approx(values[1:].mean())


def test_distances_are_those_of_brute_force(task: Task, tmp_path: Path) -> None:
    features, _ = make_features(task, 0.4)
    labels = np.array([each.label for each in task.gallery], np.str_)
    found = spread(FeatureStore.of(features), labels)
    section = distances_section({"net": found}, tmp_path)
    pairs = [
        (float(np.linalg.norm(features[a] - features[b])), labels[a], labels[b])
        for a in range(len(features))
        for b in range(a)
    ]
    (row,) = table_of(section, "distances").rows
    assert row[1] == pytest.approx(np.mean([each[0] for each in pairs]), rel=1e-5)
    assert row[-1] == len(pairs)
    drawn = [each[0] for each in pairs if each[1] == each[2] == CLASSES[0]]
    by_class = table_of(section, "distances-by-class")
    assert column_of(by_class, "class") == list(CLASSES)
    assert by_class.rows[0][1] == pytest.approx(np.mean(drawn), rel=1e-5)
    same = [each[0] for each in pairs if each[1] == each[2] != ""]
    by_kind = table_of(section, "distances-by-kind")
    assert column_of(by_kind, "pairs") == [len(pairs), len(same), len(pairs) - len(same)]
    assert by_kind.rows[1][3:5] == pytest.approx((np.mean(same), np.std(same)), rel=1e-5)
    assert by_kind.rows[1][5:8] == pytest.approx(np.percentile(same, (5, 50, 95)), rel=1e-5)


def test_histograms_say_where_pairs_lie(task: Task, tmp_path: Path) -> None:
    features, _ = make_features(task, 0.1)
    labels = np.array([each.label for each in task.gallery], np.str_)
    found = spread(FeatureStore.of(features), labels)
    alt = figure_of(distances_section({"net": found}, tmp_path), "distances").alt
    assert "pairs of one class lie between" in alt
    assert "By cosine similarity" in alt


def test_words() -> None:
    assert joined([]) == ""
    assert joined(["a"]) == "a"
    assert joined(["a", "b", "c"]) == "a, b and c"
    assert number(0.8134, "share") == "0.813"
    assert number(12345.6) == "12,346"
    assert number(3.01549) == "3.015"
    assert plain("a\x00b\udcff") == "a\ufffdb\ufffd"
    assert plain("abcdef", 4) == "abc…"
    assert within("First rank") == "first rank"
    assert within("P@10") == "P@10"


def test_intervals_draw_queries_that_belong_together_at_once(task: Task) -> None:
    found = search(task, "net", 1.0)
    together = replace(found, together=np.arange(QUERIES) // 4)
    cell = findings_table("t", "T", [together], ("AP",)).rows[0][1]
    assert cell == bootstrap.mean(found.measures["AP"], groups=together.together)
    some = np.arange(QUERIES) < 4
    of_one = mean_cell(together, "AP", some)
    assert of_one is not None
    assert not of_one.sure
