"""Runs of trainings, read back: in each state, and damaged in any way."""

import json
import math
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from indexer.experiments.finetuning.facts import TuneFacts, TuneOutcome
from indexer.experiments.reading.curves import MOST_EPOCHS, stored_curve
from indexer.experiments.reading.runs import UnknownRun, has_runs, read_run, runs_in
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.underway import Stage, noting
from indexer.experiments.runs.working import working_on
from indexer.experiments.telling.curves import write_curve
from indexer.types import Progress, silent
from models.training.checkpoints import best_of
from tests.runs import BEFORE_AND_AFTER, CURVE, DISTILLING, TAUGHT, TUNING, epochs, make_run


def test_without_a_folder_of_runs_there_are_none(tmp_path: Path) -> None:
    assert runs_in(tmp_path) == []
    assert not has_runs(tmp_path)


def test_a_finished_run_is_done(tmp_path: Path) -> None:
    make_run(tmp_path)
    run = read_run(tmp_path, "tuned")
    assert (run.brief.state, run.brief.method, run.brief.network) == (
        "done",
        "classifier",
        "resnet50",
    )
    assert run.brief.best == run.curve[2]
    assert (run.record.epochs, run.record.seed, len(run.record.classes)) == (24, "7", 2)
    assert dict(run.record.recipe) == {
        "name": "auto",
        "rate": "0.001",
        "epochs": "24",
        "annealed": "yes",
        "dense": "256, 128",
    }
    assert run.record.changes[0].verdict == "better"
    assert run.problems == ()


def test_a_distilled_student_is_read(tmp_path: Path) -> None:
    make_run(tmp_path, **DISTILLING, **TAUGHT)
    run = read_run(tmp_path, "tuned")
    assert (run.brief.method, run.brief.network) == ("distillation", "pocket")
    assert [(one.way, one.precision_at_1) for one in run.record.found] == [
        ("student", 0.5),
        ("teacher", 0.625),
        ("thumbnail", 0.25),
    ]


def test_what_is_read_is_what_is_written() -> None:
    assert TUNING.keys() <= {part.name for part in fields(TuneFacts)}
    assert BEFORE_AND_AFTER.keys() <= {part.name for part in fields(TuneOutcome)}


def test_a_run_that_somebody_works_on_is_running(tmp_path: Path) -> None:
    make_run(tmp_path, state="running", **TUNING)
    assert read_run(tmp_path, "tuned").brief.state == "stopped"
    with working_on(tmp_path, "tuned", resume=True):
        assert read_run(tmp_path, "tuned").brief.state == "running"


