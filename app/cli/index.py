"""`flask index`: build, list, describe and check indexes."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli import tables
from app.cli.errors import explained
from app.cli.options import FOLDER, LABELS, instance, keep_settings_in_instance
from app.cli.progress import shown
from app.config import gallery_limits
from indexer.build import BuildPlan, build_index
from indexer.errors import NoIndex
from indexer.generations import DEFAULT_NAME, index_names
from indexer.indexes.base import HashSpace, IndexOptions, Projections
from indexer.opening import check_index, open_current
from indexer.shelf import Shelf
from indexer.types import Metric
from models.errors import LikenessError
from models.networks import network as network_named
from models.types import EncoderSpec

index = AppGroup("index", help="Build, list, describe and check indexes.")

NAME = click.argument("name", required=False)


@index.command()
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
    help="pocket, resnet50, resnet50v2, resnet101, mobilenetv2 or simple_cnn.",
)
@click.option(
    "--weights",
    default=None,
    help="bundled, imagenet, or a file (.h5, .weights.h5, .npz).  [default: bundled for "
    "pocket, imagenet for the others]",
)
@click.option("--layer", help="The layer whose output is the feature.  [default: the last]")
@click.option(
    "--pooling",
    default="avg",
    show_default=True,
    type=click.Choice(["avg", "max", "gem"]),
    help="How the layer's map is pooled.",
)
@click.option(
    "--size",
    default=224,
    show_default=True,
    type=click.IntRange(32, 1024),
    help="Side of the network's square input, in pixels.",
)
@click.option(
    "--kind",
    default="lsh",
    show_default=True,
    type=click.Choice(["lsh", "exact"]),
    help="lsh visits a part of the gallery, exact all of it.",
)
@click.option(
    "--metric",
    default="cosine",
    show_default=True,
    type=click.Choice(["cosine", "euclidean"]),
    help="What hits are ranked by.",
)
@click.option("--g", type=int, help="LSH: hash functions, each with a table.  [default: 32]")
@click.option("--h", type=int, help="LSH: projections in each hash function.  [default: 8]")
@click.option(
    "--w", type=float, help="LSH: bucket width.  [default: from the distances between your images]"
)
@click.option(
    "--hash-space",
    type=click.Choice(["unit", "raw"]),
    help="LSH: hash features of length 1, or as they are.  [default: unit for cosine]",
)
@click.option(
    "--projections",
    type=click.Choice(["gallery", "standard"]),
    help="LSH: draw projections along the directions in which the gallery varies, or in all alike."
    "  [default: gallery for unit, standard for raw]",
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
    help="Threads that read and decode.  [default: one for each core]",
)
@explained
def build(
    sources: tuple[Path, ...],
    name: str,
    distractors: tuple[Path, ...],
    labels: Path | None,
    network: str,
    weights: str | None,
    layer: str | None,
    pooling: str,
    size: int,
    kind: str,
    metric: Metric,
    g: int | None,
    h: int | None,
    w: float | None,
    hash_space: HashSpace | None,
    projections: Projections | None,
    seed: int,
    batch_size: int,
    workers: int,
) -> None:
    """Build an index of folders of images.

    SOURCE is a folder; the first folder below it is an image's class. The images are only read.
    An index of the same name is replaced once the new one is complete, and serves until then.

    \b
    Examples:
      flask index build ~/Pictures --name mine
      flask index build paintings drawings --kind exact
    """
    encoder = EncoderSpec(network, weights or default_weights(network), layer, pooling, size)
    options = IndexOptions(
        metric=metric, g=g, h=h, w=w, seed=seed, hash_space=hash_space, projections=projections
    )
    run(
        BuildPlan(
            sources=sources,
            name=name,
            distractors=distractors,
            labels=labels,
            encoder=encoder,
            kind=kind,
            options=options,
            batch_size=batch_size,
            workers=workers,
            limits=gallery_limits(current_app.config),
        )
    )


@index.command("list")
@explained
def list_() -> None:
    """List the indexes with their sizes."""
    names = index_names(instance())
    if not names:
        raise NoIndex(instance())
    for name in names:
        try:
            manifest = open_current(instance(), name).manifest
            click.echo(tables.in_brief(manifest))
        except LikenessError as error:
            click.echo(f"{name}: unusable: {error}")


@index.command()
@NAME
@explained
def info(name: str | None) -> None:
    """Describe an index.

    Prints its network, parameters, classes and rejected files. Without NAME it is the index
    that is searched by default.
    """
    generation = open_current(instance(), name or _default_name())
    click.echo(tables.facts(generation))
    click.echo("\nclasses\n" + tables.counted(generation.catalog.labels()))
    if generation.manifest.rejected:
        click.echo("\nrejected files, by reason\n" + tables.counted(generation.catalog.reasons()))
        click.echo("\n" + tables.rejected(generation))


@index.command()
@NAME
@explained
def check(name: str | None) -> None:
    """Check that no file of an index is damaged.

    Verifies every checksum and invariant, and names the first damaged file. Without
    NAME it is the index that is searched by default.
    """
    manifest = check_index(instance(), name or _default_name())
    click.echo(f"{manifest.name} is sound: {len(manifest.files)} files, {manifest.images:,} images")


def default_weights(network: str) -> str:
    """Return the weights that a network takes unless others are asked for."""
    return "bundled" if network_named(network).bundled else "imagenet"


def run(plan: BuildPlan) -> None:
    """Build an index with progress, and print its summary."""
    keep_settings_in_instance()
    with shown() as report:
        summary = build_index(plan, instance(), report)
    click.echo(tables.summary(summary))
    if summary.rejected:
        click.echo("\nrejected files\n" + tables.rejected(open_current(instance(), plan.name)))


def _default_name() -> str:
    return current_app.config["INDEX"] or Shelf(instance()).default_name()
