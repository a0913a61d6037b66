"""A network learns from labelled folders, and its run is an encoder like any other."""

import json
from dataclasses import replace

import numpy as np
import pytest

from indexer.build import BuildPlan, build_index
from indexer.evaluation.reporting.storing import read_report, tables_of
from indexer.experiments.finetuning.plan import TrainPlan, Wanted
from indexer.experiments.finetuning.training import fine_tune
from indexer.experiments.pictures.labelled import Choice
from indexer.experiments.reading.runs import read_run
from indexer.experiments.runs.encoders import encoder_of_run
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.refusals import RunError
from indexer.experiments.runs.underway import read_stage
from indexer.indexes.options import IndexOptions
from indexer.opening import open_current
from models.encoder import keras_encoder
from models.errors import TrainingRefused, WeightsMismatch
from models.training.distill import Stopped
from models.types import EncoderSpec
from models.weights import resolve
from tests.indexer.fixtures import draw, draw_gallery
from tests.models.nets import random_network, write_npz

pytestmark = pytest.mark.usefixtures("untraced")

SCRATCH = EncoderSpec("simple_cnn", "none", size=32)


def plan_of(gallery, kind="classifier", **changes):
    values = {"encoder": SCRATCH, "name": "tiny", "precision": "fp32", "command": "flask train it"}
    values["changes"] = {"epochs": 2}
    return TrainPlan(kind, (gallery,), **{**values, **changes})


def arrays(file):
    with np.load(file) as stored:
        return {name: stored[name] for name in stored}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return draw_gallery(tmp_path_factory.mktemp("pictures") / "gallery", 10)


@pytest.fixture(scope="module")
def trained(pictures, tmp_path_factory):
    """Return an instance with a classifier's run "tiny", and its summary."""
    instance = tmp_path_factory.mktemp("trained")
    plan = plan_of(pictures, changes={"epochs": 2, "dense": (24,), "dropout": 0.0})
    return instance, fine_tune(plan, instance)


def test_run_holds_weights_curve_report_and_card(trained):
    instance, done = trained
    run = RunFolder(instance, "tiny")
    names = {path.name for path in run.path.iterdir()}
    assert names >= {"weights.npz", "encoder.json", "curve.csv", "curve.png", "run.json", "card.md"}
    assert not names & {"checkpoint.npz", "best.npz", "drawn.npz"}
    weights = arrays(run.weights)
    assert set(weights) == {
        f"{layer}/{part}"
        for layer in ("conv1", "conv2", "conv3", "conv4", "head_1")
        for part in ("kernel", "bias")
    }
    assert {values.dtype for values in weights.values()} == {np.dtype(np.float16)}
    known = json.loads(run.record.read_text())
    assert known["state"] == "done"
    assert known["command"] == "flask train it"
    assert known["sha256"] == resolve(encoder_of_run(instance, "tiny")).sha256
    assert known["retrieval"]["report"] == "training-tiny"
    assert sum(map(sum, known["classification"]["confusion"])) == 6
    assert known["classes"] == {"circles": [8, 2], "lines": [8, 2], "squares": [8, 2]}
    assert "Retrieval before and after" in (run.path / "card.md").read_text()
    assert done.outcome.curve[0].right is not None


def test_retrieval_is_told_before_and_after(trained):
    instance, done = trained
    found = done.outcome.retrieval
    assert found.before == "simple_cnn as it was drawn"
    verdicts = {each.measure: each.verdict for each in found.exact}
    assert verdicts["mAP"] in ("better", "no difference", "worse")
    assert {"P@10", "Mean rank"} <= set(verdicts)
    assert found.verdict == verdicts["mAP"]
    assert found.asked == "held out"
    words = {each.measure: each.verdict for each in found.lsh}
    assert all(words[name] for name in ("P@10", "mAP@100", "First rank@100"))
    report = read_report(instance / "reports" / "training-tiny")
    tables = {table.name: table for table in tables_of(report)}
    assert [row[0] for row in tables["systems"].rows] == ["before", "after"]
    assert report.facts["queries"] == "6"


def test_run_builds_an_index_by_its_feature_or_a_layer_of_its_head(trained, pictures):
    instance, _ = trained
    for layer, width in ((None, 256), ("head_1", 24), ("conv3_relu", 128)):
        encoder = encoder_of_run(instance, "run:tiny", layer)
        build_index(
            BuildPlan((pictures,), name="it", encoder=encoder, kind="exact", accept=0), instance
        )
        assert open_current(instance, "it").manifest.fingerprint.dim == width


def test_runs_that_are_not_there_are_named(trained):
    instance, _ = trained
    with pytest.raises(RunError, match=r"There is no run 'other' .* There are: tiny."):
        encoder_of_run(instance, "run:other")
    with pytest.raises(RunError, match=r"no layer 'head_2'; its head has head_1"):
        encoder_of_run(instance, "tiny", "head_2")


