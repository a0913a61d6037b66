"""Measures an encoder by itself, without a system or a report: folders are classes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.evaluation.errors import NothingToMeasure
from indexer.evaluation.metrics import PerQuery, Relevance, average_precision, precision_at
from indexer.evaluation.ranking import rank
from indexer.gallery import scan
from indexer.types import Float32, Ids, Labels, Scan


@dataclass(frozen=True)
class Labelled:
    """Pictures and their classes.

    Attributes:
        files: of the pictures.
        labels: str (n,), the class of each; "" where it has none.
    """

    files: tuple[Path, ...]
    labels: Labels


@dataclass(frozen=True)
class Described:
    """Features and the classes of their pictures.

    Attributes:
        features: float32 (n, dim), raw.
        labels: str (n,), the class of each; "" where it has none.
    """

    features: Float32
    labels: Labels

    def __post_init__(self) -> None:
        """Refuse labels that do not belong to the features."""
        if self.labels.shape != (len(self.features),):
            raise ValueError(
                f"Each of {len(self.features)} features needs a label. "
                f"Received: labels of the shape {self.labels.shape}"
            )


@dataclass(frozen=True)
class FolderFigures:
    """How well the pictures of a class find each other, as means over the queries measured.

    Attributes:
        precision_at_1: share of queries whose first hit is of their class.
        precision_at_10: share of the first ten hits that are of the query's class.
        mean_average_precision: over the ranks of all pictures of the query's class.
        queries: how many were measured.
        left_out: how many were not, because nothing in the gallery is of their class.
    """

    precision_at_1: float
    precision_at_10: float
    mean_average_precision: float
    queries: int
    left_out: int


def read_folders(*folders: Path) -> Labelled:
    """Find the usable pictures below some folders; their classes are the folders therein.

    Raises:
        SourceMissing, EmptyGallery: as indexer.gallery.scan.
    """
    return labelled(scan(folders))


def labelled(found: Scan) -> Labelled:
    """Take the pictures of a scan, in its order, with their classes."""
    files = tuple(found.roots[record.root] / record.path for record in found.records)
    return Labelled(files, np.array([record.label or "" for record in found.records], np.str_))


def measure(gallery: Described, queries: Described | None = None) -> FolderFigures:
    """Rank the gallery exactly for each query, by cosine, and average what is found.

    A query of whose class the gallery holds nothing, itself apart, can find nothing: it is left
    out of every figure, and counted. Pictures without a class are right for no query.

    Args:
        gallery: what is searched.
        queries: what is asked; None for each picture of the gallery, which leaves itself out.

    Returns:
        precision at 1 and 10 and the mean average precision.

    Raises:
        NothingToMeasure: every query had to be left out.
    """
    asked = gallery if queries is None else queries
    classes, wanted = _numbers(gallery.labels, asked.labels)
    found = [np.zeros((3, 0))]
    for rows, ids in rank(gallery.features, None if queries is None else queries.features):
        relevant = classes[ids] == wanted[rows, None]
        found.append(_figures(relevant[relevant.any(axis=1)]))
    per_query = np.concatenate(found, axis=1)
    measured = per_query.shape[1]
    if measured == 0:
        raise NothingToMeasure(
            f"None of {len(wanted)} queries has a picture of its class in the gallery. Give each "
            "class a folder of its own, with the same name for queries and gallery."
        )
    first, ten, average = per_query.mean(axis=1).tolist()
    return FolderFigures(first, ten, average, measured, len(wanted) - measured)


def _figures(relevant: Relevance) -> PerQuery:
    """Return the three figures of each query, float64 (3, n_queries)."""
    return np.stack(
        [precision_at(relevant, 1), precision_at(relevant, 10), average_precision(relevant)]
    )


def _numbers(gallery: Labels, queries: Labels) -> tuple[Ids, Ids]:
    """Number the classes of gallery and queries, so that no picture without one fits another."""
    _, numbers = np.unique(np.concatenate([gallery, queries]), return_inverse=True)
    classes, wanted = numbers[: len(gallery)], numbers[len(gallery) :]
    return np.where(gallery == "", -1, classes), np.where(queries == "", -2, wanted)
