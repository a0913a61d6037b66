"""The pictures of a gallery that precisions are compared on, and their features."""

from dataclasses import dataclass, replace
from pathlib import Path

from indexer.extract import extract
from indexer.features.cache import feature_cache
from indexer.features.reduction import Reduction, learn
from indexer.types import Float32, ImageRecord, Report, Scan
from models.encoder import open_encoder
from models.types import Limits


@dataclass(frozen=True)
class Sample:
    """Images of a sample that have a feature.

    Attributes:
        records: of the images.
        features: float32 (n, dim), theirs.
    """

    records: tuple[ImageRecord, ...]
    features: Float32


def encode_sample(
    precision: str,
    folder: Path,
    *,
    sample: Scan,
    instance: Path,
    batch_size: int,
    workers: int,
    limits: Limits,
    progress: Report,
) -> Sample:
    """Compute the features of a sample, or take them from the cache, where they stay.

    Args:
        precision: named in the progress.
        folder: of the exported encoder.
        sample: the images.
        instance: the folder under which features are kept.
        batch_size, workers, limits, progress: as for indexer.extract.extract.
    """
    encoder = open_encoder(folder, latency=False)
    with feature_cache(instance, encoder.fingerprint) as cache:
        done = extract(
            sample,
            encoder,
            cache,
            batch_size=batch_size,
            workers=workers,
            limits=limits,
            progress=lambda told: progress(replace(told, stage=f"check {precision}")),
        )
        return Sample(done.records, cache.read([record.sha256 for record in done.records]))


def learn_on(
    exact: Sample, reduce: int | None, *, whiten: bool, seed: int, codes: bool = False
) -> Reduction | None:
    """Learn what a build will do to its features, on those of a sample in fp32.

    A sample of n images tells n - 1 directions: where more are asked for, these are compared.
    Whitening learnt on so few makes more of the weakest directions than that of the build, so the
    nearer the width comes to n, the stricter is the comparison.

    Args:
        exact: the sample.
        reduce: width that the features will be reduced to, or None.
        whiten: whether they will vary alike in all directions.
        seed, codes: as for indexer.features.reduction.learn.

    Raises:
        BadParameter: the features of the sample vary in fewer directions.
    """
    if reduce is None:
        return None
    width = min(reduce, len(exact.records) - 1)
    return learn(exact.features, width, whiten=whiten, codes=codes, seed=seed)
