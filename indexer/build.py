"""The pipeline from folders of images to a published index, in order."""

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from indexer.arrays import write_array
from indexer.catalog import Count, write_catalog
from indexer.clock import Clock
from indexer.distances import FeatureStore, distance_quantiles
from indexer.errors import BadParameter, BuildFailed, DamagedIndex, EmptyGallery
from indexer.extract import Extraction, extract
from indexer.features import FeatureWriter, open_features
from indexer.gallery import scan
from indexer.generations import DEFAULT_NAME, Draft, drafting, require_name
from indexer.indexes.base import Index, IndexOptions
from indexer.indexes.registry import index_class
from indexer.manifest import Manifest, Stage
from indexer.opening import CATALOG, DISTANCES, ENCODER, FEATURES, NORMS, QUANTILES, TABLES
from indexer.types import DEFAULT_LIMITS, Metric, Rejection, Report, Scan, silent
from models.encoder import ENCODER_FILES, Encoder, open_encoder, prepare_encoder
from models.errors import EncoderDamaged
from models.types import EncoderSpec, Fingerprint, Limits

SAMPLED_SEARCHES = 100
DEFAULT_SPEC = EncoderSpec()
DEFAULT_OPTIONS = IndexOptions()


@dataclass(frozen=True)
class BuildPlan:
    """What a user wants built.

    Attributes:
        sources: folders of images.
        name: the index's name.
        distractors: folders of further images without a class.
        labels: a file of `path label` lines, or None for the folders' names.
        encoder: what turns images into features.
        kind: "lsh" or "exact".
        options: of the index; among them the metric.
        batch_size: images encoded at once.
        workers: threads that read and decode; 0 for one on each core.
        limits: what a file may cost.
    """

    sources: tuple[Path, ...]
    name: str = DEFAULT_NAME
    distractors: tuple[Path, ...] = ()
    labels: Path | None = None
    encoder: EncoderSpec = DEFAULT_SPEC
    kind: str = "lsh"
    options: IndexOptions = DEFAULT_OPTIONS
    batch_size: int = 32
    workers: int = 0
    limits: Limits = DEFAULT_LIMITS

    def __post_init__(self) -> None:
        """Refuse at once what would fail after an hour."""
        require_name(self.name)
        index_class(self.kind)
        if self.batch_size < 1:
            raise BadParameter(f"The batch size must be 1 or more. Received: {self.batch_size}")


@dataclass(frozen=True)
class BuildSummary:
    """What a build did.

    Attributes:
        name, generation, path: the index, its new generation, and the folder of that.
        images: how many were kept, distractors among them.
        distractors: how many of these.
        rejected: how many files were not usable, by reason, the commonest first.
        stages: seconds by stage, in order.
        images_per_second: of the decoding and encoding.
        kind, metric, parameters: of the index.
        visited_share: mean part of the gallery that a search visits.
        fingerprint: of the encoder.
        bytes: size of the generation.
    """

    name: str
    generation: str
    path: Path
    images: int
    distractors: int
    rejected: tuple[Count, ...]
    stages: tuple[Stage, ...]
    images_per_second: float
    kind: str
    metric: Metric
    parameters: dict[str, Any]
    visited_share: float
    fingerprint: Fingerprint
    bytes: int


def build_index(plan: BuildPlan, instance: Path, progress: Report = silent) -> BuildSummary:
    """Scan, encode, index and publish; the index before stays current until the last moment.

    Args:
        plan: what to build.
        instance: the folder under which all indexes lie.
        progress: told how far each stage is.

    Raises:
        BuildRunning: the index is being built by another process.
        GalleryError: the gallery cannot be used.
        NetworkError: the encoder cannot be made.
        BuildFailed: the disk is full, or failed otherwise.
    """
    clock = Clock(progress)
    with _explained(plan.name, instance), drafting(instance, plan.name) as draft:
        # The encoder first: a wrong name of a network or file must not cost a walk of an hour.
        with clock.stage("encoder"):
            encoder = _encoder(plan.encoder, instance / "encoders", draft.path / ENCODER)
        with clock.stage("scan"):
            found = _scan(plan, progress)
        with clock.stage("encode"), FeatureWriter(draft.path / FEATURES, encoder.dim) as writer:
            extraction = extract(
                found,
                encoder,
                writer,
                batch_size=plan.batch_size,
                workers=plan.workers,
                limits=plan.limits,
                progress=progress,
            )
        rejections = _merged(found, extraction)
        with clock.stage("index"):
            store = FeatureStore(open_features(draft.path / FEATURES), extraction.norms)
            index = index_class(plan.kind).build(store, plan.options)
            visited_share = _visited_share(index, store, plan.options)
        with clock.stage("publish"):
            _write(draft, found, extraction, rejections, store, index, plan.options.seed)
            manifest = draft.publish(
                Manifest(
                    name=plan.name,
                    generation=draft.generation,
                    created=datetime.now(UTC).isoformat(timespec="seconds"),
                    kind=plan.kind,
                    metric=plan.options.metric,
                    parameters=dict(index.parameters),
                    fingerprint=encoder.fingerprint,
                    images=store.count,
                    distractors=sum(record.distractor for record in extraction.records),
                    rejected=len(rejections),
                    visited_share=visited_share,
                    stages=tuple(clock.stages),
                    files=(),
                )
            )
    return _summary(manifest, draft, rejections, clock)


