"""`flask index build`: folders of images in, an index out."""

from pathlib import Path
from typing import get_args

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli import tables
from app.cli.errors import explained
from app.cli.interrupts import resumable
from app.cli.machines import built, tell, told_of_failure
from app.cli.options import (
    CROP,
    FOLDER,
    JSON,
    LABELS,
    POOLING,
    SIZE,
    encoder_spec,
    instance,
    keep_settings_in_instance,
)
from app.cli.progress import shown
from app.config import gallery_limits
from indexer.build import build_index
from indexer.building.plans import BuildPlan
from indexer.checks.acceptance import RECALL
from indexer.decoding.ahead import MOST
from indexer.errors import BadParameter
from indexer.generations import DEFAULT_NAME
from indexer.indexes.options import Family, HashSpace, IndexOptions
from indexer.indexes.registry import KINDS, usual_metric
from indexer.opening import open_current
from indexer.tuning.targets import DEFAULT_TARGET, Target
from indexer.tuning.tuner import is_open
from indexer.types import Metric, StoreAs
from models.precisions import ENGINES, PRECISIONS
from models.types import Crop, EncoderSpec


@click.command()
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=FOLDER)
@click.option("--name", default=DEFAULT_NAME, show_default=True, help="What the index is called.")
@click.option(
    "--distractors",
    multiple=True,
    type=FOLDER,
    help="A folder of further images without a class; may be given again.",
)
@LABELS
@click.option(
    "--network",
    default="pocket",
    show_default=True,
    help="pocket, resnet50, resnet50v2, resnet101, mobilenetv2 or simple_cnn; or run:NAME for "
    "what a training has left.",
)
@click.option(
    "--weights",
    default=None,
    help="bundled, imagenet, or a file (.h5, .weights.h5, .npz).  [default: bundled for "
    "pocket, imagenet for the others]",
)
@click.option(
    "--layer",
    help="The layer whose output is the feature; of a run also head_1, head_2, ...  [default: the "
    "last; of a run, the one that was trained for]",
)
@click.option(
    "--pooling",
    type=POOLING,
    help=f"How the layer's map is pooled.  [default: {EncoderSpec.pooling}]",
)
@click.option(
    "--size",
    type=SIZE,
    help=f"Side of the network's square input, in pixels.  [default: {EncoderSpec.size}]",
)
@click.option(
    "--crop",
    type=CROP,
    help="faces: index the largest face of each image, and leave out images without one.  "
    "[default: the whole image; of a run, what it was trained on]",
)
@click.option(
    "--engine",
    default="auto",
    show_default=True,
    type=click.Choice(ENGINES),
    help="What computes the features: openvino, keras, or auto for keras where it has a GPU.",
)
@click.option(
    "--precision",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", *PRECISIONS]),
    help="What the features are computed in: from exact to quick, or auto for the quickest that "
    "finds the same neighbours in your images.",
)
@click.option(
    "--reduce",
    metavar="DIM",
    type=click.IntRange(1),
    help="Reduce features to this width, along the directions in which the gallery varies most. "
    "Do not rank by euclidean then: what lengths tell is lost on the way.",
)
@click.option(
    "--whiten", is_flag=True, help="With --reduce: let the gallery vary alike in all of them."
)
@click.option(
    "--store-as",
    default="float32",
    show_default=True,
    type=click.Choice(get_args(StoreAs)),
    help="What the features are stored as: float16 takes half the disk and memory, and rounds.",
)
@click.option(
    "--kind",
    default="lsh",
    show_default=True,
    type=click.Choice(list(KINDS)),
    help="lsh visits a part of the gallery, exact all of it; hamming compares the signs of "
    "features of 16 to 512 numbers, for networks that were trained to hash.",
)
@click.option(
    "--metric",
    type=click.Choice(get_args(Metric)),
    help="What hits are ranked by; hamming counts differing signs.  [default: cosine, or hamming "
    "with --kind hamming]",
)
@click.option(
    "--recall",
    type=click.FloatRange(0, 1, min_open=True),
    help="LSH: part of the true ten nearest images that searches find; how much they must do for "
    f"that is measured on your images.  [default: {DEFAULT_TARGET.recall}]",
)
@click.option(
    "--family",
    type=click.Choice(get_args(Family)),
    help="LSH: of hash functions; plain opens the query's own buckets only.  "
    "[default: cross-polytope, or plain with --w]",
)
@click.option(
    "--g", type=int, help="LSH: hash functions, each with a table.  [default: 8, or 32 of plain]"
)
@click.option(
    "--h",
    type=int,
    help="LSH: projections, or cross-polytopes, in each hash function.  "
    "[default: 8, or as many cross-polytopes as make small buckets]",
)
@click.option(
    "--w",
    type=float,
    help="LSH: bucket width of p-stable and plain.  [default: from the distances between your "
    "images]",
)
@click.option(
    "--hash-space",
    type=click.Choice(get_args(HashSpace)),
    help="LSH: hash principal components, features of length 1, or features as they are.  "
    "[default: pca; of plain unit for cosine, raw for euclidean]",
)
@click.option(
    "--components", type=int, help="LSH: principal components that are hashed.  [default: 16]"
)
@click.option(
    "--probes",
    type=int,
    help="LSH: buckets that a search opens, in all tables together.  [default: by --recall]",
)
@click.option(
    "--reach",
    type=float,
    help="LSH: a search opens no bucket whose border lies beyond this share of the squared "
    "distance to the last candidate kept.  [default: by --recall]",
)
@click.option(
    "--keep",
    type=int,
    help="LSH: candidates that a search measures exactly; 0 for all.  [default: by --recall]",
)
@click.option(
    "--accept",
    default=RECALL,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Part of the copies of your images that must find their original before the index goes "
    f"live; 0 to check nothing, for once: later syncs then want {RECALL} again.",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="The same seed builds the same index.",
)
@click.option(
    "--batch-size",
    default=32,
    show_default=True,
    type=click.IntRange(1, 1024),
    help="Images encoded at once.",
)
@click.option(
    "--workers",
    default=0,
    type=click.IntRange(0, 256),
    help=f"Processes that decode, at most.  [default: one for each core, but {MOST} at most]",
)
@click.option(
    "--reread",
    is_flag=True,
    help="Read every file again, also those of the same size and time as at the build before.",
)
@JSON
@with_appcontext
@explained
def build(
    sources: tuple[Path, ...],
    name: str,
    distractors: tuple[Path, ...],
    labels: Path | None,
    network: str,
    weights: str | None,
    layer: str | None,
    pooling: str | None,
    size: int | None,
    crop: Crop | None,
    engine: str,
    precision: str,
    reduce: int | None,
    whiten: bool,
    store_as: StoreAs,
    kind: str,
    metric: Metric | None,
    recall: float | None,
    family: Family | None,
    g: int | None,
    h: int | None,
    w: float | None,
    hash_space: HashSpace | None,
    components: int | None,
    probes: int | None,
    reach: float | None,
    keep: int | None,
    accept: float,
    seed: int,
    batch_size: int,
    workers: int,
    reread: bool,
    as_json: bool,
) -> None:
    """Build an index of folders of images.

    SOURCE is a folder; the first folder below it is an image's class. The images are only read.
    An index of the same name is replaced once the new one is complete, and serves until then.
    Ctrl-C stops; the same command goes on where it was. Features that were computed before, for
    this index or another, are used again. Files of the same size and time as at the build before
    are not read again, unless --reread says so.

    \b
    Examples:
      flask index build ~/Pictures --name mine
      flask index build paintings drawings --kind exact
    """
    with resumable(), told_of_failure(json=as_json):
        encoder = encoder_spec(network, weights, layer, pooling, size, crop)
        options = IndexOptions(
            metric=metric or usual_metric(kind),
            family=family,
            g=g,
            h=h,
            w=w,
            seed=seed,
            hash_space=hash_space,
            components=components,
            probes=probes,
            keep=keep,
            reach=reach,
        )
        _run(
            BuildPlan(
                sources=sources,
                name=name,
                distractors=distractors,
                labels=labels,
                encoder=encoder,
                engine=engine,
                precision=precision,
                reduce=reduce,
                whiten=whiten,
                store_as=store_as,
                kind=kind,
                options=options,
                target=_target(recall, kind, options),
                accept=accept,
                batch_size=batch_size,
                workers=workers,
                limits=gallery_limits(current_app.config),
            ),
            reread=reread,
            as_json=as_json,
        )


def _target(recall: float | None, kind: str, options: IndexOptions) -> Target:
    """Return what searches shall reach; refuse a recall where other options say what they do."""
    if recall is None:
        return DEFAULT_TARGET
    if kind == "lsh" and not is_open(kind, options):
        raise BadParameter(
            f"--recall {recall:g} is reached by measuring how much searches must do, and that was "
            "given: leave out --recall, or --probes, --keep and --reach, and the plain family "
            "(--family plain, or --w or --hash-space without --family)."
        )
    return Target(recall)


def _run(plan: BuildPlan, *, reread: bool, as_json: bool) -> None:
    """Build an index with progress, and print its summary; on standard error beside JSON."""
    keep_settings_in_instance()
    with shown(json=as_json) as report:
        summary = build_index(plan, instance(), report, reread=reread)
    click.echo(tables.summary(summary), err=as_json)
    if summary.rejected:
        left_out = tables.rejected(open_current(instance(), plan.name))
        click.echo("\nrejected files\n" + left_out, err=as_json)
    tell(built(summary), json=as_json)
