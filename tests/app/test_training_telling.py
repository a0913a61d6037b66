"""What a user reads of a fine-tuning: on the terminal at its end and meanwhile, and in its card."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli.training.telling import summary
from app.cli.training.watching import epoch_line, gathered_lines
from indexer.experiments.finetuning.card import write_tune_card
from indexer.experiments.finetuning.facts import TuneFacts, TuneOutcome
from indexer.experiments.finetuning.plan import OWN, Kind, Wanted
from indexer.experiments.finetuning.training import TrainSummary
from indexer.experiments.pictures.labelled import Labelled
from indexer.experiments.runs.changes import Change, Retrieved, Triplets
from indexer.experiments.runs.facts import Data, Source
from indexer.experiments.telling.classwords import class_words
from indexer.types import Count, Rejection
from models.training.checkpoints import Epoch
from models.training.machine import Machine
from models.training.recipes import recipe
from models.training.report import classification_report
from models.types import EncoderSpec
from tests.runs import epochs

NAMES = ("a|b", "c")
FRESH = (*(f"conv5_block1_{at}_conv" for at in range(16)), "post_bn")
EXACT = (
    Change("mAP", (0.592, 0.561, 0.622), (0.875, 0.850, 0.899), "better"),
    Change("First rank", (1.395, 1.22, 1.6), (2.055, 1.195, 3.51), "no difference"),
    Change("Mean rank", (287.322, 271.972, 303.162), (174.314, 158.5, 180.3), "better"),
    Change("Distance", (0.081, 0.079, 0.083), (0.017, 0.015, 0.018), ""),
)
LSH = (Change("Visited", (335.7, 330.4, 340.9), (265.9, 256.9, 274.1), "better"),)


def done(kind: Kind = "classifier", verdict: str = "better", **wanted: Any) -> TrainSummary:
    """Return what a fine-tuning might have left."""
    chosen = Wanted(**wanted)
    facts = TuneFacts(
        name="mine",
        command="flask train it",
        begun="2026-11-20T11:00:00+00:00",
        of="x",
        method=kind,
        settings={name: getattr(chosen, name) for name in OWN[kind]},
        encoder=EncoderSpec("resnet50v2", "imagenet"),
        weights=None,
        cut="conv4_block6_out",
        unfreeze="conv5_block1_preact_bn",
        fresh=FRESH,
        recipe=recipe("resnet50v2"),
        variants=8,
        seed=1,
        precision="fp32",
        machine=Machine("tensorflow", "3.12.0", "a processor"),
        classes=dict.fromkeys(NAMES, (8, 2)),
        data=Data((Source(Path("pictures"), 1, 20),), 16, 200, ()),
        unused=(Count("of no class", 3),),
    )
    outcome = TuneOutcome(
        ended="2026-11-20T11:02:00+00:00",
        seconds=61.0,
        curve=tuple(epochs([2.0, 1.0], [2.5, 1.5])),
        best=2,
        feature=EncoderSpec("resnet50v2", "weights.npz"),
        layers="",
        bytes=43_000_000,
        sha256="f" * 64,
        parameters=23_000_000,
        classification=classification_report(
            np.array([0, 1], np.int64), np.array([0, 1], np.int64), NAMES
        ),
        triplets=Triplets(0.9, 0.8),
        retrieval=Retrieved("training-mine", "the frozen features", "", EXACT, LSH, verdict),
    )
    return TrainSummary(Path("instance/runs/mine"), facts, outcome)


def test_the_answer_comes_first_and_the_digest_last_before_what_to_do() -> None:
    lines = summary(done()).splitlines()
    assert lines[0] == (
        "Better: mAP 0.592 -> 0.875 on 200 held out pictures; they also chose the epoch, so that "
        "it is a little too good."
    )
    assert lines[-4].split() == ["sha256", "f" * 64]
    assert lines[-2:] == [
        "To search with it:", "  flask index build FOLDER --name NAME --network run:mine",
    ]  # fmt: skip


def test_codes_are_built_for_hamming() -> None:
    assert summary(done("hash")).endswith("--network run:mine --kind hamming")


@pytest.mark.parametrize("verdict", ["worse", "no difference"])
def test_what_made_nothing_better_is_not_suggested(verdict: str) -> None:
    said = summary(done(verdict=verdict))
    assert said.startswith(f"{verdict.capitalize()}: mAP 0.592 -> 0.875")
    assert "flask index build" not in said
    assert said.splitlines()[-1] == (
        "Keep the index you have. What may help: a --rate lower than 0.001, more pictures of each "
        "class, or another method."
    )


def test_the_table_is_aligned_and_written_by_each_measures_kind() -> None:
    lines = summary(done()).splitlines()
    at = next(number for number, line in enumerate(lines) if "exact search" in line)
    table = lines[at : at + 6]
    column = table[0].index("after")
    assert [line[column - 2 : column] for line in table] == ["  "] * 6
    assert "Mean rank     287.3 (272.0 to 303.2)  174.3 (158.5 to 180.3)  better" in table[3]
    assert "Distance" not in "".join(table)
    assert table[5].split()[:2] == ["Visited", "336"]


def test_layers_drawn_anew_are_counted_and_listed_in_the_card() -> None:
    one = done()
    assert "drawn anew: 17 layers (16 of conv5, 1 of post)" in summary(one)
    assert "instance/runs/mine/card.md" in summary(one)
    assert f"| drawn anew | {', '.join(FRESH)} |" in write_tune_card(one.facts, one.outcome)


def test_what_was_left_out_is_told() -> None:
    one = done()
    assert "3 of no class" in summary(one)
    assert "3 of no class" in write_tune_card(one.facts, one.outcome)


def test_wide_intervals_are_told() -> None:
    one = done()
    wide = replace(one.outcome.retrieval, exact=(Change("mAP", (0.5, 0.4, 0.6), (0.6,) * 3, ""),))
    said = summary(replace(one, outcome=replace(one.outcome, retrieval=wide)))
    assert "the intervals are wide" in said
    assert "the intervals are wide" not in summary(one)


@pytest.mark.parametrize(
    ("kind", "wanted", "told", "untold"),
    [
        ("classifier", {}, ["smoothing of targets: 0.1"], ["gap", "widths of dense", "True"]),
        ("triplet", {}, ["- gap: 1", "Hermans"], ["smoothing", "dropped", "dense"]),
        ("pairs", {}, ["- margin:", "Hadsell"], ["smoothing", "gap:"]),
        ("hash", {"supervision": "classes"}, ["Yang et al.", "smoothing"], ["Li et al.", "dense"]),
        ("hash", {"supervision": "pairwise"}, ["Li et al."], ["Yang et al.", "smoothing"]),
        ("hash", {"supervision": "triplet"}, ["Hermans"], ["Li et al.", "Yang et al."]),
    ],
)
def test_the_card_tells_only_what_the_method_looks_at(
    kind: Kind, wanted: dict[str, Any], told: list[str], untold: list[str]
) -> None:
    one = done(kind, **wanted)
    method = write_tune_card(one.facts, one.outcome).split("## Method")[1].split("## ")[0]
    assert all(text in method for text in told)
    assert not any(text in method for text in untold)


def test_the_card_escapes_the_names_of_classes_and_leaves_room_for_limits() -> None:
    one = done()
    card = write_tune_card(one.facts, one.outcome)
    assert "| a\\|b | 8 | 2 |" in card
    assert "|  | a\\|b | c |" in card
    assert "## Limits\n\nTo be filled in by who gives these weights to others" in card


def test_each_epoch_has_a_line() -> None:
    curve = [
        Epoch(1, 0, 0.8, 5.7, 30.0, 0.82, 0.35),
        Epoch(2, 0, 0.46, 0.48, 30.0, 0.97, 0.955),
        Epoch(3, 0, 0.4, 0.5, 30.0, 0.99, 0.95),
    ]
    assert epoch_line(curve[:2], "accuracy") == (
        "epoch 2: loss 0.460, held out 0.480, accuracy 95.5%, best so far"
    )
    assert epoch_line(curve, "accuracy").endswith("accuracy 95.0%")
    assert epoch_line(epochs([1.0]), "accuracy") == "epoch 1: loss 1.000, best so far"


def gathered(classes: tuple[str, ...] = ("altars", "domes")) -> Labelled:
    """Return labelled pictures, as far as their numbers are told."""
    return Labelled(
        records=(),
        roots=(),
        classes=classes,
        labels=np.array([0, 0, 0, 1, 1], np.int64),
        is_held_out=np.array([0, 0, 1, 0, 1], np.bool_),
        is_test=np.zeros(5, np.bool_),
        rejections=(Rejection(0, "torn.jpg", "damaged", "torn"),),
        left_out=(Count("of too small a class", 1200), Count("of no class", 2)),
    )


def test_classes_and_what_is_left_out_are_told_after_the_scan() -> None:
    assert list(gathered_lines(gathered())) == [
        "2 classes: altars 3, domes 2",
        "3 pictures to learn from, 2 held out",
        "left out: 1,200 of too small a class, 2 of no class",
        "cannot be used: 1 damaged",
    ]


def test_of_many_classes_the_ends_are_told() -> None:
    told = class_words([(f"c{at:02d}", at) for at in range(1, 31)])
    assert (
        told == "30 classes, the largest c30 30, c29 29, c28 28; the smallest c03 3, c02 2, c01 1"
    )


@pytest.mark.parametrize(
    ("classes", "warned"), [(("train", "Val"), True), (("train", "car"), False)]
)
def test_parts_are_not_taken_for_classes(classes: tuple[str, ...], warned: bool) -> None:
    told = " ".join(gathered_lines(gathered(classes)))
    assert ("these look like parts, not classes" in told) == warned
