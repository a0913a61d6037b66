"""Gives a draft its features: those computed before are taken from where they are stored."""

import logging
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from indexer.building.job import Job
from indexer.distances import block_slices
from indexer.errors import DamagedIndex, EmptyGallery
from indexer.extract import Extraction, extract
from indexer.features.cache import FeatureCache, feature_cache
from indexer.opening import Generation, check_features
from indexer.types import Rejection, Scan
from models.encoder import Encoder

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Encoded:
    """The images of a scan that have a feature.

    Attributes:
        scan: these images, and all files that were rejected.
        cache: holds the features.
        reused: how many of the images had a feature before.
        computed: how many features were computed; images of equal content share one.
    """

    scan: Scan
    cache: FeatureCache
    reused: int
    computed: int


@contextmanager
def encoded(job: Job, found: Scan, before: Generation | None = None) -> Iterator[Encoded]:
    """Compute the features that are not stored yet, and lend all of them.

    Args:
        job: the build.
        found: what a walk found.
        before: a generation that the same encoder made, whose features are stored again in case
            they are so no longer.

    Raises:
        EmptyGallery: no image has a feature.
        BuildFailed: the engine fails, or no process that decodes can be kept alive.
    """
    plan = job.plan
    with feature_cache(job.draft.folder.instance, job.encoder.fingerprint) as cache:
        with job.clock.stage("encode"):
            if before:
                _store_again(before, job.encoder, cache)
            extraction = extract(
                found,
                job.encoder,
                cache,
                batch_size=plan.batch_size,
                workers=plan.workers,
                limits=plan.limits,
                progress=job.clock.progress,
            )
            cache.sync()  # what follows may take its time, and fail
        scan = Scan(found.roots, extraction.records, _merged(found, extraction))
        yield Encoded(scan, cache, extraction.reused, extraction.computed)


def _merged(found: Scan, extraction: Extraction) -> tuple[Rejection, ...]:
    """Join the rejections of both stages, by root and bytes of the path."""
    both = found.rejections + extraction.rejections
    merged = tuple(sorted(both, key=lambda item: (item.root, os.fsencode(item.path))))
    if not extraction.records:
        counts = Counter(item.reason for item in merged).most_common()
        reasons = ", ".join(f"{count} {reason}" for reason, count in counts)
        raise EmptyGallery(f"No image could be encoded ({reasons}).", merged)
    return merged


def _store_again(before: Generation, encoder: Encoder, cache: FeatureCache) -> None:
    """Store those features of a generation that are stored no longer, if they are whole.

    None that were reduced or rounded: builds of other indexes would take them for exact ones.
    """
    made = before.manifest
    if (made.fingerprint, made.store_as) != (encoder.fingerprint, "float32"):
        return
    rows = {image.sha256: row for row, image in enumerate(before.catalog.all_images())}
    known = cache.known(list(rows))
    missing = [each for each, here in zip(rows.items(), known, strict=True) if not here]
    if not missing:
        return
    try:
        check_features(before.path, before.manifest)
    except DamagedIndex as error:
        logger.warning("%d features are computed again: %s", len(missing), error)
        return
    for block in block_slices(len(missing)):
        digests, chosen = zip(*missing[block], strict=True)
        cache.append(digests, before.store.rows(np.array(chosen)))
