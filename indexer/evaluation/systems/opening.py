"""Opens what a user names, a network or an index, with the features that a task needs of it."""

import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from indexer.checks.calibration import in_precision
from indexer.distances import FeatureStore
from indexer.evaluation.errors import EvaluationError
from indexer.evaluation.pictures import pictures_of_index
from indexer.evaluation.systems.base import System, SystemSpec
from indexer.evaluation.systems.encoding import Means, encode, features_of, scan_of
from indexer.evaluation.systems.matching import places_of
from indexer.evaluation.systems.naming import (
    facts_of_features,
    facts_of_index,
    index_facts_of,
    name_of,
)
from indexer.evaluation.tasks import Picture, Task
from indexer.extract import write_features
from indexer.features.cache import FeatureCache, feature_cache
from indexer.features.writing import FeatureWriter, open_features
from indexer.opening import open_current
from indexer.serving.encoding import COMPILED
from indexer.types import DEFAULT_LIMITS, Ids, Progress, Report, silent
from indexer.unneeded import ENCODERS
from models.encoder import Encoder, open_encoder, prepare_encoder
from models.types import EncoderSpec, Limits


def open_system(
    spec: SystemSpec,
    task: Task,
    instance: Path,
    scratch: Path,
    *,
    limits: Limits = DEFAULT_LIMITS,
    precision: str = "fp32",
    batch_size: int = 32,
    workers: int = 0,
    progress: Report = silent,
) -> System:
    """Encode the gallery and the queries of a task, or open what an index holds of them.

    Whatever a build or an evaluation has encoded before is read from the instance's cache, and
    what is encoded now is kept there.

    Args:
        spec: what is evaluated; its label is its name, if it has one.
        task: gallery and queries.
        instance: the folder under which indexes, encoders and features lie.
        scratch: a folder for the features of a network's gallery, which are mapped into memory
            and needed as long as the system is. An index has its own.
        limits: what a file may cost.
        precision: "fp32", "bf16" or "int8": that a network computes in. Ranges of int8 are found
            on pictures of the gallery, as builds do. An index keeps its own.
        batch_size: pictures encoded at once.
        workers: that decode, at most; 0 for one on each core.
        progress: told how far each stage is.

    Raises:
        CannotEncode: pictures have no feature; those that have one are kept in the cache.
        EvaluationError: an index does not hold the gallery.
        NetworkError: the network, or its precision, cannot be had.
        NoIndex, UnknownIndex, IndexUnusable: the index cannot be opened.
        BuildFailed: the engine fails, or no process that decodes can be kept alive.
        OSError: the disk is full, or failed otherwise.
    """
    means = Means(limits, batch_size, workers, progress)
    if spec.encoder is not None and not spec.index:
        return _network(spec, spec.encoder, task, instance, scratch, precision, means)
    if spec.index and spec.encoder is None:
        return _index(spec, task, instance, means)
    raise EvaluationError(f"Name an index or a network to evaluate. Received: {spec}")


def _network(
    spec: SystemSpec,
    asked: EncoderSpec,
    task: Task,
    instance: Path,
    scratch: Path,
    precision: str,
    means: Means,
) -> System:
    """Encode gallery and queries by a network."""
    means.progress(Progress("encoder", 0, 0))
    folder = in_precision(
        precision,
        prepare_encoder(asked, instance / ENCODERS),
        scan_of(task.gallery),
        workers=means.workers,
        limits=means.limits,
        progress=means.progress,
    )
    encoder = _opened(folder, instance)
    with feature_cache(instance, encoder.fingerprint) as cache:
        encode((*task.gallery, *task.queries), encoder, cache, means)
        store = _stored(task.gallery, cache, scratch)
        queries = features_of(task.queries, cache)
    return System(
        name=name_of(spec),
        facts=facts_of_features(encoder.fingerprint, weights=asked.weights),
        store=store,
        places=np.arange(len(task.gallery), dtype=np.int64),
        queries=queries,
        metric=spec.metric,
        by_index=spec.by_index,
    )


def _index(spec: SystemSpec, task: Task, instance: Path, means: Means) -> System:
    """Open an index, and encode the queries as its own searches do."""
    generation = open_current(instance, spec.index)
    with closing(generation.catalog):
        pictures = pictures_of_index(generation)
    places = places_of(pictures, task.gallery)
    _require_held(places, task.gallery, spec.index)
    encoder = _opened(generation.encoder, instance)
    with feature_cache(instance, encoder.fingerprint) as cache:
        encode(task.queries, encoder, cache, means)
        queries = generation.reduced(features_of(task.queries, cache))
    manifest = generation.manifest
    return System(
        name=name_of(spec),
        facts=facts_of_index(manifest),
        store=generation.store,
        places=places,
        queries=queries,
        metric=manifest.metric,
        index=generation.index,
        index_facts=index_facts_of(manifest.kind, manifest.parameters),
    )


def _require_held(places: Ids, gallery: Sequence[Picture], index: str) -> None:
    lacking = np.setdiff1d(np.arange(len(gallery)), places)
    if len(lacking):
        raise EvaluationError(
            f"The index {index} lacks {len(lacking):,} of {len(gallery):,} pictures that are "
            f"searched, as {gallery[int(lacking[0])].name}. Bring it up to date (flask index sync "
            f"{index}), or evaluate it by itself."
        )


def _opened(folder: Path, instance: Path) -> Encoder:
    return open_encoder(folder, latency=False, compiled=instance / COMPILED)


def _stored(gallery: Sequence[Picture], cache: FeatureCache, scratch: Path) -> FeatureStore:
    """Write the features of a gallery into a file of their own, and map that into memory."""
    with tempfile.NamedTemporaryFile(dir=scratch, suffix=".npy", delete=False) as file:
        path = Path(file.name)
    with FeatureWriter(path, cache.dim) as writer:
        norms = write_features(scan_of(gallery).records, cache, writer)
    return FeatureStore(open_features(path), norms)
