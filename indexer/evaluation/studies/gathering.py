"""Finds the pictures that a plan names, and what is known to be right."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from indexer.evaluation.errors import NothingToMeasure
from indexer.evaluation.groundtruth.model import GroundTruth
from indexer.evaluation.groundtruth.reading import read_ground_truth
from indexer.evaluation.groundtruth.storing import ground_truth_names, stored_ground_truth
from indexer.evaluation.pictures import (
    Gallery,
    pictures_of_folders,
    pictures_of_index,
    with_labels,
)
from indexer.evaluation.plans import DEFAULT_QUERIES, EvaluationPlan
from indexer.evaluation.protocols.base import RankingProtocol
from indexer.evaluation.protocols.copies import DEFAULT_SAMPLE
from indexer.evaluation.protocols.registry import protocol_class
from indexer.evaluation.remarks import counted
from indexer.evaluation.splits import Split
from indexer.evaluation.studies.base import Desk
from indexer.evaluation.systems.matching import places_of
from indexer.evaluation.tasks import Picture
from indexer.opening import open_current


def gathered(plan: EvaluationPlan, desk: Desk) -> Gallery:
    """Return the pictures of the plan's folders; without any, those of its first index.

    What one of the plan's indexes does not hold is left out, so that all are asked the same.

    Raises:
        GalleryError: a folder is missing, or holds no usable picture.
        LabelsInvalid: the file of labels cannot be read, or names no picture.
        NoIndex, UnknownIndex, IndexUnusable: an index cannot be opened.
        NothingToMeasure: the indexes have no picture in common, or none with the folders.
    """
    if plan.given:
        return Gallery(plan.given.gallery, ())
    if plan.sources:
        gallery = _of_folders(plan, desk, plan.sources, plan.distractors, plan.labels)
        others = plan.indexes
    else:
        gallery = of_index(plan.indexes[0], desk)
        if plan.labels:
            gallery = replace(gallery, pictures=with_labels(gallery.pictures, plan.labels))
        others = plan.indexes[1:]
    for name in dict.fromkeys(others):
        gallery = _held(gallery, name, of_index(name, desk).pictures)
    return gallery


def of_index(name: str, desk: Desk) -> Gallery:
    """Return the pictures of an index, distractors last, and the files that it left out."""
    generation = open_current(desk.instance, name)
    with closing(generation.catalog) as catalog:
        rejected = generation.manifest.rejected
        return Gallery(
            tuple(sorted(pictures_of_index(generation), key=lambda each: each.distractor)),
            tuple(catalog.rejections(0, rejected)) if rejected else (),
        )


def queries_of(plan: EvaluationPlan, desk: Desk) -> tuple[Picture, ...]:
    """Return the pictures of the plan's folders of queries; none where there are no such."""
    if plan.given:
        return plan.given.queries
    if not plan.queries:
        return ()
    return _of_folders(plan, desk, plan.queries, labels=plan.query_labels).pictures


def split_of(plan: EvaluationPlan) -> Split | None:
    """Return what holds some of the gallery out as queries; None where nothing does."""
    return None if plan.split is None else Split(plan.split, seed=plan.seed)


def gallery_name(plan: EvaluationPlan) -> str:
    """Return what titles call the gallery of a plan: of many folders are called train."""
    names = ["/".join(folder.resolve().parts[-2:]) for folder in plan.sources]
    names = [name.strip("/") for name in names] or list(plan.indexes)
    return ", ".join(names)


def protocol_of(
    plan: EvaluationPlan, desk: Desk, queries: tuple[Picture, ...] = ()
) -> RankingProtocol:
    """Return the protocol of a plan, with the ground truth that it names.

    Args:
        plan: what is wanted.
        desk: where.
        queries: pictures that are searched for; none for those of the gallery.

    Raises:
        BadGroundTruth: the ground truth cannot be read.
    """
    name = "folders" if plan.protocol == "grid" else plan.protocol
    made: Callable[..., RankingProtocol] = protocol_class(name)
    return made(**_options(name, plan, desk, queries))


def _options(
    name: str, plan: EvaluationPlan, desk: Desk, queries: tuple[Picture, ...]
) -> dict[str, Any]:
    """Return what a plan says of a protocol, by the names of the protocol's fields."""
    match name:
        case "copies":
            return {"count": plan.sample or DEFAULT_SAMPLE, "seed": plan.seed}
        case "holidays":
            return {"truth": _truth(plan, desk.instance), "partial": plan.partial}
        case "oxford":
            truth = _truth(plan, desk.instance)
            return {"truth": truth, "setup": plan.setup, "partial": plan.partial}
    split = split_of(plan)
    usual = None if queries or split else DEFAULT_QUERIES
    return {
        "queries": queries or None,
        "split": split,
        "sample": plan.sample or usual,
        "seed": plan.seed,
    }


def _held(gallery: Gallery, index: str, pictures: tuple[Picture, ...]) -> Gallery:
    """Keep of a gallery what an index holds, and tell what either lacks."""
    places = places_of(pictures, gallery.pictures)
    kept = np.sort(places[places >= 0])
    if not len(kept):
        raise NothingToMeasure(
            f"The index {index} and the gallery have no picture in common. Give the folders that "
            "it was built of, indexes of the same folders, or evaluate it by itself."
        )
    lacking = np.setdiff1d(np.arange(len(gallery.pictures)), kept)
    further = np.flatnonzero(places < 0)
    remarks = list(gallery.remarks)
    if len(lacking):
        remarks.append(
            f"Left out of the gallery: {counted(len(lacking), 'picture')} that the index {index} "
            f"does not hold, for instance {gallery.pictures[int(lacking[0])].name}."
        )
    if len(further):
        remarks.append(
            f"The index {index} holds {counted(len(further), 'picture')} that the gallery lacks, "
            f"for instance {pictures[int(further[0])].name}: passed over in its answers."
        )
    held = tuple(gallery.pictures[place] for place in kept.tolist())
    return Gallery(held, gallery.rejections, tuple(remarks))


def _of_folders(
    plan: EvaluationPlan,
    desk: Desk,
    folders: tuple[Path, ...],
    distractors: tuple[Path, ...] = (),
    labels: Path | None = None,
) -> Gallery:
    return pictures_of_folders(
        folders,
        distractors,
        labels=labels,
        limits=plan.limits,
        workers=plan.workers,
        progress=desk.progress,
    )


def _truth(plan: EvaluationPlan, instance: Path) -> GroundTruth | None:
    """Read a ground truth as it was imported by this name, or else from this file."""
    if not plan.ground_truth:
        return None
    source = Path(plan.ground_truth)
    known = plan.ground_truth in ground_truth_names(instance)
    return (
        read_ground_truth(source)
        if source.exists() and not known
        else stored_ground_truth(instance, plan.ground_truth)
    )
