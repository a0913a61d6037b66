"""The study of triplets: how often an anchor lies nearer to its positive than to its negative."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from indexer.distances import FeatureStore
from indexer.evaluation.bootstrap import mean, means
from indexer.evaluation.judgements.triplets import draw_triplets, ranked_right, read_triplets
from indexer.evaluation.metrics import PerQuery
from indexer.evaluation.pictures import Gallery
from indexer.evaluation.plans import EvaluationPlan
from indexer.evaluation.reporting.bars import comparison_bars
from indexer.evaluation.reporting.data import data_section
from indexer.evaluation.reporting.model import Cell, Column, Figure, Mean, Section, Table
from indexer.evaluation.reporting.words import METRICS, joined, plain, with_interval
from indexer.evaluation.splits import Split
from indexer.evaluation.studies.base import (
    Desk,
    Outcome,
    facts_of_systems,
    opened,
    systems_of,
    unranked,
)
from indexer.evaluation.studies.dropping import Pictures, without_unusable
from indexer.evaluation.studies.gathering import gallery_name, gathered, queries_of, split_of
from indexer.evaluation.systems.base import System
from indexer.evaluation.tasks import Picture
from indexer.types import Ids, Metric

TRAIN, TEST = "gallery", "queries"
ABOUT = (
    "A triplet is an anchor, another picture of its class, and one of another class. It is ranked "
    "right where the first two are nearer to each other than anchor and third; equal distances "
    "count half. What lies at random gets one half. Triplets of the gallery may be those that a "
    "network has learnt from; those of the queries should not be. Intervals are those of a "
    "bootstrap over anchors, each drawn with all its triplets; as these share the other pictures "
    "too, they are somewhat too narrow still."
)


@dataclass(frozen=True)
class Part:
    """Triplets of one side: which, and the classes of their anchors."""

    name: str
    triplets: Ids
    classes: tuple[str, ...]

    @classmethod
    def of(cls, name: str, pictures: Pictures, file: Path | None, plan: EvaluationPlan) -> "Part":
        """Read the triplets of a side, or draw them where no file holds any."""
        triplets = (
            read_triplets(file, [each.name for each in pictures])
            if file
            else draw_triplets(_labels(pictures), plan.triplets, plan.seed)
        )
        return cls(name, triplets, tuple(pictures[anchor].label for anchor in triplets[:, 0]))


@dataclass(frozen=True)
class Ranked:
    """How a system ranks the triplets of a side by a metric.

    Attributes:
        system: its name.
        metric: that distances are measured in.
        part: the triplets.
        right: float64 (n,), 1, 0.5 or 0 of each.
        mean: of those.
    """

    system: str
    metric: Metric
    part: Part
    right: PerQuery
    mean: Mean


def study_triplets(plan: EvaluationPlan, desk: Desk) -> Outcome:
    """Rank triplets of the gallery, and of the queries where there are some."""
    study = partial(_studied, plan, desk)
    return without_unusable(gathered(plan, desk), queries_of(plan, desk), study)


def _studied(plan: EvaluationPlan, desk: Desk, gallery: Gallery, given: Pictures) -> Outcome:
    """Rank triplets of pictures, all of which can be encoded."""
    pictures, queries = _sides(gallery.pictures, given, split_of(plan))
    task = replace(unranked(pictures, queries), remarks=gallery.remarks)
    parts = [Part.of(TRAIN, pictures, plan.triplets_file, plan)]
    if queries:
        parts.append(Part.of(TEST, queries, plan.test_file, plan))
    found: list[Ranked] = []
    facts = {f"triplets of the {part.name}": f"{len(part.triplets):,}" for part in parts}
    facts |= {f"remark {number}": remark for number, remark in enumerate(task.remarks, 1)}
    for spec in systems_of(plan):
        with opened(spec, task, plan, desk) as system:
            facts |= facts_of_systems(system)
            found += [each for part in parts for each in _ranked(system, part, plan.seed)]
    section = Section(
        "triplets",
        "Triplets ranked right",
        (ABOUT,),
        (_table(found), _by_class(found, plan.seed), _bars(found, desk)),
    )
    return Outcome(
        title=f"Triplets: {gallery_name(plan)}",
        answer=_answer(found),
        facts={"seed": f"{plan.seed}", **facts},
        sections=(section, data_section(task, gallery.rejections, desk.folder)),
    )


def _sides(gallery: Pictures, given: Pictures, split: Split | None) -> tuple[Pictures, Pictures]:
    """Return the pictures of the gallery, and those that are queries: given ones, or split off."""
    if split is None:
        return gallery, given
    held = split.held_out([each.label for each in gallery])
    stay, ask = (tuple(gallery[place] for place in np.flatnonzero(side)) for side in (~held, held))
    return stay, ask


def _metrics(system: System) -> tuple[Metric, ...]:
    return ("hamming",) if system.metric == "hamming" else ("euclidean", "cosine")


def _labels(pictures: Sequence[Picture]) -> tuple[str, ...]:
    """Return the classes of pictures; distractors have none."""
    return tuple(each.own_label for each in pictures)


def _ranked(system: System, part: Part, seed: int) -> Iterator[Ranked]:
    """Rank the triplets of a side by each metric."""
    metrics, anchors = _metrics(system), part.triplets[:, 0]
    right = np.stack([_right(system, part, metric) for metric in metrics])
    shares = means(right, groups=anchors, seed=seed)
    for metric, values, share in zip(metrics, right, shares, strict=True):
        yield Ranked(system.name, metric, part, values, share)


def _right(system: System, part: Part, metric: Metric) -> PerQuery:
    if part.name == TEST:
        return ranked_right(FeatureStore.of(system.queries), part.triplets, metric)
    return ranked_right(system.store, system.rows[part.triplets], metric)


def _table(found: list[Ranked]) -> Table:
    columns = (
        Column("system"),
        Column("metric"),
        Column("of the"),
        Column("ranked right", "share", "high", help="The triplet accuracy."),
    )
    rows = tuple(
        (plain(each.system), METRICS[each.metric], each.part.name, each.mean) for each in found
    )
    return Table("triplets", "Triplets ranked right", columns, rows)


def _by_class(found: list[Ranked], seed: int) -> Table:
    """Show the shares by the class of the anchor."""
    labels = sorted({label for each in found for label in each.part.classes})
    columns = (
        Column("class of the anchor"),
        *(Column(_named(each), "share", "high") for each in found),
    )
    rows: list[tuple[Cell, ...]] = [
        (plain(label), *(_of_class(each, label, seed) for each in found)) for label in labels
    ]
    return Table("triplets-by-class", "Triplets ranked right, by class", columns, tuple(rows))


def _of_class(ranked: Ranked, label: str, seed: int) -> Mean | None:
    some = np.array(ranked.part.classes) == label
    anchors = ranked.part.triplets[some, 0]
    return mean(ranked.right[some], groups=anchors, seed=seed) if some.any() else None


def _named(each: Ranked) -> str:
    return f"{plain(each.system)}, {METRICS[each.metric]}, {each.part.name}"


def _bars(found: list[Ranked], desk: Desk) -> Figure:
    series: dict[str, dict[str, Mean | None]] = {}
    for each in found:
        way = f"{METRICS[each.metric]}, {each.part.name}"
        series.setdefault(way, {})[each.system] = each.mean
    bars: Mapping[str, Mapping[str, Mean | None]] = series
    return comparison_bars(
        desk.folder, "triplets", "Triplets ranked right", bars, label="share ranked right"
    )


def _answer(found: list[Ranked]) -> str:
    """Tell of the side that a network has not learnt from, where there is one."""
    side, count = found[-1].part.name, len(found[-1].part.triplets)
    firsts: dict[str, Ranked] = {}
    for each in found:
        if each.part.name == side:
            firsts.setdefault(each.system, each)
    told = [
        f"{plain(each.system)} ranks {with_interval(each.mean, 'share')} right by "
        f"{METRICS[each.metric]} distance"
        for each in firsts.values()
    ]
    return f"Of {count:,} triplets of the {side}, {joined(told)}."
