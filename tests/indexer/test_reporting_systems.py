"""Systems are compared query by query, and words claim no more than figures."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.evaluation.findings import Findings, Way
from indexer.evaluation.reporting.bars import comparison_bars
from indexer.evaluation.reporting.captions import answer
from indexer.evaluation.reporting.model import Mean
from indexer.evaluation.reporting.systems import (
    differences_table,
    judged,
    systems_section,
    verdicts_table,
)
from indexer.evaluation.tasks import Task
from tests.indexer.reporting_cases import (
    QUERIES,
    column_of,
    figure_of,
    make_task,
    search,
    texts_of,
    value,
)

MEASURES = ("P@10", "AP", "first rank", "distance")


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    """Return the small task."""
    return make_task(tmp_path_factory.mktemp("pictures"))


def test_systems_are_compared_query_by_query(task: Task) -> None:
    good, bad = search(task, "good", 0.2), search(task, "bad", 1.5)
    table = differences_table([good, bad], ["P@10", "first rank"])
    assert table.caption.endswith("compared with good")
    assert column_of(table, "system") == ["bad"]
    for name, title in (("P@10", "P@10"), ("first rank", "First rank")):
        (apart,) = (value(cell) for cell in column_of(table, title))
        assert apart == pytest.approx(np.mean(bad.measures[name] - good.measures[name]))
    assert [each.kind for each in table.columns] == ["text", "share", "number"]
    verdicts = verdicts_table([good, bad], ["P@10", "first rank"])
    assert verdicts.rows == (("bad", "worse", "worse"),)


def test_the_same_system_is_no_different_from_itself(task: Task) -> None:
    good = search(task, "good", 0.2)
    table = verdicts_table([good, replace(good, system="again")], ["P@10"])
    assert column_of(table, "P@10") == ["no difference"]


@pytest.mark.parametrize(
    ("low", "high", "measure", "verdict"),
    [
        (0.1, 0.3, "P@10", "better"),
        (-0.3, -0.1, "P@10", "worse"),
        (-0.1, 0.3, "P@10", "no difference"),
        (0.0, 0.3, "P@10", "no difference"),
        (0.1, 0.3, "first rank", "worse"),
        (-0.3, -0.1, "first rank", "better"),
    ],
)
def test_a_difference_is_judged_by_its_interval(
    low: float, high: float, measure: str, verdict: str
) -> None:
    assert judged(Mean((low + high) / 2, low, high, 9), measure) == verdict


def test_systems_are_compared_only_where_they_searched_alike(task: Task) -> None:
    findings = [
        search(task, name, noise, distractors=distractors)
        for name, noise in (("a", 0.3), ("b", 0.6))
        for distractors in (True, False)
    ]
    table = differences_table(findings, ["P@10"])
    assert column_of(table, "search") == [
        "Euclidean, with distractors",
        "Euclidean, without distractors",
    ]


def test_bars_show_each_system(task: Task, tmp_path: Path) -> None:
    findings = (search(task, "good", 0.2), search(task, "bad", 1.5))
    section = systems_section(findings, tmp_path, measures=MEASURES, headline="P@10")
    alt = figure_of(section, "systems").alt
    best, least = (each.measures["P@10"].mean() for each in findings)
    assert f"highest {best:.3f} for good, lowest {least:.3f} for bad" in alt
    assert ">good<" in texts_of(tmp_path, "systems")


def test_bars_may_be_missing(tmp_path: Path) -> None:
    mean = Mean(0.5, 0.4, 0.6, 9)
    series = {"exact": {"a": mean, "b": None}, "LSH": {"b": mean}}
    drawn = comparison_bars(tmp_path, "bars", "Bars", series, label="P@10")
    assert "LSH: highest 0.500 for b." in drawn.alt


def test_the_answer_says_what_was_asked_and_what_came_out(task: Task) -> None:
    good, bad = search(task, "good", 0.2), search(task, "bad", 1.5)
    said = answer(task, [good, bad], "P@10")
    assert said.startswith(f"good finds most: P@10 {good.measures['P@10'].mean():.3f} (95 %: 0.")
    asked = "on 9 queries among 30 pictures, 6 of them distractors, by exact search and Euclidean"
    assert asked in said
    assert "Compared with good, query by query: bad is worse by 0." in said


def test_the_answer_begins_with_the_best_and_compares_with_the_first(task: Task) -> None:
    findings = [search(task, str(at), noise) for at, noise in enumerate((1.5, 0.9, 0.9, 0.9, 0.2))]
    said = answer(task, findings, "P@10")
    assert said.startswith("4 finds most: ")
    assert "Compared with 0, query by query: 4 is better by 0." in said
    assert said.endswith("1 further system in the tables.")


def test_the_answer_does_not_claim_a_difference_that_is_chance(task: Task) -> None:
    good = search(task, "good", 0.2)
    said = answer(task, [good, replace(good, system="again")], "P@10")
    assert "again shows no difference, +0.000" in said


def test_the_answer_says_how_many_queries_a_measure_is_defined_for(task: Task) -> None:
    found = search(task, "net", 0.2)
    values = np.where(np.arange(QUERIES) < 2, np.nan, 0.5)
    said = answer(task, [replace(found, measures={"P@10": values})], "P@10")
    assert "over the 7 queries it is defined for" in said


def test_the_answer_of_an_index_names_it(task: Task) -> None:
    way = Way("cosine", "lsh", {"g": 3}, False)
    found: Findings = search(task, "net", 0.2, distractors=False, way=way)
    said = answer(task, [found], "P@10")
    assert "9 queries among 24 pictures, by LSH and cosine distance." in said


def test_a_difference_of_one_group_is_no_difference() -> None:
    assert judged(Mean(0.5, 0.5, 0.5, 5, groups=1), "AP") == "no difference"
    assert judged(Mean(0.5, 0.4, 0.6, 5, groups=2), "AP") == "better"
