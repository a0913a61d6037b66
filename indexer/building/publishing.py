"""Makes an index of encoded images, and a generation of both."""

from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from indexer.arrays import open_array, write_array
from indexer.building.encoded import Encoded
from indexer.building.job import Job
from indexer.building.plans import BuildPlan, BuildSummary
from indexer.building.recipe import recipe_of
from indexer.cataloguing.writing import write_catalog
from indexer.checks.acceptance import Acceptance, accept
from indexer.checks.trials import Candidate
from indexer.distances import FeatureStore
from indexer.extract import write_features
from indexer.features.reduction import Reduction, learn, sampled
from indexer.features.writing import FeatureWriter, open_features
from indexer.indexes.base import Index
from indexer.indexes.lsh import LshIndex
from indexer.indexes.options import IndexOptions
from indexer.indexes.parameters import ChosenTables, default_h
from indexer.indexes.registry import index_class
from indexer.manifest import Manifest
from indexer.opening import (
    CATALOG,
    DISTANCES,
    FEATURES,
    NORMS,
    QUERIES,
    REDUCTION,
    TABLES,
)
from indexer.pairs import distance_quantiles
from indexer.tuning.points import Tuning
from indexer.tuning.queries import Queries
from indexer.tuning.shapes import shapes
from indexer.tuning.tuner import Tuned, is_open, tune
from indexer.types import Count, Float32, Scan
from models.types import Fingerprint

SAMPLED_SEARCHES = 100


def learnt(job: Job, features: Encoded) -> Reduction | None:
    """Learn what shortens the features, where the plan wants them shorter."""
    plan, records = job.plan, features.scan.records
    if plan.reduce is None:
        return None
    with job.clock.stage("reduce"):
        seed, codes = plan.options.seed, plan.options.metric == "hamming"
        rows = sampled(len(records), seed)
        sample = features.cache.read([records[row].sha256 for row in rows])
        return learn(sample, plan.reduce, whiten=plan.whiten, codes=codes, seed=seed)


def publish(
    job: Job,
    features: Encoded,
    reduction: Reduction | None,
    *,
    queries: Queries | None = None,
    try_tables: bool = False,
) -> BuildSummary:
    """Index the features, and make the draft the current generation if it deserves to be.

    Args:
        job: the build.
        features: of its images.
        reduction: what shortens them, or None.
        queries: that the tuning asks; None for a sample of the images.
        try_tables: choose the tables by measuring, too, where the plan leaves them open. Builds do
            without: on the galleries of docs/lsh.md those by default were the best or within a
            tenth of it, and trying others takes two to five times as long.

    Raises:
        NotAccepted: it does not find its own pictures, or copies of them.
    """
    with job.clock.stage("index"):
        store = _store(job, features, reduction)
        index = index_class(job.plan.kind).build(store, _options(job.plan, store))
    tuned = _tuned(job, index, queries, try_tables=try_tables)
    plan, tuning = job.plan, None
    if tuned:
        index, tuning = tuned.index, tuned.tuning
        plan = replace(plan, tables=_tables(plan, index)) if try_tables else plan
        if queries:
            write_array(job.draft.path / QUERIES, queries.features)
    visited_share = _visited_share(index, store, job.plan.options)
    acceptance = _accepted(job, features.scan, reduction, store, index)
    with job.clock.stage("publish"):
        _write(job, features.scan, store, index)
        complete = Manifest(
            name=job.plan.name,
            generation=job.draft.generation,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            kind=job.plan.kind,
            metric=job.plan.options.metric,
            parameters=dict(index.parameters),
            fingerprint=_fingerprint(job, reduction),
            images=store.count,
            distractors=sum(record.distractor for record in features.scan.records),
            rejected=len(features.scan.rejections),
            visited_share=visited_share,
            tuning=asdict(tuning) if tuning else {},
            reused=features.reused,
            recipe=recipe_of(plan),
            precision=asdict(job.precision) if job.precision else {},
            acceptance=asdict(acceptance) if acceptance else {},
            stages=tuple(job.clock.stages),
            files=(),
            store_as=job.plan.store_as,
        )
        manifest = job.draft.publish(complete)
    return _summary(job, features, manifest, tuning, acceptance)


def _store(job: Job, features: Encoded, reduction: Reduction | None) -> FeatureStore:
    """Give the draft its features, and map them into memory.

    Those of the current generation are shared where they are of the same images, by the same
    encoder and reduction, and of the same type; else they are written.
    """
    path, before, records = job.draft.path, job.draft.before, features.scan.records
    fingerprint, store_as = _fingerprint(job, reduction), job.plan.store_as
    if reduction:
        reduction.save(path / REDUCTION)
    if before and before.lend_features(path, fingerprint, store_as, records):
        norms = open_array(path / NORMS, "<f4", (len(records),))
    else:
        norms = _write_features(path, job, features, reduction)
        write_array(path / NORMS, norms)
    return FeatureStore(open_features(path / FEATURES, store_as=store_as), norms)


