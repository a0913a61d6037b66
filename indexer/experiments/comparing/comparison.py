"""Compares a student with its teacher, and with a thumbnail, by what each of them finds."""

from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from indexer.evaluation.errors import NothingToMeasure
from indexer.evaluation.ranking import rank
from indexer.experiments.comparing.describe import Describe, encode_files, thumbnails
from indexer.experiments.comparing.findings import Comparison, Neighbours, Retrieval
from indexer.experiments.comparing.folders import Described, labelled, measure
from indexer.gallery import scan
from indexer.types import DEFAULT_LIMITS, Float32, Ids
from models.encoder import open_encoder
from models.errors import ImageError
from models.images import decode
from models.parallel import in_order, worker_count
from models.types import EncoderSpec, Limits

NEIGHBOURS = 10
FEWEST = 2 * NEIGHBOURS
"""Pictures below which nearly all are everybody's neighbours."""


@dataclass(frozen=True)
class Ways:
    """The ways to describe pictures that are compared: files -> features (n, dim)."""

    student: Describe
    teacher: Describe
    thumbnail: Describe = thumbnails


def compare(
    student: Path,
    teacher: Path,
    *,
    held_out: Sequence[Path],
    folders: Sequence[Path],
    shown: Set[str],
    limits: Limits,
    told: Callable[[int, int], None],
) -> Comparison:
    """Compare a student with its teacher and with a thumbnail.

    Args:
        student, teacher: the folders of their exported encoders.
        held_out: files that were not learnt from.
        folders: each holds a folder of pictures for each class.
        shown: the SHA-256 of each file that the student learnt from.
        limits: what a file may cost.
        told: is told after each folder how many are done, the pictures held out as one, and how
            many there are.

    Raises:
        EncoderDamaged: an exported encoder cannot be opened.
        GalleryError, NothingToMeasure: as require_classes.
    """
    if len(held_out) < FEWEST and not folders:
        return Comparison()
    ways = Ways(
        _describe(student, limits),
        _describe(teacher, limits),
        partial(thumbnails, limits=limits),
    )
    neighbours = compare_neighbours(held_out, ways, limits)
    told(1, 1 + len(folders))
    retrievals = []
    for done, folder in enumerate(folders, 2):
        retrievals.append(compare_folder(folder, ways, shown, limits))
        told(done, 1 + len(folders))
    return Comparison(neighbours, tuple(retrievals))


def _describe(exported: Path, limits: Limits) -> Describe:
    return partial(encode_files, encoder=open_encoder(exported, latency=False), limits=limits)


def compare_neighbours(
    files: Sequence[Path], ways: Ways, limits: Limits = DEFAULT_LIMITS
) -> Neighbours | None:
    """Look for the nearest neighbours of pictures among each other, by cosine.

    Args:
        files: of the pictures; one that cannot be decoded any more is left out.
        ways: whose neighbours are compared.
        limits: what a file may cost.

    Returns:
        what they share, or None for fewer than FEWEST pictures.
    """
    usable = _decodable(files, limits)
    if len(usable) < FEWEST:
        return None
    student, teacher, thumbnail = (
        _nearest(describe(usable)) for describe in (ways.student, ways.teacher, ways.thumbnail)
    )
    return Neighbours(
        pictures=len(usable),
        k=NEIGHBOURS,
        student=_shared(student, teacher),
        thumbnail=_shared(thumbnail, teacher),
    )


def require_classes(folder: Path, limits: Limits = DEFAULT_LIMITS) -> None:
    """Refuse a folder in which no picture has another one of its class, before any work.

    Args:
        folder: holds a folder of pictures for each class.
        limits: what a file may cost.

    Raises:
        GalleryError: it holds no picture.
        NothingToMeasure: no class has two.
    """
    found = scan([folder], limits=limits)
    sizes = Counter(record.label for record in found.records if record.label)
    if max(sizes.values(), default=0) < 2:
        raise NothingToMeasure(
            f"No class of {folder} has two pictures, so that none could be found. Give a folder "
            "that holds a folder of pictures for each class."
        )


def compare_folder(
    folder: Path, ways: Ways, shown: Set[str], limits: Limits = DEFAULT_LIMITS
) -> Retrieval:
    """Let each picture of a labelled folder search for its like among all others, by cosine.

    Args:
        folder: holds a folder of pictures for each class.
        ways: what is compared.
        shown: the SHA-256 of each file that the student learnt from.
        limits: what a file may cost.

    Raises:
        as require_classes.
    """
    found = scan([folder], limits=limits, thorough=True)
    pictures = labelled(found)
    student, teacher, thumbnail = (
        measure(Described(describe(pictures.files), pictures.labels))
        for describe in (ways.student, ways.teacher, ways.thumbnail)
    )
    return Retrieval(
        folder=found.roots[0],
        pictures=len(found.records),
        shown=sum(record.sha256 in shown for record in found.records),
        student=student,
        teacher=teacher,
        thumbnail=thumbnail,
    )


def _nearest(features: Float32) -> Ids:
    """Return the ids of the nearest neighbours of each picture, int64 (n, NEIGHBOURS)."""
    return np.concatenate([ids[:, :NEIGHBOURS] for _, ids in rank(features)])


def _shared(found: Ids, wanted: Ids) -> float:
    """Return the mean share of some neighbours (n, k) that are among others (n, k)."""
    return float((found[:, :, None] == wanted[:, None, :]).any(axis=2).mean())


def _decodable(files: Sequence[Path], limits: Limits) -> list[Path]:
    threads = worker_count(0)
    verdicts = in_order(
        lambda file: _decodes(file, limits), files, workers=threads, ahead=threads * 4
    )
    return [file for file, good in zip(files, verdicts, strict=True) if good]


def _decodes(file: Path, limits: Limits) -> bool:
    try:
        decode(file, EncoderSpec.size, limits=limits)
    except (ImageError, OSError):
        return False
    return True
