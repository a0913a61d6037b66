"""The benchmark of serving asks a real server, and sums its answers up; never how fast."""

import json
from pathlib import Path

import pytest

from benchmarks.processes import Memory
from benchmarks.serving.__main__ import main
from benchmarks.serving.clients import Client, Timed, load
from benchmarks.serving.figures import STAGES, Figures, Load, sum_up
from tests import serving

KINDS = ("search", "upload", "page", "picture")


def answers(count: int) -> list[Timed]:
    stages = {"decode": 1.0, "encode": 2.0, "search": 4.0, "render": 8.0}
    return [Timed(200, float(10 + number), stages) for number in range(count)]


def test_answers_are_summed_up() -> None:
    found = sum_up("search", 4, answers(101), 2.0)
    assert (found.p50, found.p95, found.p99) == (60.0, 105.0, 109.0)
    assert (found.answers, found.failed, found.per_second) == (101, 0, 50.5)
    assert found.stages == {"decode": 1, "encode": 2, "search": 4, "render": 8, "keep": 0}
    assert found.added == 60 - 7


def test_what_was_not_answered_is_counted() -> None:
    found = sum_up("upload", 1, [*answers(2), Timed(0, 1.0), Timed(503, 1.0)], 1.0)
    assert (found.answers, found.failed) == (4, 2)


def test_what_follows_an_upload_is_told_though_the_first_one_failed() -> None:
    def ask(client: Client, picture: Path) -> dict[str, Timed]:
        if picture.name == "first.jpg":
            return {"upload": Timed(503, 1.0)}
        return {"upload": Timed(303, 1.0), "page": Timed(200, 1.0)}

    found, _ = load(1, ask, [Path("first.jpg"), Path("second.jpg")], 1)
    assert {kind: len(timed) for kind, timed in found.items()} == {"upload": 2, "page": 1}


def figures(start: float, megabytes: float, added: float) -> Figures:
    of_kinds = {"search": added, "upload": added + 1, "page": 99.0}
    loads = [
        Load(kind, clients, 1, 0, 1.0, 1.0, 1.0, 1.0, dict.fromkeys(STAGES, 1.0), more * clients)
        for clients in (16, 1)
        for kind, more in of_kinds.items()
    ]
    worker = Memory(proportional=int(megabytes * 1e6))
    return Figures(loads, (1.0, 1.0), [start], [Memory(), worker])


def test_it_says_of_each_figure_whether_it_is_as_wanted() -> None:
    said = [wanted.sentence for wanted in figures(1.5, 449, 9).wanted]
    assert said == [
        "start to first answer: 1.50 s, wanted less than 2.00 s: met",
        "largest worker, proportional: 449 MB, wanted less than 450 MB: met",
        "search, 1 client, added: 9.0 ms, wanted less than 10.0 ms: met",
        "upload, 1 client, added: 10.0 ms, wanted less than 10.0 ms: missed",
    ]
    assert all(sentence in figures(1.5, 449, 9).table() for sentence in said)
    assert [wanted.met for wanted in figures(2, 450, 3).wanted] == [False, False, True, True]


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
    said = json.loads(found.read_text())
    loads = {(load["kind"], load["clients"]): load for load in said["loads"]}
    assert set(loads) == {(kind, number) for kind in KINDS for number in (1, 3)}
    assert all(load["answers"] == 6 for load in loads.values())
    wanted = {"search": STAGES[:4], "upload": (*STAGES[:2], "keep"), "page": STAGES[2:4]}
    for kind, stages in wanted.items():
        assert {name for name, time in loads[kind, 1]["stages"].items() if time} == set(stages)
    assert len(said["starts"]) == 1
    assert len(said["workers"]) == 1
    assert said["workers"][0]["private"] > 2**20
    assert len(said["wanted"]) == 4
    assert not (copy / "likeness.sqlite").exists()
