"""Shortens features to the directions in which a gallery varies most, so that it takes less room.

Source: Jégou and Chum, "Negative evidences and co-occurrences in image retrieval: the benefit of
PCA and whitening", ECCV 2012, sections 2 and 3.
"""

import re
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Self

import numpy as np

from indexer.arrays import open_array, write_array
from indexer.distances import Float64, block_slices, units
from indexer.errors import BadParameter, DamagedIndex
from indexer.features.turning import turn
from indexer.types import Float32, Ids
from models.types import Fingerprint

MEAN, DIRECTIONS = "mean.npy", "directions.npy"
REDUCTION_FILES = (MEAN, DIRECTIONS)
"""The files of a reduction."""

SAMPLE_ROWS = 20_000
"""Features that a reduction is learnt on at most: 160 MB of those that are 2,048 wide."""

BLOCK_ROWS = 1024  # features that are worked on at once, in float64
NOISE = 1e-10  # of the greatest variance, and
FLOOR = 1e-15  # of features of length 1: what float32 makes of no variance at all is less
NAME = re.compile(r"pca(\d+)(w?)-([0-9a-f]{12})")


@dataclass(frozen=True)
class Reduction:
    """Scales a feature to length 1, takes off a mean, and looks at it along a few directions.

    Features of length 1 are what the source starts from. Afterwards their lengths differ again;
    the cosine, which sees none, is the metric to use.

    Attributes:
        mean: float64 (width,), of the gallery's features of length 1.
        directions: float64 (dim, width), principal directions, that of the greatest variance
            first; or turned among each other, for codes. They have length 1, or if whitened that
            which gives all the variance 1.
        whitened: whether they do.
    """

    mean: Float64
    directions: Float64
    whitened: bool

    @property
    def dim(self) -> int:
        """Return the width of the reduced features."""
        return int(self.directions.shape[0])

    @property
    def width(self) -> int:
        """Return the width of the features that are reduced."""
        return int(self.directions.shape[1])

    @property
    def name(self) -> str:
        """Return a name that no other reduction has, such as pca128w-0123456789ab."""
        content = sha256(np.ascontiguousarray(self.mean).data)
        content.update(np.ascontiguousarray(self.directions).data)
        return f"pca{self.dim}{'w' if self.whitened else ''}-{content.hexdigest()[:12]}"

    def of(self, encoder: Fingerprint) -> Fingerprint:
        """Return the fingerprint of an encoder's features after this reduction."""
        return replace(encoder, dim=self.dim, reduction=self.name)

    def apply(self, features: Float32) -> Float32:
        """Reduce an encoder's features (n, width) to float32 (n, dim), within bounded memory."""
        reduced = np.empty((len(features), self.dim), np.float32)
        for rows in block_slices(len(features), BLOCK_ROWS):
            reduced[rows] = (_units(features, rows) - self.mean) @ self.directions.T
        return reduced

    def apply_to_parts(self, parts: Float64) -> Float64:
        """Reduce the parts of one feature, so that they sum to the reduced feature.

        Args:
            parts: float64 (n, width); their sum is the encoder's feature. What is taken off is
                shared out among them evenly.

        Returns:
            float64 (n, dim).
        """
        length = float(np.linalg.norm(parts.sum(axis=0)))
        scaled = parts / length if length else np.zeros_like(parts)
        reduced: Float64 = (scaled - self.mean / len(parts)) @ self.directions.T
        return reduced

    def save(self, folder: Path) -> None:
        """Write REDUCTION_FILES into a folder, made where it does not exist."""
        folder.mkdir(exist_ok=True)
        write_array(folder / MEAN, self.mean)
        write_array(folder / DIRECTIONS, self.directions)

    @classmethod
    def load(cls, folder: Path, name: str, width: int) -> Self:
        """Memory-map what `save` wrote.

        Args:
            folder: where it lies.
            name: that it must have.
            width: of the features that it must take.

        Raises:
            DamagedIndex: a file is missing, or not what it should be.
        """
        parts = NAME.fullmatch(name)
        if parts is None:
            raise DamagedIndex(f"{folder} cannot hold a reduction named {name!r}.")
        found = cls(
            mean=open_array(folder / MEAN, "<f8", (width,)),
            directions=open_array(folder / DIRECTIONS, "<f8", (int(parts[1]), width)),
            whitened=bool(parts[2]),
        )
        if found.name != name:
            raise DamagedIndex(f"{folder} holds the reduction {found.name} instead of {name}.")
        return found