def test_stopped_run_keeps_its_best_and_ends_like_one_that_was_not(trained, pictures, tmp_path):
    _, whole = trained
    plan = plan_of(pictures, changes={"epochs": 2, "dense": (24,), "dropout": 0.0})
    stages = []
    with pytest.raises(Stopped):
        fine_tune(
            plan, tmp_path, stages.append, lambda: "epoch 2" in stages[-1].note if stages else False
        )
    run = RunFolder(tmp_path, "tiny")
    assert run.checkpoint.is_file()
    assert encoder_of_run(tmp_path, "tiny").network == "simple_cnn"
    with pytest.raises(RunError, match="other settings"):
        fine_tune(replace(plan, seed=2, resume=True), tmp_path)
    fine_tune(replace(plan, resume=True), tmp_path)
    one, other = arrays(run.weights), arrays(RunFolder(whole.path.parents[1], "tiny").weights)
    assert {name: values.tobytes() for name, values in one.items()} == {
        name: values.tobytes() for name, values in other.items()
    }


def test_run_that_is_stopped_before_it_learns_can_be_read_and_gone_on_with(pictures, tmp_path):
    plan, stages = plan_of(pictures, changes={"epochs": 1}), []
    with pytest.raises(Stopped):
        fine_tune(
            plan, tmp_path, stages.append, lambda: bool(stages) and stages[-1].stage == "trunk"
        )
    run = read_run(tmp_path, "tiny")
    assert (run.brief.state, run.brief.method, run.brief.network) == (
        "stopped", "classifier", "simple_cnn",
    )  # fmt: skip
    assert (run.record.command, run.record.epochs) == ("flask train it", 1)
    assert read_stage(tmp_path / "runs/tiny").name == "trunk"
    fine_tune(replace(plan, resume=True), tmp_path)
    assert read_run(tmp_path, "tiny").brief.state == "done"
    assert read_run(tmp_path, "tiny").brief.begun == run.brief.begun


def test_best_network_so_far_can_be_used_while_it_learns(pictures, tmp_path):
    def killed(progress):
        if "epoch 2" in progress.note:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        fine_tune(plan_of(pictures), tmp_path, killed)
    spec = encoder_of_run(tmp_path, "tiny")
    assert keras_encoder(spec).dim == 256


@pytest.mark.parametrize(
    ("kind", "wanted", "head"),
    [
        ("triplet", Wanted(width=16, in_class=0.3), "16 linear"),
        ("triplet", Wanted(mining="batch-hard"), ""),
        ("pairs", Wanted(ratio=0.5), ""),
    ],
)
def test_methods_that_compare_learn_too(pictures, tmp_path, kind, wanted, head):
    done = fine_tune(plan_of(pictures, kind, wanted=wanted, changes={"epochs": 1}), tmp_path)
    assert done.outcome.feature.head == head
    assert done.outcome.classification is None
    assert done.outcome.triplets.held_out is not None


def test_codes_are_searched_by_hamming(pictures, tmp_path):
    done = fine_tune(plan_of(pictures, "hash", wanted=Wanted(bits=16)), tmp_path)
    assert done.outcome.feature.head == "16 tanh"
    found = done.outcome.retrieval
    assert found.codes is not None
    by_measure = {each.measure: each for each in found.exact}
    assert found.verdict == by_measure["mAP"].verdict != ""
    assert found.codes.share == by_measure["mAP"].after[0] / by_measure["mAP"].before[0]
    values = {each.measure: each for each in found.codes.values}
    assert found.codes.kept == by_measure["mAP"].after[0] / values["mAP"].after[0]
    assert (found.codes.bytes_before, found.codes.bytes_after) == (1024, 8)
    assert {each.measure for each in found.codes.values} >= {"P@10", "mAP", "Mean rank"}
    report = read_report(tmp_path / "reports" / "training-tiny")
    tables = {table.name: table for table in tables_of(report)}
    assert [row[:2] for row in tables["index"].rows] == [
        ("before", "LSH"),
        ("codes", "Hamming codes"),
    ]
    assert [row[0] for row in tables["systems"].rows] == ["before", "values", "codes"]
    build_index(
        BuildPlan(
            (pictures,),
            name="codes",
            encoder=encoder_of_run(tmp_path, "tiny"),
            kind="hamming",
            options=IndexOptions(metric="hamming"),
            accept=0,
        ),
        tmp_path,
    )
    assert open_current(tmp_path, "codes").manifest.fingerprint.dim == 16


