"""Makes queries of distorted copies of a gallery's pictures."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from hashlib import sha256

import numpy as np

from indexer.building.job import Job
from indexer.errors import BadParameter
from indexer.evaluation.copies import AHEAD, distorted
from indexer.evaluation.distortions import DISTORTIONS
from indexer.features.cache import FeatureCache
from indexer.features.computing import computed
from indexer.files import read_regular
from indexer.tuning.pictures import STAGE, Encoded
from indexer.types import ImageRecord, Pixels, Progress, Rejection, Scan
from models.errors import ImageError
from models.parallel import in_order, worker_count
from models.types import Limits

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
    records = [found.records[number] for number in drawn]
    rejections = tuple(_encode_missing(found, records, job, cache))
    refused = {(each.root, each.path) for each in rejections}
    usable = [record for record in records if (record.root, record.path) not in refused]
    if not usable:
        raise BadParameter(
            f"None of {len(records):,} pictures of the gallery that were drawn can be read any "
            f"more ({rejections[0].detail}). Make sure that their folder can be read, or leave "
            "--copies out."
        )
    features = cache.read([digest for record in usable for digest in _digests(record)])
    return Encoded(features, rejections)


def _encode_missing(
    found: Scan, records: Sequence[ImageRecord], job: Job, cache: FeatureCache
) -> Iterator[Rejection]:
    """Encode the copies that the cache lacks; yield the pictures of which there are none."""
    digests = [digest for record in records for digest in _digests(record)]
    known = cache.known(digests).reshape(-1, KINDS)
    missing = [record for record, here in zip(records, known, strict=True) if not here.all()]
    load = partial(_load, found=found, size=job.server.size, limits=job.plan.limits)
    done = len(records) - len(missing)
    threads = worker_count(job.plan.workers)
    with closing(in_order(load, missing, workers=threads, ahead=AHEAD)) as loaded:
        for record, copies in zip(missing, loaded, strict=True):
            done += 1
            job.clock.progress(Progress(STAGE, done, len(records)))
            if isinstance(copies, Rejection):
                yield copies
                continue
            features = computed(job.server, copies)
            if np.isfinite(features).all() and features.any(axis=1).all():
                cache.append(_digests(record), features)
            else:
                yield _refusal(record, "no feature", "A copy of it has no feature.")


def _load(record: ImageRecord, found: Scan, size: int, limits: Limits) -> Pixels | Rejection:
    """Read a picture again and distort it, uint8 (kinds, size, size, 3), or say why not."""
    try:
        content, _ = read_regular(found.roots[record.root] / record.path, limits.max_bytes)
        if sha256(content).hexdigest() != record.sha256:
            return _refusal(record, "changed", "Its content is no longer what was indexed.")
        return distorted(content, size, limits=limits, name=record.path)
    except (OSError, ImageError) as error:
        return _refusal(record, "unreadable", str(error))


def _refusal(record: ImageRecord, reason: str, detail: str) -> Rejection:
    return Rejection(record.root, record.path, reason, detail)


def _digests(record: ImageRecord) -> list[str]:
    """Return what the cache knows the copies of a picture by."""
    return [sha256(f"{record.sha256} {kind}".encode()).hexdigest() for kind in DISTORTIONS]
