"""The maps that the tail of a network learns from: computed once by its trunk, and kept on disk."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.experiments.pictures.rows import Pictures, Views, keep
from indexer.features.cache import FeatureCache, saved
from indexer.features.halves import halved
from indexer.features.maps import TRUNKS
from indexer.serving.encoding import COMPILED
from indexer.types import DEFAULT_LIMITS, Float16, ImageRecord, Pixels, Rejection, Report, silent
from models.encoder import Encoder, build_engine, keras_encoder, open_encoder
from models.errors import FeatureNotFinite
from models.training.augmenting import NORMAL, Strength
from models.training.examples import MapExamples, PixelExamples
from models.training.machine import served_encoder
from models.types import Crop, EncoderSpec, Limits

REQUEST = 16
"""Pictures that an engine computes together: Keras is asked for so many, OpenVINO takes a part."""

RESERVE = 2**30
"""Bytes that maps leave free on the disk for checkpoints, of which a whole ResNet50 takes most."""


@dataclass(frozen=True)
class TrunkMaps:
    """What a tail learns from.

    Attributes:
        examples: the maps, by the position of their record.
        records: of the pictures that have maps, in the order given.
        rejections: of the others.
    """

    examples: MapExamples
    records: tuple[ImageRecord, ...]
    rejections: tuple[Rejection, ...]


@dataclass(frozen=True)
class Squashed:
    """What a network of which nothing is frozen learns from.

    Attributes:
        examples: the pictures, by the position of their record.
        records: of those that can be decoded, in the order given.
        rejections: of the others.
    """

    examples: PixelExamples
    records: tuple[ImageRecord, ...]
    rejections: tuple[Rejection, ...]


@contextmanager
def maps_of(
    records: Sequence[ImageRecord],
    roots: Sequence[Path],
    spec: EncoderSpec,
    cut: str,
    instance: Path,
    *,
    variants: int = 0,
    varied: NDArray[np.bool_] | None = None,
    strength: Strength = NORMAL,
    limits: Limits = DEFAULT_LIMITS,
    workers: int = 0,
    progress: Report = silent,
) -> Iterator[TrunkMaps]:
    """Compute what a trunk makes of pictures and of variants of them, or find it on disk.

    Maps are known by the trunk, the content of the picture's file and the variant, and outlive
    whatever ends the computing; one that is damaged is computed anew when it is read. Variants
    do not depend on a training's seed, so that trainings that differ by it share them.

    Args:
        records: of the pictures.
        roots: the folders that they lie in.
        spec: of the whole encoder; network, weights, size and crop count.
        cut: the layer whose maps are wanted; see models.training.splitting.
        instance: the folder under which they are kept.
        variants: of each picture, beside itself.
        varied: which of the pictures have variants, bool (n,), or None for all: those that are only
            measured with need none.
        strength: how much is changed.
        limits: what a file may cost.
        workers: processes that decode, at most; see indexer.decoding.ahead.
        progress: told at the beginning and after each batch.

    Yields:
        the maps; they can be read until the end.

    Raises:
        NetworkError: the trunk cannot be had.
        TrainingRefused: the disk has no room for them.
        BuildFailed: no process that decodes can be kept alive.
        EncoderFailed: the engine fails.
        OSError: the disk is full, or failed otherwise.
    """
    wanted = EncoderSpec(spec.network, spec.weights, cut, size=spec.size, crop=spec.crop)
    encoder = _trunk(wanted, instance)
    shape = encoder.map(np.zeros((1, spec.size, spec.size, 3), np.uint8)).shape[1:]
    print_ = encoder.fingerprint
    folder = instance / TRUNKS / f"{print_.network}-{print_.digest}"
    views = Views(variants, _contents(records, varied), strength=strength)
    with saved(FeatureCache(folder, print_.digest, int(np.prod(shape)), "<f2")) as cache:
        pictures = Pictures(tuple(records), tuple(roots), spec.size, spec.crop, limits, workers)
        kept = keep(
            pictures,
            cache,
            shape,
            views,
            partial(_maps, encoder),
            progress,
            request=REQUEST,
            reserve=RESERVE,
        )
        yield TrunkMaps(MapExamples(kept.rows), kept.records, kept.rejections)


@contextmanager
def pixels_of(
    records: Sequence[ImageRecord],
    roots: Sequence[Path],
    size: int,
    instance: Path,
    *,
    crop: Crop = "",
    limits: Limits = DEFAULT_LIMITS,
    workers: int = 0,
    progress: Report = silent,
) -> Iterator[Squashed]:
    """Decode pictures, squashed to squares, onto the disk, or find them there.

    Args, Yields, Raises: as for maps_of; size is the side of the squares, in pixels, and crop
        what is taken of each picture.
    """
    of = sha256(f"pixels {size} {crop}".rstrip().encode()).hexdigest()[:16]
    shape = (size, size, 3)
    with saved(FeatureCache(instance / TRUNKS / f"pixels-{of}", of, 3 * size**2, "|u1")) as cache:
        pictures = Pictures(tuple(records), tuple(roots), size, crop, limits, workers)
        kept = keep(pictures, cache, shape, Views(), lambda pixels: pixels, progress)
        yield Squashed(PixelExamples(kept.rows.first_views()), kept.records, kept.rejections)


def _contents(
    records: Sequence[ImageRecord], varied: NDArray[np.bool_] | None
) -> frozenset[str] | None:
    if varied is None:
        return None
    return frozenset(record.sha256 for record, has in zip(records, varied, strict=True) if has)


def _trunk(spec: EncoderSpec, instance: Path) -> Encoder:
    if build_engine("auto") == "keras":
        return keras_encoder(spec, REQUEST)
    home = served_encoder(spec, instance / "encoders")
    return open_encoder(home, latency=False, compiled=instance / COMPILED)


def _maps(encoder: Encoder, pictures: Pixels) -> Float16:
    """Return maps as float16, not finite where a picture has none that can be so stored."""
    try:
        return halved(encoder.map(pictures))
    except FeatureNotFinite:
        if len(pictures) == 1:
            empty = encoder.map(np.zeros_like(pictures))
            return np.full(empty.shape, np.nan, np.float16)
        half = len(pictures) // 2
        return np.concatenate([_maps(encoder, part) for part in (pictures[:half], pictures[half:])])