def learn(
    features: Float32, dim: int, *, whiten: bool = False, codes: bool = False, seed: int = 0
) -> Reduction:
    """Find the directions in which features vary most.

    The same features and seed give the same reduction on the same machine.

    Args:
        features: float32 (n, width) of a gallery, raw; those of `sampled` are used.
        dim: how many directions are kept.
        whiten: scale them so that the gallery varies alike in all of them.
        codes: turn them so that the signs of what they give tell most.
        seed: draws the sample, and what a turn begins with.

    Raises:
        BadParameter: dim is not less than the width, or more than the features can tell.
    """
    rows = sampled(len(features), seed)
    require_dim(dim, features.shape[1], len(rows))
    blocks = [rows[block] for block in block_slices(len(rows), BLOCK_ROWS)]
    mean = np.sum([_units(features, block).sum(axis=0) for block in blocks], axis=0) / len(rows)
    scatter = np.zeros((features.shape[1], features.shape[1]))
    for block in blocks:
        centred = _units(features, block) - mean
        scatter += centred.T @ centred
    variances, vectors = np.linalg.eigh(scatter / (len(rows) - 1))
    variances, directions = variances[::-1], vectors.T[::-1]
    usable = int(np.count_nonzero(variances > max(NOISE * variances[0], FLOOR)))
    if dim > usable:
        raise BadParameter(
            f"The features of this gallery vary in {usable} directions only: give --reduce no "
            f"more than that, or leave it out. Received: {dim}"
        )
    kept = _facing(directions[:dim])
    scaled = kept / np.sqrt(variances[:dim, None]) if whiten else kept
    found = Reduction(mean, scaled, whitened=whiten)
    return replace(found, directions=_turned(found, features[rows], seed)) if codes else found


def sampled(count: int, seed: int) -> Ids:
    """Draw the features, of so many, that a reduction is learnt on, ascending."""
    return np.sort(np.random.default_rng(seed).permutation(count)[:SAMPLE_ROWS])


def require_dim(dim: int, width: int, images: int | None = None) -> None:
    """Refuse a number of directions that features cannot have.

    Args:
        dim: what was asked for.
        width: of the encoder's features.
        images: how many features there are, or None while that is unknown.

    Raises:
        BadParameter: saying how many are possible.
    """
    if not 1 <= dim < width:
        raise BadParameter(
            f"--reduce must be between 1 and {width - 1}: the encoder's features are {width} "
            f"wide. Received: {dim}"
        )
    if images is not None and dim > images - 1:
        raise BadParameter(
            f"{images} images vary in {images - 1} directions at most: give --reduce no more than "
            f"that, or leave it out. Received: {dim}"
        )


def _units(features: Float32, rows: slice | Ids) -> Float64:
    return units(features[rows].astype(np.float64))


def _turned(reduction: Reduction, features: Float32, seed: int) -> Float64:
    rotation = turn(reduction.apply(features).astype(np.float64), seed)
    return np.ascontiguousarray(rotation.T @ reduction.directions)


def _facing(directions: Float64) -> Float64:
    """Turn each direction so that its greatest value is positive: either way is as good."""
    greatest = np.abs(directions).argmax(axis=1)
    signs = np.sign(directions[np.arange(len(directions)), greatest])
    return np.ascontiguousarray(directions * signs[:, None])
