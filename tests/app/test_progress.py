"""Progress as people see it: rate and time left are those of this run."""

import io
import time

import pytest

from app.cli.progress import Bars, Lines
from indexer.durations import duration
from indexer.types import Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time that the displays read, as a list of one number of seconds."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "time", lambda: now[0])
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
