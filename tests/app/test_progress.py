"""Progress as people and machines see it: rate and time left are those of this run."""

import io
import json
import os
import time
from typing import Any

import pytest

from app.cli.progress import Bars, Lines, shown
from indexer.durations import duration
from indexer.types import Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time that the displays read, as a list of one number of seconds."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr("tqdm.std.time", lambda: now[0])
    return now


def test_lines_count_only_what_this_run_did(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Lines()
    lines(Progress("learn", 0, 0))
    clock[0] += 60  # until the first batch
    for done, seconds in ((501, 0), (601, 200), (1000, 1)):
        clock[0] += seconds
        lines(Progress("learn", done, 1000, "epoch 3 of 4, loss 0.500"))
    assert capsys.readouterr().err.splitlines() == [
        "learn",
        "learn: 501 of 1,000; epoch 3 of 4, loss 0.500",
        "learn: 601 of 1,000, 0.5 a second, 13 min 18 s left; epoch 3 of 4, loss 0.500",
        "learn: 1,000 of 1,000, 2.5 a second; epoch 3 of 4, loss 0.500",
    ]


def test_lines_become_seldom_where_a_stage_takes_long(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Lines()
    for done in range(1, 36_001):  # ten hours
        clock[0] += 1
        lines(Progress("learn", done, 36_000))
    shown = capsys.readouterr().err.splitlines()
    assert 200 < len(shown) < 700
    assert shown[-1] == "learn: 36,000 of 36,000, 1 a second"


def test_each_stage_has_its_own_rate(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Lines()
    for stage, seconds in (("scan", 100), ("pictures", 10)):
        lines(Progress(stage, 0, 0))
        lines(Progress(stage, 0, 1000))
        clock[0] += seconds
        lines(Progress(stage, 1000, 1000))
    assert [line for line in capsys.readouterr().err.splitlines() if "a second" in line] == [
        "scan: 1,000 of 1,000, 10 a second",
        "pictures: 1,000 of 1,000, 100 a second",
    ]


def test_bars_count_only_what_this_run_did(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr("sys.stderr", terminal)
    bars = Bars()
    bars(Progress("learn", 0, 0))
    bars(Progress("learn", 501, 1000, "epoch 3 of 4, loss 0.500"))
    clock[0] += 200
    bars(Progress("learn", 601, 1000, "epoch 3 of 4, loss 0.499"))
    last = terminal.getvalue().rsplit("\r", 1)[-1]
    bars.close()
    assert "601/1000 [03:20<13:18" in last
    assert "epoch 3 of 4, loss 0.499" in last
    assert "2.00s/" in last


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.31, "0.3 s"),
        (9.97, "10 s"),
        (59.7, "1 min 0 s"),
        (125, "2 min 5 s"),
        (3599.6, "1 h 0 min"),
        (12_345, "3 h 26 min"),
    ],
)
def test_durations_are_in_their_two_largest_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_lines_tell_how_many_files_were_rejected(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Lines()
    lines(Progress("encode", 0, 500, rejected=2))
    clock[0] += 10
    lines(Progress("encode", 250, 500, "10 reused", rejected=1203))
    assert capsys.readouterr().err.splitlines() == [
        "encode: 0 of 500; 2 rejected",
        "encode: 250 of 500, 25 a second, 10 s left; 1,203 rejected; 10 reused",
    ]


def test_bars_tell_how_many_files_were_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr("sys.stderr", terminal)
    bars = Bars()
    bars(Progress("encode", 0, 500, rejected=2))
    bars(Progress("encode", 500, 500, "10 reused", rejected=3))
    bars.close()
    assert "3 rejected; 10 reused" in terminal.getvalue().rsplit("\r", 1)[-1]


def objects(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what was written to standard output since the last time, each line an object."""
    written = capsys.readouterr()
    assert written.err == ""
    return [json.loads(line) for line in written.out.splitlines()]


def test_machines_are_told_where_a_stage_begins_and_ends(
    clock: list[float], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.progress.SECONDS_BETWEEN_OBJECTS", 1e6)
    with shown(json=True) as report:
        report(Progress("scan", 0, 0))
        report(Progress("encode", 100, 500, "100 reused", rejected=2))
        for done in range(110, 500, 10):
            clock[0] += 0.25
            report(Progress("encode", done, 500, "100 reused", rejected=3))
        clock[0] += 0.25
        report(Progress("encode", 500, 500, "100 reused", rejected=3))
    scan, begun, ended = objects(capsys)
    assert scan == {
        "stage": "scan",
        "done": 0,
        "total": None,
        "rejected": 0,
        "seconds": 0.0,
        "per_second": None,
        "seconds_left": None,
        "note": "",
    }
    assert begun == scan | {
        "stage": "encode",
        "done": 100,
        "total": 500,
        "rejected": 2,
        "note": "100 reused",
    }
    assert ended == begun | {
        "done": 500,
        "rejected": 3,
        "seconds": 10.0,
        "per_second": 40.0,
        "seconds_left": 0.0,
    }


def test_machines_are_told_every_second_also_while_nothing_moves(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.progress.SECONDS_BETWEEN_OBJECTS", 0.01)
    told: list[dict[str, Any]] = []
    with shown(json=True) as report:
        report(Progress("encode", 0, 500))
        report(Progress("encode", 250, 500))
        while len(told) < 4:
            time.sleep(0.01)
            told += objects(capsys)
    assert [each["done"] for each in told[-3:]] == [250, 250, 250]


def test_what_came_last_is_told_where_the_work_is_stopped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.progress.SECONDS_BETWEEN_OBJECTS", 1e6)
    with shown(json=True) as report:
        for done in (0, 100, 200):
            report(Progress("encode", done, 500))
    assert [each["done"] for each in objects(capsys)] == [0, 200]


def test_a_reader_who_goes_away_does_not_end_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.FileIO(writing, "w"), write_through=True))
    with shown(json=True) as report:
        for stage in ("scan", "encode", "index"):
            report(Progress(stage, 1, 1))


def test_progress_goes_where_it_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    with shown() as report:
        report(Progress("scan", 1, 1))
    written = capsys.readouterr()
    assert (written.out, written.err) == ("", "scan: 1 of 1\n")
