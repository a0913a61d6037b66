"""Makes queries of distorted copies of a gallery's pictures."""

from collections.abc import Iterator, Sequence

import numpy as np

from indexer.building.job import Job
from indexer.errors import BadParameter
from indexer.features.cache import FeatureCache
from indexer.tuning.pictures import STAGE, Encoded
from indexer.types import Ids, Progress, Rejection, Scan
from indexer.variants.distortions import DISTORTIONS
from indexer.variants.encoding import Original, encode_variants

KINDS = len(DISTORTIONS)


def encode_copies(found: Scan, most: int, job: Job, cache: FeatureCache) -> Encoded:
    """Encode distorted copies of some pictures of a gallery, all kinds of each picture in a row.

    Each copy is encoded once: its feature stays in the cache, by the content that it was made of.

    Args:
        found: the gallery.
        most: copies at most; the pictures are drawn at random.
        job: whose encoder, limits and seed count.
        cache: features of this encoder.

    Raises:
        BadParameter: no picture can be read any more.
        BuildFailed: the engine fails.
    """
    random = np.random.default_rng(job.plan.options.seed)
    drawn = np.sort(random.permutation(len(found.records))[: max(1, most // KINDS)])
    originals = [_original(found, number) for number in drawn]
    refused = dict(_encode_missing(originals, found, drawn, job, cache))
    usable = [each for place, each in enumerate(originals) if place not in refused]
    rejections = tuple(refused.values())
    if not usable:
        raise BadParameter(
            f"None of {len(originals):,} pictures of the gallery that were drawn can be read any "
            f"more ({rejections[0].detail}). Make sure that their folder can be read, or leave "
            "--copies out."
        )
    features = cache.read([digest for original in usable for digest in original.digests])
    return Encoded(features, rejections)


def _original(found: Scan, number: int) -> Original:
    record = found.records[number]
    file = found.roots[record.root] / record.path
    return Original(file, record.path, record.sha256, tuple(DISTORTIONS))


def _encode_missing(
    originals: Sequence[Original], found: Scan, drawn: Ids, job: Job, cache: FeatureCache
) -> Iterator[tuple[int, Rejection]]:
    """Encode the copies that the cache lacks; yield the pictures of which there are none."""

    def told(done: int) -> None:
        job.clock.progress(Progress(STAGE, done, len(originals)))

    limits, workers = job.plan.limits, job.plan.workers
    for each in encode_variants(
        originals, job.server, cache, limits=limits, workers=workers, told=told
    ):
        record = found.records[drawn[each.row]]
        yield each.row, Rejection(record.root, record.path, each.reason, each.detail)
