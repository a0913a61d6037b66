"""From folders of pictures to a network with a card, stopped and gone on with on the way."""

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from indexer.errors import SourceMissing
from indexer.evaluation.errors import NothingToMeasure
from indexer.experiments.distilling.card import write_card
from indexer.experiments.distilling.plan import DistillPlan
from indexer.experiments.distilling.training import DistillSummary, distill_student
from indexer.experiments.runs.facts import as_json
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.refusals import RunError
from indexer.experiments.runs.working import working_on
from indexer.files import sha256_of
from indexer.types import Progress
from models.encoder import keras_encoder
from models.errors import TrainingRefused, WeightsMismatch
from models.training.distill import Stopped
from models.training.lessons import Lesson
from models.types import EncoderSpec, Limits
from models.weights import WeightFile
from tests.indexer.fixtures import draw_gallery

pytestmark = pytest.mark.usefixtures("untraced")

LESSON = Lesson(epochs=2, size=32, zoom=1.0, batch_size=64)


@pytest.fixture(scope="module")
def plan(spec: EncoderSpec, tmp_path_factory: pytest.TempPathFactory) -> DistillPlan:
    """Learn from 55 sound pictures, one of them held out, beside which two odd files lie.

    One of the sound ones is longer than is usually taken, and the plan's limits allow it.
    """
    folder = draw_gallery(tmp_path_factory.mktemp("pictures") / "gallery", 18)
    sound = (folder / "lines" / "00.png").read_bytes()
    # Its header is sound, so that only decoding finds the damage.
    Image.open(folder / "lines" / "00.png").save(folder / "lines" / "torn.bmp")
    torn = (folder / "lines" / "torn.bmp").read_bytes()
    (folder / "lines" / "torn.bmp").write_bytes(torn[: len(torn) // 2])
    Image.new("RGB", (Limits().max_side + 1, 2), "navy").save(folder / "lines" / "long.png")
    (folder / "notes.txt").write_bytes(sound[:3])
    return DistillPlan(
        (folder, folder),
        Path(spec.weights),
        teacher="simple_cnn",
        name="tiny",
        lesson=LESSON,
        precision="fp32",
        evaluate=(folder,),
        command="flask train distill GALLERY",
        limits=Limits(max_side=40_000),
    )


@pytest.fixture(scope="module")
def stopped(
    plan: DistillPlan, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Progress]]:
    """Return an instance whose run was stopped after two batches, and what was reported."""
    instance, told = tmp_path_factory.mktemp("stopped"), []

    def asked_to_stop() -> bool:
        return bool(told) and told[-1].stage == "learn" and told[-1].done == 2

    with pytest.raises(Stopped):
        distill_student(plan, instance, told.append, asked_to_stop)
    return instance, told


@pytest.fixture(scope="module")
def finished(
    plan: DistillPlan, stopped: tuple[Path, list[Progress]], tmp_path_factory
) -> tuple[DistillSummary, list[Progress]]:
    """Return what came of the same run when it was gone on with, and what was reported."""
    instance = tmp_path_factory.mktemp("finished") / "instance"
    shutil.copytree(stopped[0], instance)
    told: list[Progress] = []
    return distill_student(replace(plan, resume=True), instance, told.append), told


def test_stopped_run_keeps_what_it_needs_to_go_on(stopped: tuple[Path, list[Progress]]) -> None:
    run = RunFolder(stopped[0], "tiny")
    assert json.loads(run.record.read_text())["state"] == "running"
    assert run.checkpoint.is_file()
    assert run.pictures.is_dir()
    assert not (run.path / "card.md").exists()


def test_progress_names_epoch_and_loss(stopped: tuple[Path, list[Progress]]) -> None:
    stages = list(dict.fromkeys(progress.stage for progress in stopped[1]))
    assert stages == ["teacher", "scan", "pictures", "learn"]
    last = stopped[1][-1]
    assert (last.done, last.total) == (2, 6)
    assert last.note.startswith("epoch 1 of 2, loss ")


def test_resumed_run_goes_on_where_it_was(finished: tuple[DistillSummary, list[Progress]]) -> None:
    learning = [progress.done for progress in finished[1] if progress.stage == "learn"]
    assert learning == [0, *range(3, 7)]


def test_unfinished_run_is_not_begun_again(
    plan: DistillPlan, stopped: tuple[Path, list[Progress]]
) -> None:
    with pytest.raises(RunError, match=r"--resume.*--name"):
        distill_student(plan, stopped[0])


def test_run_is_not_gone_on_with_by_other_means(
    plan: DistillPlan, stopped: tuple[Path, list[Progress]]
) -> None:
    for other in (
        replace(plan, lesson=replace(LESSON, epochs=3)),
        replace(plan, sources=plan.sources[:1]),
        replace(plan, layer="conv3_relu"),
        replace(plan, start="bundled"),
    ):
        with pytest.raises(RunError, match=r"other settings.*flask train distill GALLERY"):
            distill_student(replace(other, resume=True), stopped[0])


def test_run_of_another_precision_is_refused_with_its_own(
    plan: DistillPlan, stopped: tuple[Path, list[Progress]]
) -> None:
    other = replace(plan, precision="bf16", resume=True)
    with pytest.raises(RunError, match=r"in fp32 instead of bf16.*--resume --precision fp32$"):
        distill_student(other, stopped[0])


def test_finished_run_holds_what_stays_and_nothing_else(
    finished: tuple[DistillSummary, list[Progress]],
) -> None:
    names = {path.name for path in finished[0].path.iterdir()}
    assert names == {"weights.npz", "run.json", "card.md", "curve.csv", "curve.png", "lock"}


def test_record_tells_what_the_run_was_given_and_what_came_of_it(
    finished: tuple[DistillSummary, list[Progress]],
) -> None:
    done = finished[0]
    known = json.loads((done.path / "run.json").read_text())
    assert known["state"] == "done"
    assert known["sha256"] == sha256_of(done.weights)
    assert known["bytes"] == done.weights.stat().st_size
    assert known["lesson"]["epochs"] == 2
    assert known["start"] is None
    assert (known["data"]["shown"], known["data"]["held_out"]) == (54, 1)
    assert {item["path"]: item["reason"] for item in known["data"]["left_out"]} == {
        "lines/torn.bmp": "damaged",
        "notes.txt": "not an image",
    }
    assert [epoch["number"] for epoch in known["curve"]] == [1, 2]
    assert known["begun"] <= known["ended"]
    assert known["speed"]["size"] == 224
    assert min(known["speed"]["student"], known["speed"]["teacher"]) > 0


def test_card_names_file_command_data_and_figures(
    finished: tuple[DistillSummary, list[Progress]],
) -> None:
    done = finished[0]
    card = (done.path / "card.md").read_text()
    for part in (
        done.outcome.sha256,
        done.facts.teacher.sha256,
        "flask train distill GALLERY",
        "55 pictures, shown 2 times an epoch",
        "1 not an image, 1 damaged",
        "54 of them learnt from",
        f"{done.outcome.speed.student:.1f} ms for a picture of 224 x 224 (teacher: ",
        "## Limits\n\nTo be filled in",
    ):
        assert part in card
    assert "begun with" not in card


def test_card_and_record_name_the_weights_that_the_student_began_with(
    finished: tuple[DistillSummary, list[Progress]],
) -> None:
    done, start = finished[0], WeightFile(Path("before/mine.npz"), "1234abcd")
    facts = replace(done.facts, start=start)
    assert "| begun with the weights | `mine.npz`, `1234abcd` |" in write_card(facts, done.outcome)
    known = json.loads(as_json("done", facts, done.outcome))
    assert known["start"] == {"path": "before/mine.npz", "sha256": "1234abcd"}


def test_curve_has_a_line_for_each_epoch(finished: tuple[DistillSummary, list[Progress]]) -> None:
    done = finished[0]
    with (done.path / "curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["held_out"]) for row in rows] == [e.held_out for e in done.outcome.curve]
    with Image.open(done.path / "curve.png") as drawn:
        assert drawn.format == "PNG"


def test_student_teacher_and_thumbnail_are_measured(
    finished: tuple[DistillSummary, list[Progress]],
) -> None:
    found = finished[0].outcome.found
    assert found.neighbours is None  # a single picture was held out
    (retrieval,) = found.retrievals
    assert (retrieval.pictures, retrieval.shown) == (55, 54)
    for figures in (retrieval.student, retrieval.teacher, retrieval.thumbnail):
        assert 0.3 < figures.mean_average_precision < 1
        assert figures.queries == 55


def test_weights_are_read_by_an_encoder(finished: tuple[DistillSummary, list[Progress]]) -> None:
    done = finished[0]
    encoder = keras_encoder(EncoderSpec("pocket", str(done.weights), size=32))
    assert encoder.fingerprint.weights_sha256 == done.outcome.sha256


def test_finished_run_stays_as_it_is(
    plan: DistillPlan, finished: tuple[DistillSummary, list[Progress]]
) -> None:
    instance = finished[0].path.parents[1]
    for resume in (False, True):
        with pytest.raises(RunError, match=r"is finished.*--name"):
            distill_student(replace(plan, resume=resume), instance)


def test_second_trainer_of_a_run_is_refused(plan: DistillPlan, tmp_path: Path) -> None:
    with (
        working_on(tmp_path, "tiny", resume=False),
        pytest.raises(RunError, match="Another process works on the run 'tiny'"),
    ):
        distill_student(plan, tmp_path)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        pytest.param({"sources": (Path("/nowhere"),)}, SourceMissing, id="source"),
        pytest.param({"evaluate": (Path("/nowhere"),)}, SourceMissing, id="evaluate"),
        pytest.param({"teacher": "resnet50"}, WeightsMismatch, id="weights"),
        pytest.param({"start": "/nowhere.npz"}, RunError, id="start"),
        pytest.param({"resume": True}, RunError, id="nothing to go on with"),
    ],
)
def test_mistyped_command_leaves_its_name_free(
    plan: DistillPlan, tmp_path: Path, change: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        distill_student(replace(plan, **change), tmp_path)
    assert RunFolder(tmp_path, "tiny").begun() is None


def test_weights_of_another_network_are_no_start(plan: DistillPlan, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"cannot begin with --start .* does not cover pocket"):
        distill_student(replace(plan, start=str(plan.weights)), tmp_path)
    assert RunFolder(tmp_path, "tiny").begun() is None


def test_folder_to_evaluate_without_classes_is_refused_at_once(
    plan: DistillPlan, tmp_path: Path
) -> None:
    with pytest.raises(NothingToMeasure):
        distill_student(replace(plan, evaluate=(plan.sources[0] / "lines",)), tmp_path)


def test_keras_computes_in_its_own_precision_again_after_a_failure(
    plan: DistillPlan, tmp_path: Path
) -> None:
    import keras

    large = replace(plan, lesson=replace(LESSON, batch_size=1000), precision="bf16")
    with pytest.raises(TrainingRefused, match="smaller batches"):
        distill_student(large, tmp_path)
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize("change", [{"name": "../up"}, {"student": "vgg"}, {"precision": "int8"}])
def test_what_cannot_be_is_refused_before_anything_is_done(change: dict[str, str]) -> None:
    with pytest.raises(RunError, match=r"Received: '(\.\./up|vgg|int8)'"):
        DistillPlan((Path("pictures"),), Path("weights.npz"), **change)


def plan_of(crops: int, zoom: float = 1.4) -> DistillPlan:
    """Plan a training with batches of so many crops."""
    lesson = Lesson(size=160, zoom=zoom, batch_size=crops)
    return DistillPlan((Path("pictures"),), Path("weights.npz"), lesson=lesson)


def test_batches_that_take_too_much_memory_are_refused() -> None:
    assert 1783 * 224 * 224 * 3 <= 256 * 2**20 < 1784 * 224 * 224 * 3
    plan_of(1782)
    with pytest.raises(RunError, match=r"1,783 crops of 224 x 224.*smaller --batch-size"):
        plan_of(1784)
    with pytest.raises(RunError, match="3,495 crops of 160 x 160"):  # here the student sees more
        plan_of(3496, 0.5)


def test_batches_of_odd_length_are_refused() -> None:
    plan_of(2)
    with pytest.raises(RunError, match=r"two crops .*--batch-size .*even.* Received: 63$"):
        plan_of(63)
