"""Makes queries of pictures that people hold out of a gallery."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from indexer.building.job import Job
from indexer.errors import BadParameter
from indexer.extract import extract
from indexer.features.cache import FeatureCache
from indexer.gallery import scan
from indexer.types import Float32, ImageRecord, Progress, Rejection, Report, Scan

FEW = 20  # pictures that tell too little of a recall
STAGE = "queries"


@dataclass(frozen=True)
class Encoded:
    """Pictures that can be asked, encoded, and files that cannot.

    Attributes:
        features: float32 (m, dim), of the encoder.
        rejections: of the files.
    """

    features: Float32
    rejections: tuple[Rejection, ...]


def encode_folder(
    folder: Path, most: int, job: Job, cache: FeatureCache, gallery: Sequence[ImageRecord]
) -> Encoded:
    """Encode pictures of a folder; what was encoded before is taken from the cache.

    Args:
        folder: of the pictures.
        most: as many are drawn at random where there are more.
        job: whose encoder, limits and seed count.
        cache: features of this encoder.
        gallery: images that are indexed; pictures of their content are left out.

    Raises:
        SourceMissing, EmptyGallery: there is no such folder, or no usable picture in it.
        BadParameter: it holds too few pictures that are not in the gallery.
        BuildFailed: the engine fails, or no process that decodes can be kept alive.
    """
    plan, report = job.plan, _staged(job.clock.progress)
    found = scan((folder,), limits=plan.limits, workers=plan.workers, progress=report)
    indexed = {record.sha256 for record in gallery}
    new = [record for record in found.records if record.sha256 not in indexed]
    random = np.random.default_rng(plan.options.seed)
    drawn = np.sort(random.permutation(len(new))[:most])
    chosen = Scan(found.roots, tuple(new[number] for number in drawn), found.rejections)
    done = extract(
        chosen,
        job.server,
        cache,
        batch_size=plan.batch_size,
        workers=plan.workers,
        limits=plan.limits,
        progress=report,
    )
    if len(done.records) < FEW:
        raise BadParameter(
            f"{os.fspath(folder)} holds {len(done.records):,} usable pictures that are not in the "
            f"index, and at least {FEW} are wanted to tell what is found. Give a folder of more, "
            "or leave --queries out: then images of the index are asked."
        )
    features = cache.read([record.sha256 for record in done.records])
    return Encoded(features, found.rejections + done.rejections)


def _staged(report: Report) -> Report:
    """Return what reports every stage as that of the queries; files left out are none of ours."""

    def told(progress: Progress) -> None:
        report(replace(progress, stage=STAGE, rejected=0))

    return told