def test_who_looks_refuses_no_trainer(tmp_path: Path) -> None:
    make_run(tmp_path, state="running", **TUNING)
    look = "import sys; from pathlib import Path\n"
    look += "from indexer.experiments.reading.runs import runs_in\n"
    look += "while sys.stdout.write('.'): runs_in(Path(sys.argv[1]))"
    command = [sys.executable, "-c", look, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as looker:
        assert looker.stdout
        try:
            looker.stdout.read(1)
            os.set_blocking(looker.stdout.fileno(), False)
            for _ in range(50):
                looker.stdout.read(1 << 16)
                with working_on(tmp_path, "tuned", resume=True):
                    pass
        finally:
            looker.kill()


def test_a_run_that_is_just_begun_has_no_record_yet(tmp_path: Path) -> None:
    with working_on(tmp_path, "fresh", resume=False):
        assert [(brief.name, brief.state) for brief in runs_in(tmp_path)] == [("fresh", "running")]
        assert has_runs(tmp_path)
    assert runs_in(tmp_path) == []
    assert not has_runs(tmp_path)


def test_runs_at_work_come_first_then_the_last_begun(tmp_path: Path) -> None:
    for name, begun in (("a", "2026-01-01"), ("b", "2026-03-01"), ("c", "2026-02-01")):
        make_run(tmp_path, name, begun=begun, state="running" if name == "a" else "done", **TUNING)
    with working_on(tmp_path, "a", resume=True):
        assert [brief.name for brief in runs_in(tmp_path)] == ["a", "b", "c"]
    assert [brief.name for brief in runs_in(tmp_path)] == ["b", "c", "a"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b'{"state": 3}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"state": "done", "begun": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_damaged_record_is_named_and_hides_no_curve(tmp_path: Path, content: bytes) -> None:
    folder = make_run(tmp_path)
    make_run(tmp_path, "other")
    (folder / "run.json").write_bytes(content)
    run = read_run(tmp_path, "tuned")
    assert run.brief.state == "damaged"
    assert "run.json is damaged" in run.problems[0]
    assert str(tmp_path) not in run.problems[0]
    assert len(run.curve) == 4
    assert {brief.name for brief in runs_in(tmp_path)} == {"tuned", "other"}


def test_a_record_that_is_no_file_is_damaged(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    for name in ("run.json", "curve.csv"):
        (folder / name).unlink()
        os.mkfifo(folder / name)
    run = read_run(tmp_path, "tuned")
    assert run.brief.state == "damaged"
    assert len(run.problems) == 2


@pytest.mark.parametrize("value", [None, 3, "text", [], {}, [[]], {"a": {"b": 1}}, 1e300])
def test_a_record_may_hold_anything_anywhere(tmp_path: Path, value: object) -> None:
    folder = make_run(tmp_path)
    record = json.loads((folder / "run.json").read_text())
    for key in record:
        if key != "state":
            (folder / "run.json").write_text(json.dumps(record | {key: value}))
            assert read_run(tmp_path, "tuned").brief.state == "done"
    (folder / "run.json").write_text(json.dumps(dict.fromkeys(record, value) | {"state": "done"}))
    assert read_run(tmp_path, "tuned").record.state == "done"


def test_a_record_that_is_replaced_is_read_anew(tmp_path: Path) -> None:
    make_run(tmp_path, state="running", **TUNING)
    assert read_run(tmp_path, "tuned").brief.state == "stopped"
    record = RunFolder(tmp_path, "tuned").record
    record.write_text(record.read_text().replace('"running"', '"done"'))
    assert read_run(tmp_path, "tuned").brief.state == "done"


@pytest.mark.parametrize("name", ["none", "..", "", "UPPER", "a/b", ".hidden", "x" * 65, "a\0b"])
def test_a_run_that_is_not_there_is_unknown(tmp_path: Path, name: str) -> None:
    make_run(tmp_path)
    with pytest.raises(UnknownRun):
        read_run(tmp_path, name)


def test_what_is_no_run_is_left_out(tmp_path: Path) -> None:
    make_run(tmp_path)
    (tmp_path / "runs/UPPER").mkdir()
    (tmp_path / "runs/a-file").touch()
    (tmp_path / "runs/empty").mkdir()
    assert [brief.name for brief in runs_in(tmp_path)] == ["tuned"]


def test_a_curve_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = epochs([2.5, 1.25], [2.0, 1.5])
    write_curve(tmp_path, written)
    curve, problem = stored_curve(tmp_path)
    assert ([epoch.loss for epoch in curve], problem) == ([2.5, 1.25], "")
    assert [epoch.held_out for epoch in curve] == [2.0, 1.5]
    assert [epoch.right for epoch in curve] == [None, None]


def test_a_curve_of_before_has_fewer_columns(tmp_path: Path) -> None:
    file = tmp_path / "curve.csv"
    file.write_text("number,size,loss,held_out,seconds\n1,32,1.5,,3\n")
    (epoch,), problem = stored_curve(tmp_path)
    assert (epoch.loss, epoch.right, problem) == (1.5, None, "")
    assert math.isnan(epoch.held_out)


@pytest.mark.parametrize(
    "line", ["5,224,0.6", "five,1,2,3,4,5,6", "1,2,3,4,5,6,7,8", "4,1,1,1,1,1,1", "5,,,,,,", "\0"]
)
def test_damaged_lines_of_a_curve_are_left_out(tmp_path: Path, line: str) -> None:
    file = tmp_path / "curve.csv"
    file.write_text(CURVE + line)
    curve, problem = stored_curve(tmp_path)
    assert [epoch.number for epoch in curve] == [1, 2, 3, 4]
    assert problem == "curve.csv is damaged: 1 line is left out."


@pytest.mark.parametrize("content", [b"", b"\xff" * 99, b"number\n", b'"' * 200_001, b"a,b\n1,2\n"])
def test_a_curve_without_epochs_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "curve.csv"
    file.write_bytes(content)
    curve, problem = stored_curve(tmp_path)
    assert curve == ()
    assert problem


def test_a_curve_that_is_missing_is_empty(tmp_path: Path) -> None:
    assert stored_curve(tmp_path) == ((), "")


def test_the_best_epoch_has_the_smallest_loss_held_out_where_there_is_one() -> None:
    assert best_of([]) is None
    assert best_of(curve := epochs([3, 1, 2])) == curve[1]
    assert best_of(curve := epochs([3, 2, 1], [1, 1, 2])) == curve[0]
    assert best_of(curve := epochs([math.nan, 2], [math.nan, math.nan])) == curve[1]


def test_of_very_many_epochs_some_are_read_the_best_among_them(tmp_path: Path) -> None:
    losses = [2.0 - at / 10_000 for at in range(10_000)]
    losses[4321] = 0.5
    write_curve(tmp_path, epochs(losses))
    curve, problem = stored_curve(tmp_path)
    assert len(curve) <= MOST_EPOCHS + 2
    assert {1, 4322, 10_000} <= {epoch.number for epoch in curve}
    assert best_of(curve) == best_of(epochs(losses))
    assert problem == ""


def test_a_curve_that_grows_is_read_anew(tmp_path: Path) -> None:
    write_curve(tmp_path, epochs([2.5]))
    assert len(stored_curve(tmp_path)[0]) == 1
    write_curve(tmp_path, epochs([2.5, 1.25]))
    assert len(stored_curve(tmp_path)[0]) == 2


@pytest.mark.parametrize("content", ["", "{", "[]", "[" * 4000, '{"name": 3}', "9" * 9999])
def test_a_damaged_stage_is_none(tmp_path: Path, content: str) -> None:
    folder = make_run(tmp_path, state="running", **TUNING)
    (folder / "stage.json").write_text(content)
    with working_on(tmp_path, "tuned", resume=True):
        assert read_run(tmp_path, "tuned").stage is None


def test_the_stage_counts_while_somebody_works(tmp_path: Path) -> None:
    folder = make_run(tmp_path, state="running", **TUNING)
    told = noting(silent, folder)
    told(Progress("scan", 0, 7))
    told(Progress("trunk", 3, 9))
    told(Progress("trunk", 4, 9))  # too soon to be written
    assert read_run(tmp_path, "tuned").stage is None
    with working_on(tmp_path, "tuned", resume=True):
        assert read_run(tmp_path, "tuned").stage == Stage("trunk", 3, 9)


def test_reading_loads_nothing_that_networks_need() -> None:
    code = "import sys, indexer.experiments.reading.runs; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"tensorflow", "keras", "openvino", "matplotlib", "numba", "cv2", "flask", "click"}
    assert not set(ran.stdout.split()) & heavy
