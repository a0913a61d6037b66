"""Writes the card of a trained network: what it is, how it was made, what it can and cannot do."""

import math
from collections.abc import Iterator
from dataclasses import asdict

from indexer.experiments.comparing.findings import Retrieval
from indexer.experiments.distilling.facts import Facts, Outcome
from indexer.experiments.telling.cardparts import (
    begun_words,
    learning_words,
    limits,
    pairs,
    source_lines,
    table,
    weights_rows,
)
from indexer.experiments.telling.classwords import count_words

METHOD = """\
Distillation: the network learnt to describe pictures as a trained one does, its teacher (Hinton et
al., "Distilling the Knowledge in a Neural Network", 2015). No label was used, and none of the
teacher's weights is in it. Both saw the same random crops, two of a picture at a time, over many
epochs (Beyer et al., "Knowledge distillation: a good teacher is patient and consistent", 2022).
Half of the crops were mirrored, half were of a turned picture, half were darkened, each by a chance
of its own. The loss is 1 - cosine between the teacher's features, taken from their mean, and a
linear head on the student's, which was dropped afterwards (after Navaneet et al., "SimReg", 2021,
whose head has more layers); it is measured on the pooled features and, with the weight `places`, at
each place of the map. With the weight `contrast` comes what copies of a picture are found by: to
tell its crops from those of the other pictures in the batch, by the student's own pooled features
(Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations", 2020; Khosla
et al., "Supervised Contrastive Learning", 2020). The crops grew from epoch to epoch (Tan and Le,
"EfficientNetV2", 2021); the teacher saw each `zoom` times larger than the student. The rate of
AdamW (Loshchilov and Hutter, 2019) rose at first and then fell along a cosine.

The last layer was not learnt but fitted afterwards, to views of pictures that were learnt from: a
linear map of four depths of the network (Hariharan et al., "Hypercolumns for Object Segmentation
and Fine-grained Localization", 2015) that whitens what differs between views of a picture, and
keeps the directions in which pictures then differ most (Mikolajczyk and Matas, "Improving
Descriptors for Fast Tree Matching by Optimal Linear Projection", 2007; Radenovic et al.,
"Fine-tuning CNN Image Retrieval with No Human Annotation", 2018, section 3.2)."""

LIMITS = limits("the pictures and the teacher", "the pictures and of the teacher's weights")


def write_card(facts: Facts, outcome: Outcome) -> str:
    """Return the card of a finished run, in Markdown."""
    return "\n".join(
        [
            f"# {facts.name}",
            "",
            *_summary(facts, outcome),
            "",
            "## Data",
            "",
            *_data(facts),
            "",
            "## Method",
            "",
            METHOD,
            "",
            *_settings(facts),
            "",
            "```",
            facts.command,
            "```",
            "",
            "## Figures",
            "",
            *_figures(outcome),
            "",
            "## Limits",
            "",
            LIMITS,
            "",
        ]
    )


def _summary(facts: Facts, outcome: Outcome) -> Iterator[str]:
    begun = {"begun with the weights": begun_words(facts.start)} if facts.start else {}
    yield from pairs(
        {
            "network": f"{facts.student}, {outcome.parameters / 1e6:.1f} million parameters",
            **weights_rows(outcome.bytes, outcome.sha256, outcome.ended),
            "speed": str(outcome.speed),
            "teacher": f"{facts.teacher.name}, {facts.teacher.width:,} wide",
            "the teacher's weights": f"`{facts.teacher.weights.name}`, `{facts.teacher.sha256}`",
            **begun,
            "learning": learning_words(outcome.seconds, facts.precision, facts.machine),
        }
    )


def _data(facts: Facts) -> Iterator[str]:
    yield from source_lines(facts.data)
    yield (
        f"{facts.data.shown:,} pictures were learnt from, and {facts.data.held_out:,} held out, "
        f"never to be learnt from. Files left out: {count_words(facts.data.reasons)}."
    )


def _settings(facts: Facts) -> Iterator[str]:
    settings = ", ".join(f"{name} {value:g}" for name, value in asdict(facts.lesson).items())
    yield f"Settings: {settings}."


def _figures(outcome: Outcome) -> Iterator[str]:
    last = outcome.curve[-1]
    held_out = f", and {last.held_out:.4f} on the pictures held out"
    yield f"Loss in the last epoch: {last.loss:.4f}{'' if math.isnan(last.held_out) else held_out}."
    yield "The curve is in `curve.csv` and `curve.png`."
    if near := outcome.found.neighbours:
        yield ""
        yield (
            f"Of a held out picture's {near.k} nearest among {near.pictures:,}, as the teacher "
            f"sees it, the student has {near.student:.1%} among its own {near.k}; a thumbnail of "
            f"8x8 pixels has {near.thumbnail:.1%}."
        )
    for retrieval in outcome.found.retrievals:
        yield ""
        yield from _retrieval(retrieval)


def _retrieval(found: Retrieval) -> Iterator[str]:
    seen = f"{found.shown:,} of them learnt from" if found.shown else "none of them learnt from"
    yield (
        f"`{found.folder}`, folders as classes: {found.pictures:,} pictures ({seen}), "
        f"{found.asked}. By cosine, with a thumbnail of 8x8 pixels to compare:"
    )
    yield ""
    yield from table(("", "P@1", "P@10", "mAP"), iter(found.rows))
