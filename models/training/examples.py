"""What a network is shown while it learns: maps of a trunk, or pictures, by position."""

from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from models.engines.base import UInt8

Positions = NDArray[np.int64]
Shape = tuple[int, ...]


class Rows(Protocol):
    """An array in memory or on disk, or what reads its rows as an array does."""

    @property
    def shape(self) -> Shape:
        """Return its shape, (n, ...)."""
        ...

    def __getitem__(self, places: Any, /) -> Any:
        """Return rows (b, ...) by integers (b,) for the first axis, or by one such for each."""
        ...


class Examples(Protocol):
    """Examples by position; what is shown depends on position, epoch and seed alone."""

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    @property
    def shape(self) -> Shape:
        """Return the shape of one."""
        ...

    def batch(self, positions: Positions, epoch: int, seed: int) -> NDArray[Any]:
        """Return what is shown of some examples in an epoch.

        Args:
            positions: int64 (b,), of any order, also several times the same.
            epoch: from 0.
            seed: of all chance, not negative.

        Returns:
            (b, *shape).
        """
        ...

    def plain(self) -> "Examples":
        """Return the same examples as they are, to be measured with: without variants."""
        ...


@dataclass(frozen=True)
class MapExamples:
    """Maps of a trunk, float16 on disk, of each picture as it is and of variants of it.

    In each epoch one of them is shown, drawn by seed, epoch and position.

    Attributes:
        maps: float16 (n, variants + 1, h, w, c); variant 0 is the picture as it is.
        varied: whether others than that are shown.
    """

    maps: Rows
    varied: bool = True

    def __len__(self) -> int:
        """Return the number of pictures."""
        return self.maps.shape[0]

    @property
    def shape(self) -> Shape:
        """Return (h, w, c)."""
        return tuple(self.maps.shape[2:])

    def batch(self, positions: Positions, epoch: int, seed: int) -> NDArray[Any]:
        """Return maps float16 (b, h, w, c); see Examples."""
        return np.asarray(self.maps[positions, self._variants(positions, epoch, seed)])

    def plain(self) -> Self:
        """Return the maps of the pictures as they are."""
        return type(self)(self.maps, varied=False)

    def _variants(self, positions: Positions, epoch: int, seed: int) -> Positions:
        count = self.maps.shape[1] if self.varied else 1
        drawn = np.random.default_rng((seed, epoch)).integers(count, size=len(self))
        return drawn[positions]


@dataclass(frozen=True)
class PixelExamples:
    """Squashed pictures, for networks of which nothing is frozen; the model itself varies them.

    Attributes:
        pictures: uint8 (n, size, size, 3), on disk or in memory.
    """

    pictures: Rows

    def __len__(self) -> int:
        """Return the number of pictures."""
        return self.pictures.shape[0]

    @property
    def shape(self) -> Shape:
        """Return (size, size, 3)."""
        return tuple(self.pictures.shape[1:])

    def batch(self, positions: Positions, epoch: int, seed: int) -> UInt8:
        """Return pictures uint8 (b, size, size, 3); see Examples."""
        return np.asarray(self.pictures[positions], np.uint8)

    def plain(self) -> Self:
        """Return the same."""
        return self