def test_run_goes_on_when_pictures_were_added_and_not_without_its_own(trained, tmp_path):
    """And ends like one that was never stopped."""
    _, whole = trained
    pictures = draw_gallery(tmp_path / "gallery", 10)
    plan = plan_of(pictures, changes={"epochs": 2, "dense": (24,), "dropout": 0.0})
    stages = []
    with pytest.raises(Stopped):
        fine_tune(
            plan, tmp_path, stages.append, lambda: "epoch 2" in stages[-1].note if stages else False
        )
    draw("lines", 77).save(pictures / "lines" / "0added.png")
    plan, lost = replace(plan, resume=True), pictures / "lines" / "03.png"
    content = lost.read_bytes()
    lost.unlink()
    with pytest.raises(RunError, match=r"lines/03.png \(gone\)"):
        fine_tune(plan, tmp_path)
    lost.write_bytes(content)
    done = fine_tune(plan, tmp_path)
    assert done.outcome.sha256 == whole.outcome.sha256


def test_test_pictures_tell_what_was_learnt(pictures, tmp_path):
    apart = draw_gallery(tmp_path / "test", 3)
    for at, file in enumerate(sorted(apart.rglob("*.png"))):
        draw(file.parent.name, 100 + at).save(file)
    done = fine_tune(plan_of(pictures, choice=Choice(test=apart), changes={"epochs": 1}), tmp_path)
    assert done.outcome.retrieval.asked == "test"
    assert done.facts.test == 9
    assert done.outcome.classification.confusion.sum() == 9
    report = read_report(tmp_path / "reports" / "training-tiny")
    assert report.facts["queries"] == "9"


@pytest.mark.parametrize(
    ("kind", "wanted", "said"),
    [
        ("triplet", Wanted(in_class=0.5), "classes of three pictures"),
        ("triplet", Wanted(mining="semi-hard"), "two classes of two pictures"),
        ("hash", Wanted(supervision="pairwise"), "two classes of two pictures"),
    ],
)
def test_labels_that_a_method_cannot_use_are_refused_before_anything_is_computed(
    tmp_path, kind, wanted, said
):
    pictures = draw_gallery(tmp_path / "few", 2)  # one of each class is held out
    if wanted.in_class:
        draw("lines", 50).save(pictures / "lines" / "third.png")
    with pytest.raises(TrainingRefused, match=said):
        fine_tune(plan_of(pictures, kind, wanted=wanted), tmp_path)
    assert not (tmp_path / "trunks").exists()


def test_head_alone_learns_over_a_frozen_network(pictures, tmp_path):
    plan = plan_of(
        pictures,
        "triplet",
        encoder=EncoderSpec(size=32),
        unfreeze="none",
        variants=0,
        wanted=Wanted(width=8),
    )
    done = fine_tune(plan, tmp_path)
    assert done.facts.cut == "descriptor"
    assert done.outcome.feature.head == "8 linear"
    learnt, before = (
        arrays(RunFolder(tmp_path, "tiny").weights),
        arrays(resolve(EncoderSpec()).path),
    )
    for name, values in before.items():
        assert np.array_equal(learnt[name], values.astype(np.float16)), name
    with pytest.raises(RunError, match="the feature would stay as it is"):
        fine_tune(replace(plan, wanted=Wanted(), name="other"), tmp_path)


@pytest.mark.campaign
def test_last_layers_learn_over_a_frozen_trunk(pictures, tmp_path):
    """The file lacks the last block, which is drawn anew; frozen layers stay to the bit."""
    whole = write_npz(random_network("resnet50v2", size=32), tmp_path / "whole.npz")
    some = {
        name: values
        for name, values in arrays(whole).items()
        if not name.startswith(("conv5_block1_1", "conv5_block1_0", "post"))
    }
    np.savez(tmp_path / "some.npz", **some)
    plan = plan_of(
        pictures,
        encoder=EncoderSpec("resnet50v2", str(tmp_path / "some.npz"), size=32),
        choice=Choice(most=2),
        variants=1,
        changes={"epochs": 1},
    )
    with pytest.raises(WeightsMismatch, match="--init-missing"):
        fine_tune(plan, tmp_path / "instance")
    plan = replace(plan, init_missing=True, resume=False)
    done = fine_tune(plan, tmp_path / "instance")
    assert done.facts.cut == "conv4_block6_out"
    assert done.facts.fresh[0] == "conv5_block1_1_conv"
    assert "conv5_block1_preact_relu, the last layer" in done.outcome.retrieval.before
    learnt = arrays(RunFolder(tmp_path / "instance", "tiny").weights)
    frozen = [name for name in learnt if not name.startswith(("conv5", "post"))]
    assert frozen
    for name in frozen:
        assert np.array_equal(learnt[name], some[name].astype(np.float16)), name
    moved = "conv5_block3_3_conv/kernel"
    assert not np.array_equal(learnt[moved], some[moved].astype(np.float16))
    spec = encoder_of_run(tmp_path / "instance", "tiny")
    assert keras_encoder(spec).dim == 2048
