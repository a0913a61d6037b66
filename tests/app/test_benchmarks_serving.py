"""The benchmark of serving asks a real server, and sums its answers up; never how fast."""

import json
from pathlib import Path

import pytest

from benchmarks.serving.__main__ import main
from benchmarks.serving.clients import Timed
from benchmarks.serving.figures import STAGES, sum_up
from tests import serving

KINDS = ("search", "upload", "page", "picture")


def answers(count: int) -> list[Timed]:
    stages = {"decode": 1.0, "encode": 2.0, "search": 4.0, "render": 8.0}
    return [Timed(200, float(10 + number), stages) for number in range(count)]


def test_answers_are_summed_up() -> None:
    load = sum_up("search", 4, answers(101), 2.0)
    assert (load.p50, load.p95, load.p99) == (60.0, 105.0, 109.0)
    assert (load.answers, load.failed, load.per_second) == (101, 0, 50.5)
    assert load.stages == {"decode": 1, "encode": 2, "search": 4, "render": 8, "keep": 0}
    assert load.added == 60 - 7


def test_what_was_not_answered_is_counted() -> None:
    load = sum_up("upload", 1, [*answers(2), Timed(0, 1.0), Timed(503, 1.0)], 1.0)
    assert (load.answers, load.failed) == (4, 2)


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no JPEG files"):
        main([str(serving.instance()), str(tmp_path)])


def test_a_real_server_is_measured(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = tmp_path / "found.json"
    failed = main(
        [
            *(str(copy), str(serving.gallery()), "--clients", "1", "3", "--uploads", "6"),
            *("--starts", "1", "--workers", "1", "--json", str(found)),
        ]
    )
    assert failed == 0
    table = capsys.readouterr().out
    assert [f"{kind}, {number}" in table for kind in KINDS for number in (1, 3)] == [True] * 8
    figures = json.loads(found.read_text())
    loads = {(load["kind"], load["clients"]): load for load in figures["loads"]}
    assert set(loads) == {(kind, number) for kind in KINDS for number in (1, 3)}
    assert all(load["answers"] == 6 for load in loads.values())
    wanted = {"search": STAGES[:4], "upload": (*STAGES[:3], "keep"), "page": STAGES[2:4]}
    for kind, stages in wanted.items():
        assert {name for name, time in loads[kind, 1]["stages"].items() if time} == set(stages)
    assert len(figures["starts"]) == 1
    assert len(figures["workers"]) == 1
    assert figures["workers"][0]["private"] > 2**20
    assert not (copy / "likeness.sqlite").exists()
