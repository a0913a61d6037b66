"""Reports of copies say in plain words how many lead back, and show some that do not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.evaluation.findings import Findings
from indexer.evaluation.reporting.leading import leading_answer
from indexer.evaluation.reporting.model import Looks, Mean
from indexer.evaluation.reporting.originals import HITS, originals_section
from indexer.evaluation.reporting.words import percent, without_places
from indexer.evaluation.tasks import Task
from tests.indexer.reporting_cases import (
    QUERIES,
    column_of,
    figure_of,
    make_task,
    search,
    table_of,
    texts_of,
    value,
)

KINDS = ("mirrored", "cropped", "rotated")
BACK = np.array([1, 0, 1, 1, 1, 0, 1, 0, 0], np.float64)
"""Which of the queries lead back: of each kind in turn."""


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    """Return a task of nine copies, three of each of three pictures."""
    made = make_task(tmp_path_factory.mktemp("pictures"))
    queries = tuple(
        replace(made.queries[at // 3], distortion=KINDS[at % 3]) for at in range(QUERIES)
    )
    return replace(made, queries=queries)


def found(task: Task, name: str = "net", back: object = BACK) -> Findings:
    """Return findings of which it is known which copies lead back."""
    some = search(task, name, 0.5)
    right = np.zeros_like(some.first.relevant)
    right[:, 0] = np.asarray(back) == 1
    right[1, 3] = True
    measures = {"P@1": np.asarray(back, np.float64), "first rank": np.where(right[:, 0], 1.0, 17)}
    return replace(some, first=replace(some.first, relevant=right), measures=measures)


def test_the_shares_of_each_change_and_of_all_are_told(task: Task, tmp_path: Path) -> None:
    section = originals_section(task, [found(task)], tmp_path, headline="P@1")
    table = table_of(section, "originals")
    assert column_of(table, "change") == [*KINDS, "all"]
    assert column_of(table, "copies") == [3, 3, 3, 9]
    shares = [value(cell) for cell in column_of(table, "lead back")]
    by_hand = [BACK[at::3].mean() for at in range(3)]
    assert shares == pytest.approx([*by_hand, BACK.mean()])
    assert all(isinstance(cell, Mean) for cell in column_of(table, "lead back"))


def test_the_bars_carry_their_numbers(task: Task, tmp_path: Path) -> None:
    section = originals_section(task, [found(task)], tmp_path, headline="P@1")
    assert "mirrored 100 %, cropped 33 % (0 to 100)" in figure_of(section, "originals").alt
    drawn = texts_of(tmp_path, "originals")
    assert all(f">{text}<" in drawn for text in (*KINDS, "100 %", "33 % (0 to 100)"))


def test_copies_that_fail_and_copies_that_do_not_are_shown(task: Task, tmp_path: Path) -> None:
    section = originals_section(task, [found(task)], tmp_path, headline="P@1", count=3)
    failed, led = (block for block in section.blocks if isinstance(block, Looks))
    assert (failed.caption, led.caption) == (
        "Copies that do not lead back",
        "Copies that lead back",
    )
    assert len(failed.strips) == 3
    kinds = [strip.note.partition(":")[0] for strip in failed.strips]
    assert set(kinds[:2]) == {"cropped", "rotated"}  # in turn
    assert {strip.note for strip in led.strips} >= {"mirrored: its original comes first"}
    for strip in (*failed.strips, *led.strips):
        assert len(strip.first) == HITS
        assert strip.last == ()
        assert strip.first[0].right == strip.note.endswith("comes first")


def test_of_a_copy_that_fails_the_place_of_its_original_is_told(task: Task, tmp_path: Path) -> None:
    one = found(task)
    section = originals_section(task, [one], tmp_path, headline="P@1", chosen=(1, 7))
    (notes,) = (
        [strip.note for strip in block.strips]
        for block in section.blocks
        if isinstance(block, Looks) and block.name == "originals-chosen"
    )
    assert notes == ["cropped: its original is hit 4", "cropped: its original is hit 17"]
    unknown = replace(one, measures={"P@1": one.measures["P@1"]})
    section = originals_section(task, [unknown], tmp_path, headline="P@1", chosen=(7,))
    (strip,) = next(each for each in section.blocks if isinstance(each, Looks)).strips
    assert strip.note == "cropped: its original is not among the first 5 hits"


def test_the_answer_is_a_plain_sentence(task: Task) -> None:
    answer = leading_answer(task, [found(task)], "P@1")
    assert answer.startswith(
        "56 % of 9 changed copies of 3 pictures lead back to their original first (95 %: "
    )
    assert answer.endswith("). Fewest do of the cropped and rotated ones: 33 %.")


def test_of_copies_that_all_lead_back_no_interval_is_told(task: Task) -> None:
    answer = leading_answer(task, [found(task, back=np.ones(9))], "P@1")
    assert answer == "100 % of 9 changed copies of 3 pictures lead back to their original first."


def test_systems_are_compared_copy_by_copy(task: Task, tmp_path: Path) -> None:
    systems = [found(task), found(task, "none", np.zeros(9)), found(task, "twin")]
    answer = leading_answer(task, systems, "P@1")
    assert answer.startswith("With net, 56 % of 9 changed copies of 3 pictures lead back")
    assert "; with none, 0 %; with twin, 56 % (" in answer
    assert "none leads fewer of them back, by 56 percentage points (" in answer
    assert "twin shows no difference, 0.0 percentage points" in answer
    section = originals_section(task, systems, tmp_path, headline="P@1")
    table = table_of(section, "originals")
    assert [column.name for column in table.columns[2:]] == ["net", "none", "twin"]
    assert section.text[1] in answer


def test_percent_says_all_and_none_only_of_all_and_none() -> None:
    shares = {
        0: "0 %",
        1: "100 %",
        0.9999: "99.9 %",
        0.997: "99.7 %",
        0.0001: "0.1 %",
        0.78: "78 %",
    }
    assert {share: percent(share) for share in shares} == shares


def test_a_command_is_told_without_the_places_of_its_folders() -> None:
    command = "flask evaluate folders '/home/me/my train' ../test --weights=~/w.npz --show a/1.jpg"
    told = "flask evaluate folders 'my train' test --weights=w.npz --show a/1.jpg"
    assert without_places(command) == told