def _write_features(
    path: Path, job: Job, features: Encoded, reduction: Reduction | None
) -> Float32:
    """Write the features, reduced where that is wanted; return their lengths, float32 (n,)."""
    dim = reduction.dim if reduction else job.encoder.dim
    reduce = reduction.apply if reduction else None
    with FeatureWriter(path / FEATURES, dim, job.plan.store_as) as writer:
        return write_features(features.scan.records, features.cache, writer, reduce)


def _options(plan: BuildPlan, store: FeatureStore) -> IndexOptions:
    """Return what is asked of the index, by the user or by a tuning before."""
    if plan.tables is None:
        return plan.options
    return plan.tables.within(plan.options, store.dim, store.count)


def _tuned(job: Job, index: Index, queries: Queries | None, *, try_tables: bool) -> Tuned | None:
    """Find out how much a search must do, unless the plan says it or there is nothing to choose."""
    plan, options = job.plan, job.plan.options
    if not is_open(plan.kind, options) or index.store.count < 2:
        return None
    assert isinstance(index, LshIndex)  # no other kind is open
    with job.clock.stage("tune"):
        return tune(
            index,
            plan.target,
            queries=queries,
            shapes=shapes(index, options) if try_tables else (),
            metric=options.metric,
            seed=options.seed,
            progress=job.clock.progress,
        )


def _tables(plan: BuildPlan, index: LshIndex) -> ChosenTables:
    """Return how the tables of an index differ from those by default."""
    g, h, store = index.parameters["g"], index.parameters["h"], index.store
    return ChosenTables(g, h - default_h(plan.options, store.dim, store.count))


def _accepted(
    job: Job, scan: Scan, reduction: Reduction | None, store: FeatureStore, index: Index
) -> Acceptance | None:
    """Search for pictures and copies of them, unless nothing is asked of the build."""
    plan = job.plan
    if not job.accept:
        return None
    candidate = Candidate(
        roots=scan.roots,
        records=scan.records,
        encoder=job.server,
        reduction=reduction,
        store=store,
        index=index,
        metric=plan.options.metric,
    )
    with job.clock.stage("accept"):
        return accept(
            candidate,
            wanted=job.accept,
            seed=plan.options.seed,
            limits=plan.limits,
            progress=job.clock.progress,
        )


def _write(job: Job, scan: Scan, store: FeatureStore, index: Index) -> None:
    """Write everything but the encoder, the features and the manifest."""
    path, plan = job.draft.path, job.plan
    write_array(path / DISTANCES, distance_quantiles(store))
    (path / TABLES).mkdir()
    index.save(path / TABLES)
    write_catalog(path / CATALOG, scan.records, scan.rejections, scan.roots, plan.limits)


def _fingerprint(job: Job, reduction: Reduction | None) -> Fingerprint:
    made = job.encoder.fingerprint
    return reduction.of(made) if reduction else made


def _visited_share(index: Index, store: FeatureStore, options: IndexOptions) -> float:
    """Search for some of the indexed images, and return the mean part that is visited."""
    random = np.random.default_rng(options.seed)
    chosen = random.permutation(store.count)[:SAMPLED_SEARCHES]
    k = min(10, store.count)
    answers = [index.search(store.row(i), k, options.metric) for i in chosen]
    return float(np.mean([answer.visited for answer in answers])) / store.count


def _summary(
    job: Job,
    features: Encoded,
    manifest: Manifest,
    tuning: Tuning | None,
    acceptance: Acceptance | None,
) -> BuildSummary:
    counts = Counter(item.reason for item in features.scan.rejections).most_common()
    return BuildSummary(
        name=manifest.name,
        generation=manifest.generation,
        path=job.draft.folder.generation(manifest.generation),
        images=manifest.images,
        distractors=manifest.distractors,
        rejected=tuple(Count(reason, count) for reason, count in counts),
        reused=features.reused,
        computed=features.computed,
        stages=tuple(job.clock.stages),
        images_per_second=features.computed / max(job.clock.seconds("encode"), 1e-9),
        kind=manifest.kind,
        metric=manifest.metric,
        parameters=manifest.parameters,
        visited_share=manifest.visited_share,
        tuning=tuning,
        fingerprint=manifest.fingerprint,
        store_as=manifest.store_as,
        precision=job.precision,
        acceptance=acceptance,
        bytes=manifest.bytes,
    )