def _scan(plan: BuildPlan, progress: Report) -> Scan:
    return scan(
        plan.sources,
        labels=plan.labels,
        distractors=plan.distractors,
        limits=plan.limits,
        workers=plan.workers,
        progress=progress,
    )


def _encoder(spec: EncoderSpec, cache: Path, folder: Path) -> Encoder:
    """Export an encoder or find it exported, and open a copy that stays with the generation."""
    source = prepare_encoder(spec, cache)
    folder.mkdir()
    for name in ENCODER_FILES:
        shutil.copyfile(source / name, folder / name)
    return open_encoder(folder, latency=False)


def _merged(found: Scan, extraction: Extraction) -> tuple[Rejection, ...]:
    """Join the rejections of both stages, by root and bytes of the path."""
    both = found.rejections + extraction.rejections
    merged = tuple(sorted(both, key=lambda item: (item.root, os.fsencode(item.path))))
    if not extraction.records:
        counts = Counter(item.reason for item in merged).most_common()
        reasons = ", ".join(f"{count} {reason}" for reason, count in counts)
        raise EmptyGallery(f"No image could be encoded ({reasons}).", merged)
    return merged


def _write(
    draft: Draft,
    found: Scan,
    extraction: Extraction,
    rejections: tuple[Rejection, ...],
    store: FeatureStore,
    index: Index,
    seed: int,
) -> None:
    """Write everything but the features, the encoder and the manifest."""
    write_array(draft.path / NORMS, store.norms)
    write_array(draft.path / DISTANCES, distance_quantiles(store, QUANTILES, seed))
    (draft.path / TABLES).mkdir()
    index.save(draft.path / TABLES)
    write_catalog(draft.path / CATALOG, extraction.records, rejections, found.roots)


def _visited_share(index: Index, store: FeatureStore, options: IndexOptions) -> float:
    """Search for some of the indexed images, and return the mean part that is visited."""
    random = np.random.default_rng(options.seed)
    chosen = random.permutation(store.count)[:SAMPLED_SEARCHES]
    k = min(10, store.count)
    answers = [index.search(np.asarray(store.features[i]), k, options.metric) for i in chosen]
    return float(np.mean([answer.visited for answer in answers])) / store.count


def _summary(
    manifest: Manifest, draft: Draft, rejections: tuple[Rejection, ...], clock: Clock
) -> BuildSummary:
    counts = Counter(rejection.reason for rejection in rejections).most_common()
    return BuildSummary(
        name=manifest.name,
        generation=manifest.generation,
        path=draft.folder.generation(draft.generation),
        images=manifest.images,
        distractors=manifest.distractors,
        rejected=tuple(Count(reason, count) for reason, count in counts),
        stages=tuple(clock.stages),
        images_per_second=manifest.images / max(clock.seconds("encode"), 1e-9),
        kind=manifest.kind,
        metric=manifest.metric,
        parameters=manifest.parameters,
        visited_share=manifest.visited_share,
        fingerprint=manifest.fingerprint,
        bytes=manifest.bytes,
    )


@contextmanager
def _explained(name: str, instance: Path) -> Iterator[None]:
    """Turn failures of the disk into one error that says what to do."""
    try:
        yield
    except (OSError, sqlite3.Error, DamagedIndex, EncoderDamaged) as error:
        raise BuildFailed(
            f"The index {name!r} was not built: {error}. What was there before still serves. Make "
            f"sure that the disk has room at {instance} and can be written, then build again."
        ) from error
