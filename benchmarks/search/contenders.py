"""What every way of searching must do to be compared, and what most do alike."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import UnsupportedOperation
from pathlib import Path
from typing import Any

import numpy as np

from indexer.types import Float32, Ids


@dataclass(frozen=True)
class Setting:
    """One compromise between recall and speed that an index offers without being built anew.

    Attributes:
        label: as the table shows it.
        effort: what the contender makes of it.
    """

    label: str = ""
    effort: Any = None


class Contender(ABC):
    """One index of one library.

    Attributes:
        name: of the index, as the table shows it.
        curve: name of the curve that its settings lie on, perhaps with those of other indexes.
        threads: that it may use.
        graph: whether it is a graph, whose build takes long.
        savable: whether it can be written.
    """

    graph = False
    savable = True

    def __init__(self, name: str, curve: str, threads: int) -> None:
        """Remember what it is called."""
        self.name = name
        self.curve = curve
        self.threads = threads

    def prepared(self, vectors: Float32) -> Float32:
        """Return vectors (n, dim) as the index takes them; it is not counted."""
        return normalised(vectors)

    def warm(self, features: Float32) -> None:  # noqa: B027
        """Do once what is done when a library is installed; it is not counted."""

    @abstractmethod
    def build(self, features: Float32) -> None:
        """Index prepared vectors (n, dim)."""

    @abstractmethod
    def settings(self) -> Sequence[Setting]:
        """Return the settings that give the curve, once it is built."""

    @abstractmethod
    def search(self, query: Float32, k: int, setting: Setting) -> Ids:
        """Return ids (k,) of the near vectors to a prepared query (dim,), -1 for none."""

    def search_many(self, queries: Float32, k: int, setting: Setting) -> Ids:
        """Search prepared queries (m, dim) at once; ids (m, k)."""
        with ThreadPoolExecutor(self.threads) as pool:
            return stacked(list(pool.map(lambda query: self.search(query, k, setting), queries)), k)

    def visited(self, queries: Float32, k: int, setting: Setting) -> float | None:
        """Return how many vectors a query is compared with in the mean, where it is known."""
        return None

    @property
    def bytes(self) -> int | None:
        """Return what a search needs in memory, the vectors included; None: what is written."""
        return None

    def save(self, folder: Path) -> None:
        """Write the index; called only where it is savable."""
        raise UnsupportedOperation(f"{self.name} writes no files.")

    def load(self, folder: Path) -> None:
        """Forget the index and open what was written; called only where it is savable."""
        raise UnsupportedOperation(f"{self.name} reads no files.")


def normalised(vectors: Float32) -> Float32:
    """Scale vectors (n, dim) to length 1; vectors of zeros stay."""
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    scaled: Float32 = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return scaled


def stacked(answers: Sequence[Ids], k: int) -> Ids:
    """Return answers of up to k ids as int64 (m, k), -1 where there are fewer."""
    ids = np.full((len(answers), k), -1, np.int64)
    for row, answer in zip(ids, answers, strict=True):
        row[: len(answer)] = answer
    return ids
