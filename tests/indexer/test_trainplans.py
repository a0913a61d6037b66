"""What a plan asks for has an effect, or is refused at once."""

from pathlib import Path

import pytest

from indexer.experiments.finetuning.beginning import beginning_of
from indexer.experiments.finetuning.plan import TrainPlan, Wanted
from indexer.experiments.finetuning.retrieving import report_name
from indexer.experiments.runs.refusals import RunError
from models.types import EncoderSpec


def plan(kind="classifier", network="resnet50", weights="imagenet", **changes):
    return TrainPlan(kind, (Path("x"),), EncoderSpec(network, weights), "mine", **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "triplet", "recipe": "model1"}, "Leave out --recipe"),
        ({"kind": "hash", "recipe": "model4"}, "Leave out --recipe"),
        ({"recipe": "model1", "variants": 3}, "Leave out --variants 3"),
        ({"weights": "none", "init_missing": True}, "Leave out --init-missing"),
        ({"weights": "none", "unfreeze": "conv5_block1_1_conv"}, "Leave out --unfreeze"),
    ],
)
def test_what_has_no_effect_is_refused(changes, said):
    with pytest.raises(RunError, match=said):
        plan(**changes)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("triplet", Wanted(mining="batch-hard")), ("hash", Wanted(supervision="pairwise"))],
)
def test_batches_of_which_all_triplets_are_compared_are_bounded(kind, wanted):
    assert plan(kind, wanted=wanted, changes={"batch_size": 256})
    with pytest.raises(RunError, match=r"256 pictures at most.*Received: 257"):
        plan(kind, wanted=wanted, changes={"batch_size": 257})
    assert plan(kind, changes={"batch_size": 4096})


def test_variants_of_networks_that_vary_pictures_themselves_are_refused():
    with pytest.raises(RunError, match=r"Nothing of pocket is frozen.*--variants 4"):
        beginning_of(plan(network="pocket", weights="bundled", variants=4))


@pytest.mark.parametrize(
    ("kind", "wanted", "dropout", "smoothing"),
    [
        ("classifier", Wanted(), 0.3, 0.1),
        ("hash", Wanted(), 0.3, 0.1),
        ("hash", Wanted(supervision="pairwise"), 0.3, 0.0),
        ("triplet", Wanted(), 0.0, 0.0),
        ("pairs", Wanted(), 0.0, 0.0),
    ],
)
def test_what_a_method_ignores_is_not_of_its_recipe(kind, wanted, dropout, smoothing):
    how = plan(kind, wanted=wanted).how
    assert (how.dropout, how.smoothing) == (dropout, smoothing)


def test_network_is_cut_where_a_plan_unfreezes_it():
    begun = beginning_of(plan(network="pocket", weights="bundled", unfreeze="none"))
    assert begun.cut == "descriptor"


def test_reports_of_long_names_differ():
    names = {report_name("a" * 63 + last) for last in "bc"}
    assert len(names) == 2
    assert all(len(name) <= 64 for name in names)
    assert report_name("mine") == "training-mine"
