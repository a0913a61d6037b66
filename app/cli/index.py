"""`flask index`: build, list, describe and check indexes."""

from collections.abc import Iterable
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.errors import explained
from app.cli.options import image_limits
from app.cli.progress import shown
from app.cli.text import bar_table, pair_table
from indexer.build import BuildPlan, BuildSummary, build_index
from indexer.catalog import Count
from indexer.errors import NoIndex
from indexer.generations import DEFAULT_NAME, index_names
from indexer.indexes.base import HashSpace, IndexOptions, Projections
from indexer.manifest import Manifest
from indexer.opening import Generation, check_index, open_current
from indexer.shelf import Shelf
from indexer.types import Metric
from models.errors import LikenessError
from models.types import EncoderSpec

index = AppGroup("index", help="Build, list, describe and check indexes.")

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
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
@click.option(
    "--labels",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV or text file of 'path label' lines, instead of folders as classes.",
)
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
@click.option("--g", type=int, help="LSH: number of hash functions, each with a table.")
@click.option("--h", type=int, help="LSH: projections in each hash function.")
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
    """Build an index of all images in SOURCE..., and make it the one that answers.

    SOURCE is a folder; the first folder below it is an image's class. The images are only read.
    The index of the same name before it serves until the new one is complete.
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
            limits=image_limits(),
        )
    )


@index.command("list")
@explained
def list_() -> None:
    """List the indexes with their sizes."""
    names = index_names(_instance())
    if not names:
        raise NoIndex(f"No index in {_instance()}. Build one: flask index build FOLDER")
    for name in names:
        try:
            manifest = open_current(_instance(), name).manifest
            click.echo(f"{name}: {manifest.images:,} images, {_described(manifest)}")
        except LikenessError as error:
            click.echo(f"{name}: unusable: {error}")


@index.command()
@NAME
@explained
def info(name: str | None) -> None:
    """Describe an index: its encoder, parameters, classes and rejected files."""
    generation = open_current(_instance(), name or _only())
    click.echo(pair_table(_facts(generation)))
    click.echo("\nclasses\n" + _counted(generation.catalog.labels()))
    if generation.manifest.rejected:
        click.echo("\nrejected files, by reason\n" + _counted(generation.catalog.reasons()))


@index.command()
@NAME
@explained
def check(name: str | None) -> None:
    """Verify every checksum and invariant of an index, and name the first damaged file."""
    manifest = check_index(_instance(), name or _only())
    click.echo(f"{manifest.name} is sound: {len(manifest.files)} files, {manifest.images:,} images")


def default_weights(network: str) -> str:
    """Return the weights that a network takes unless others are asked for."""
    return "bundled" if network == "pocket" else "imagenet"


def run(plan: BuildPlan) -> None:
    """Build an index with progress, and print its summary."""
    with shown() as report:
        summary = build_index(plan, _instance(), report)
    click.echo(_summary(summary))


def _only() -> str:
    return Shelf(_instance()).default_name()


def _instance() -> Path:
    return Path(current_app.instance_path)


def _summary(summary: BuildSummary) -> str:
    rejected = sum(item.count for item in summary.rejected)
    reasons = ", ".join(f"{item.count} {item.name}" for item in summary.rejected) or "none"
    return pair_table(
        {
            "index": summary.name,
            "images": f"{summary.images:,} kept, {rejected:,} rejected ({reasons})",
            "distractors": f"{summary.distractors:,}",
            "network": f"{summary.fingerprint.network}, {summary.fingerprint.dim:,} wide",
            "kind": f"{summary.kind}, {summary.metric}",
            "parameters": _parameters(summary.parameters),
            "visited": f"{summary.visited_share:.1%} of the gallery in a mean search",
            "seconds": ", ".join(f"{stage.name} {stage.seconds:.1f}" for stage in summary.stages),
            "speed": f"{summary.images_per_second:,.1f} images a second",
            "size": f"{summary.bytes / 1e6:,.1f} MB in {summary.path}",
        }
    )


def _parameters(parameters: dict[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in parameters.items()) or "none"


def _described(manifest: Manifest) -> str:
    return f"{manifest.fingerprint.network}, {manifest.kind}, built {manifest.created}"


def _facts(generation: Generation) -> dict[str, object]:
    manifest, encoder = generation.manifest, generation.manifest.fingerprint
    return {
        "index": manifest.name,
        "generation": manifest.generation,
        "built": manifest.created,
        "folders": ", ".join(str(root) for root in generation.catalog.roots()),
        "images": f"{manifest.images:,} ({manifest.distractors:,} distractors)",
        "rejected": f"{manifest.rejected:,}",
        "network": f"{encoder.network}, layer {encoder.layer}, {encoder.pooling} pooling, "
        f"{encoder.size} pixels, {encoder.dim:,} wide",
        "weights": encoder.weights_sha256,
        "kind": f"{manifest.kind}, {manifest.metric}",
        "parameters": _parameters(manifest.parameters),
        "visited": f"{manifest.visited_share:.1%} of the gallery in a mean search",
        "size": f"{manifest.bytes / 1e6:,.1f} MB in {generation.path}",
        "problem": generation.problem or "none",
    }


def _counted(counts: Iterable[Count]) -> str:
    return bar_table({item.name or "(no class)": item.count for item in counts})
