"""Fits a student's last layer: a linear map that keeps changed copies of a picture together.

What differs between views of the same picture is noise to a search, and what differs between
pictures is what it goes by. The map divides by the former: its first factor whitens the covariance
within pictures, its second keeps the directions in which pictures differ most from each other.
Sources: Mikolajczyk and Matas, "Improving Descriptors for Fast Tree Matching by Optimal Linear
Projection", 2007; Radenovic et al., "Fine-tuning CNN Image Retrieval with No Human Annotation",
2018, section 3.2. The features of several layers are joined as by Hariharan et al., "Hypercolumns
for Object Segmentation and Fine-grained Localization", 2015.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engines.base import Float32, UInt8
from models.engines.keras import import_keras
from models.layers import PREPROCESSING
from models.networks import network
from models.parallel import in_order, worker_count
from models.training.crops import Crop, whole
from models.training.files import write_arrays
from models.training.pictures import Pictures
from models.training.students import STUDENTS, Student
from models.training.teachers import answering
from models.types import EncoderSpec
from models.weights import load_into, resolve

MOST_PICTURES = 2500
"""Pictures that are looked at, at most."""

VIEWS = 4
"""Views of each: the whole, and parts of it."""

PART_AREA = (0.35, 0.65)
"""Least and greatest share of the area that a part has. The parts are neither turned nor darkened:
what a map forgets of that, paintings are told apart by."""

SHRINKAGE = 0.02
"""Part of the mean variance within pictures that is added to that of every direction: directions
of which too little is known are not blown up."""


@dataclass(frozen=True)
class Linear:
    """A linear map.

    Attributes:
        kernel: float32 (width, dim).
        bias: float32 (dim,).
    """

    kernel: Float32
    bias: Float32


def fit_descriptor(
    student: str,
    weights: Path,
    pictures: Pictures,
    shown: NDArray[np.int64],
    *,
    seed: int,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Fit the last layer of a student that has learnt, and add it to its weight file.

    Args:
        student: one of models.training.students.STUDENTS.
        weights: of all its other layers; float16 arrays named `layer/weight`.
        pictures: small pictures.
        shown: positions of those that it learnt from.
        seed: of all chance.
        told: is told after each picture.
    """
    generator = np.random.default_rng(seed)
    # One that is shown more often is more likely among the first.
    chosen = list(dict.fromkeys(generator.permutation(shown).tolist()))[:MOST_PICTURES]
    levels = _open_levels(student, weights)
    size = network(student).default_size
    seen = _views(pictures, chosen, size, seed)
    features = []
    for done, views in enumerate(seen, start=1):
        features.append(levels.describe(views))
        told(done, len(chosen))
    fitted = fit(np.stack(features), levels.widths, network(student).feature_width)
    _add(weights, STUDENTS[student], fitted)


def fit(views: Float32, widths: tuple[int, ...], dim: int) -> Linear:
    """Learn the map from the features of views of pictures.

    Args:
        views: float32 (n, views, width), the whole picture first.
        widths: channels of each level, which are brought to the same spread; their sum is width.
        dim: numbers in a mapped feature.

    Returns:
        what maps features (…, width) to (…, dim), the centre of the whole pictures to 0.
    """
    scales = _level_scales(views[:, 0], widths)
    scaled = views.astype(np.float64) * scales
    centre = scaled[:, 0].mean(axis=0)
    whitening = _inverse_root(_covariance(scaled - scaled.mean(axis=1, keepdims=True)))
    between = (scaled[:, 0] - centre) @ whitening
    _, directions = np.linalg.eigh(_covariance(between))
    kernel = scales[:, None] * (whitening @ directions[:, ::-1][:, :dim])
    kernel /= np.sqrt(_covariance((scaled[:, 0] - centre) / scales @ kernel).trace())
    rounded = kernel.astype(np.float16).astype(np.float64)  # the bias makes up for the rounding
    return Linear(rounded.astype(np.float32), (-(centre / scales) @ rounded).astype(np.float32))


def _level_scales(features: Float32, widths: tuple[int, ...]) -> NDArray[np.float64]:
    """Return (width,) factors after which each level varies as much as any other."""
    ends = np.cumsum(widths)[:-1]
    spreads = [part.astype(np.float64).var(axis=0).sum() for part in np.split(features, ends, 1)]
    return np.repeat(1 / np.sqrt(np.maximum(spreads, 1e-12)), widths)


def _covariance(offsets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean outer product (width, width) of offsets (…, width) from their means."""
    rows = offsets.reshape(-1, offsets.shape[-1])
    mean: NDArray[np.float64] = rows.T @ rows / len(rows)
    return mean


def _inverse_root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (width, width), by which vectors of such a covariance become about white."""
    variances, directions = np.linalg.eigh(covariance)
    variances = variances.clip(0) + SHRINKAGE * variances.mean()
    root: NDArray[np.float64] = directions / np.sqrt(np.maximum(variances, 1e-12))
    return root


def _views(pictures: Pictures, chosen: list[int], size: int, seed: int) -> Iterator[UInt8]:
    """Yield the views (VIEWS, size, size, 3) of each picture, the whole one first."""

    def look(at: int) -> UInt8:
        generator, picture = np.random.default_rng((seed, at)), pictures[at]
        parts = [_part(picture, generator) for _ in range(VIEWS - 1)]
        return np.stack([crop.at(size) for crop in (whole(picture), *parts)])

    threads = worker_count(0)
    return in_order(look, chosen, workers=threads, ahead=2 * threads)


def _part(picture: UInt8, generator: np.random.Generator) -> Crop:
    share = np.sqrt(generator.uniform(*PART_AREA))
    height, width = picture.shape[:2]
    left, top = generator.uniform(0, 1 - share, 2) * (width, height)
    return Crop(picture, (left, top, left + share * width, top + share * height), mirrored=False)


@dataclass(frozen=True)
class _Levels:
    """Describes views, uint8 (n, size, size, 3), by the pooled channels of all levels."""

    describe: Callable[[UInt8], Float32]
    widths: tuple[int, ...]


def _open_levels(student: str, weights: Path) -> _Levels:
    keras = import_keras()
    chosen = network(student)
    size = chosen.default_size
    image = keras.Input((size, size, 3), dtype="uint8", name="image")
    body = keras.Model(image, chosen.build(PREPROCESSING[chosen.preprocessing](image)))
    levels = [body.get_layer(level).output for level in STUDENTS[student].levels]
    pooled: list[Any] = [keras.ops.mean(level, (1, 2)) for level in levels]
    model = keras.Model(image, keras.ops.concatenate(pooled, axis=-1))
    file = resolve(EncoderSpec(student, str(weights)))
    load_into(model.layers, file, of_network=body.layers, name=student)
    return _Levels(answering(model, "fp32"), tuple(level.shape[-1] for level in levels))


def _add(weights: Path, student: Student, fitted: Linear) -> None:
    with np.load(weights, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored}
    arrays[f"{student.descriptor}/kernel"] = fitted.kernel[None, None].astype(np.float16)
    arrays[f"{student.descriptor}/bias"] = fitted.bias.astype(np.float16)
    write_arrays(weights, arrays)
