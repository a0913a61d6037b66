"""Generates vectors that are like the pooled features of a convolutional network.

A vector is x = max(0, A z + e - t): z is normal around the centre of one of some hundred classes,
which are normal around 0, in few latent dimensions whose spread decays; A is a fixed random linear
map to 2,048 dimensions, e a little normal noise, and t the threshold at which 60 % of all values
are zero. What such vectors share with real features is what makes searching easy or hard: they
lie near a curved surface of few dimensions, in classes, are not negative, mostly zero, and a near
neighbour lies at half of the usual distance. The unit is such that two of them lie about 40
apart, as features of ResNet50V2 do, so that a width of intervals means the same on both.

"hard" vectors lie further apart, have more noise, and classes that are wider among themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np

from indexer.distances import block_slices
from indexer.types import Float32

DIM = 2048
ZEROS = 0.6  # share of all values
ROWS = 8192  # vectors that are generated at once
GALLERY, QUERIES, TRIALS, MAP, CENTRES = 1, 2, 3, 4, 5
"""Streams of random numbers that never meet. None is 0: NumPy takes the seeds (s, 0) and s for the
same, and an index that draws its projections from s would look along the rows of the map."""


@dataclass(frozen=True)
class Kind:
    """What vectors are like.

    Attributes:
        latent: dimensions of z.
        decay: z's i-th dimension has the standard deviation exp(-decay * i / latent).
        noise: standard deviation of e, as a share of that of A z.
        scale: standard deviation of A z + e.
        classes: that vectors come from, each as likely as any other.
        within: standard deviation of z within a class, as a share of that of all z.
    """

    latent: int
    decay: float
    noise: float
    scale: float
    classes: int
    within: float


USUAL = Kind(latent=36, decay=2.5, noise=0.1, scale=1.36, classes=500, within=0.47)
HARD = Kind(latent=40, decay=2.5, noise=0.12, scale=1.75, classes=500, within=0.5)


@dataclass(frozen=True)
class Generator:
    """Draws vectors of one kind; the same seed gives the same vectors.

    Attributes:
        kind: what they are like.
        seed: of everything random.
    """

    kind: Kind
    seed: int

    def write(self, path: Path, count: int) -> None:
        """Write a gallery as a .npy file of float32 (count, DIM), a block at a time."""
        file = np.lib.format.open_memmap(path, "w+", np.float32, (count, DIM))
        for rows, block in self._blocks(GALLERY, count):
            file[rows] = block
        file.flush()

    def queries(self, count: int, stream: int = QUERIES) -> Float32:
        """Draw vectors that are in no gallery, float32 (count, DIM)."""
        return np.concatenate([block for _, block in self._blocks(stream, count)])

    def _blocks(self, stream: int, count: int) -> Iterator[tuple[slice, Float32]]:
        """Yield vectors of a stream; whatever the count, the first are the same to rounding."""
        kind, to_features, centres = self.kind, self._map(), self._centres()
        threshold = np.float32(kind.scale * NormalDist().inv_cdf(ZEROS))
        noise = np.float32(kind.scale * kind.noise / np.hypot(1, kind.noise))
        for number, rows in enumerate(block_slices(count, ROWS)):
            of_class, of_z, of_e = np.random.default_rng([self.seed, stream, number]).spawn(3)
            size = rows.stop - rows.start
            z = of_z.standard_normal((size, kind.latent), np.float32) * np.float32(kind.within)
            z += centres[of_class.integers(kind.classes, size=size)]
            block = z @ to_features
            block += noise * of_e.standard_normal((size, DIM), np.float32)
            block -= threshold
            yield rows, np.maximum(block, 0, out=block)

    def _centres(self) -> Float32:
        """Draw the centres of the classes, float32 (classes, latent)."""
        kind = self.kind
        random = np.random.default_rng([self.seed, CENTRES])
        drawn = random.normal(0.0, np.sqrt(1 - kind.within**2), (kind.classes, kind.latent))
        centres: Float32 = drawn.astype(np.float32)
        return centres

    def _map(self) -> Float32:
        """Draw A, float32 (latent, DIM), with the spread of z; A z + e has the kind's scale."""
        kind = self.kind
        spread = np.exp(-kind.decay * np.arange(kind.latent) / kind.latent)
        drawn = np.random.default_rng([self.seed, MAP]).normal(size=(kind.latent, DIM))
        drawn *= spread[:, None]
        drawn *= kind.scale / np.hypot(1, kind.noise) / np.sqrt((drawn**2).sum(axis=0))
        mapped: Float32 = drawn.astype(np.float32)
        return mapped
