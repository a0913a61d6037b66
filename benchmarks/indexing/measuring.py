"""Measures one network in all the ways that are compared, and in all precisions."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import builds
from benchmarks.builds import Build, Built, Content
from benchmarks.indexing import contenders
from benchmarks.indexing.contenders import Pictures
from benchmarks.indexing.rounds import Round, take_turns
from benchmarks.retrieval import network_name
from indexer.evaluation.agreement import Agreement, agreement
from models.encoder import open_encoder
from models.types import EncoderSpec

PREDICT, COMPILED = "predict", "tf.function"


@dataclass(frozen=True)
class Wish:
    """What is asked of every network: turns, seconds of each, and the precisions."""

    rounds: int
    seconds: float
    precisions: tuple[str, ...]


@dataclass(frozen=True)
class Measured:
    """What was found of one network.

    Attributes:
        network: its name.
        images: in the index.
        precisions: in the order asked for; the first is what the others are held against.
        rounds: pictures a second of each way, round by round.
        built: how each build went, by precision, round by round.
        first: how the first build of each precision went, which prepared its encoder.
        agreement: of the neighbours, by precision, as a build's own check finds it.
    """

    network: str
    images: int
    precisions: tuple[str, ...]
    rounds: list[Round]
    built: dict[str, list[Built]]
    first: dict[str, Built]
    agreement: dict[str, Agreement]


def measure(
    gallery: Path, files: Sequence[Path], spec: EncoderSpec, wish: Wish, prepared: Path
) -> Measured:
    """Measure one network.

    Args:
        gallery: holds the files.
        files: of the pictures.
        spec: the network.
        wish: how it is measured.
        prepared: a folder that becomes an instance with the network's encoders.
    """
    first, content = {}, {}
    built: dict[str, list[Built]] = {precision: [] for precision in wish.precisions}
    pictures = Pictures.of(files, spec.size)
    model = contenders.feature_model(spec)
    ways: dict[str, Callable[[], float]] = {
        PREDICT: contenders.predicting(model, pictures, wish.seconds),
        COMPILED: contenders.compiled(model, pictures, wish.seconds),
    }
    for precision in wish.precisions:
        what = Build(gallery, spec, precision)
        first[precision] = builds.build(what, prepared)
        content[precision] = builds.content(prepared)
        encoder = open_encoder(_kept_encoder(prepared, precision), latency=False)
        ways[engine_of(precision)] = contenders.engine(encoder, pictures, wish.seconds)
        ways[build_of(precision)] = partial(_build, what, prepared, built[precision])
    rounds = take_turns(ways, wish.rounds)
    reference = content[wish.precisions[0]]
    return Measured(
        network=network_name(spec),
        images=len(reference.features),
        precisions=wish.precisions,
        rounds=rounds,
        built=built,
        first=first,
        agreement={name: _agreement(each, reference) for name, each in content.items()},
    )


def _agreement(found: Content, reference: Content) -> Agreement:
    return agreement(reference.features, found.features, reference.labels, "cosine")


def engine_of(precision: str) -> str:
    """Return what the bare engine is called in a precision."""
    return f"engine {precision}"


def build_of(precision: str) -> str:
    """Return what the whole build is called in a precision."""
    return f"build {precision}"


def _build(what: Build, prepared: Path, built: list[Built]) -> float:
    """Build once more from nothing but the exported encoder; return pictures a second."""
    with tempfile.TemporaryDirectory(prefix="likeness-benchmark-") as name:
        instance = builds.emptied_copy(prepared, Path(name) / "instance")
        built.append(builds.build(what, instance))
    return built[-1].images / built[-1].seconds


def _kept_encoder(prepared: Path, precision: str) -> Path:
    """Copy the encoder of the index just built, which the next build will replace."""
    kept = prepared.with_name(f"{prepared.name}-{precision}")
    generation = builds.generation(prepared)
    generation.catalog.close()
    return Path(shutil.copytree(generation.encoder, kept))
