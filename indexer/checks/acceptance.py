"""Lets a finished build go live only if it finds its own pictures, and copies of them.

How the limits were chosen is told in docs/decisions/008-what-deserves-to-go-live.md.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np

from indexer.checks.trials import MILD, Candidate, Shown, Trial, shown, tried
from indexer.errors import BadParameter, NotAccepted
from indexer.types import DEFAULT_LIMITS, Progress, Report, silent
from models.parallel import in_order, worker_count
from models.types import Limits

RECALL = 0.8
"""Part of the copies that must find their original, unless another is asked for."""

CONTRAST = 0.02
"""Cosine distance that must lie between a picture and its negative, at the median."""

K = 10  # hits among which a copy's original must be: in a small gallery, its nearest tenth
MOST, LEAST = 100, 12  # pictures that are tried
SHARE = 100  # images for each picture that is tried, so that trying costs little beside a build
NEGATIVES = 8  # pictures that are shown as negatives too
WORKERS, AHEAD = 4, 8  # threads that read and distort; pictures that may wait
TOGETHER, AT_ONCE = 8, 2  # pictures that are encoded together, with their copies; groups at once
INDEX = "--kind exact or a greater --w or --g"
READABLE = 0.5  # part of the drawn pictures that must still be as they were indexed
CURE = (
    "What was there before still serves. Build again with {other}, or let it go live as it is with "
    "--accept 0."
)


@dataclass(frozen=True)
class Acceptance:
    """What was found, and what was wanted.

    Attributes:
        pictures: how many were read again and tried.
        skipped: how many more were drawn, but are no longer as they were indexed.
        first: part of the pictures that found themselves first; all must.
        recall: part of their copies that found the original among the first k.
        k: these.
        wanted: the recall that was asked for.
        kinds: of copies.
        contrast: median cosine distance between the encoder's features of a picture and of its
            negative; None where it could not be measured.
    """

    pictures: int
    skipped: int
    first: float
    recall: float
    k: int
    wanted: float
    kinds: tuple[str, ...]
    contrast: float | None


def accept(
    candidate: Candidate,
    *,
    wanted: float = RECALL,
    seed: int = 0,
    limits: Limits = DEFAULT_LIMITS,
    progress: Report = silent,
) -> Acceptance:
    """Search a build for a sample of its pictures, read again from disk, and for copies of them.

    Files that have vanished or changed since are skipped, up to half of the sample. A few
    pictures are held in memory.

    Args:
        candidate: the build.
        wanted: part of the copies that must find their original, above 0 and up to 1.
        seed: draws the sample.
        limits: what a file may cost.
        progress: told after each group of pictures.

    Returns:
        What was found, where that is enough.

    Raises:
        NotAccepted: it is not, or too few files could be read; the message says what was found,
            what was wanted, and the cure.
        BadParameter: `wanted` is out of its range.
        BuildFailed: the engine fails.
    """
    if not 0 < wanted <= 1:
        raise BadParameter(f"--accept must be between 0 and 1. Received: {wanted}")
    count = len(candidate.records)
    chosen = np.random.default_rng(seed).permutation(count)[: sample_size(count)].tolist()
    k = min(K, max(1, count // K))
    trials: list[Trial] = []
    for group in _tried(candidate, chosen, k, limits):
        trials += group
        progress(Progress("accept", len(trials), len(chosen)))
    _require_files(len(trials), len(chosen))
    found = _summed(trials, len(chosen) - len(trials), k, wanted)
    _require_sight(found)
    _require_first(found, [trial.path for trial in trials if not trial.first])
    _require_recall(found)
    return found


def _tried(
    candidate: Candidate, chosen: Sequence[int], k: int, limits: Limits
) -> Iterator[list[Trial]]:
    """Try pictures in groups; those that are no longer what was indexed are left out."""
    telling = frozenset(chosen[:NEGATIVES])

    def load(number: int) -> Shown | None:
        return shown(candidate, number, limits, negative=number in telling)

    loaded = in_order(load, chosen, workers=min(WORKERS, worker_count(0)), ahead=AHEAD)
    work = partial(tried, candidate, k=k)
    with (
        closing(loaded),
        closing(in_order(work, _groups(loaded), workers=AT_ONCE, ahead=AT_ONCE)) as groups,
    ):
        yield from groups


def _groups(pictures: Iterable[Shown | None]) -> Iterator[list[Shown]]:
    there = filter(None, pictures)
    while group := list(islice(there, TOGETHER)):
        yield group


def sample_size(count: int) -> int:
    """Return how many of so many images are tried."""
    return min(count, max(LEAST, min(MOST, count // SHARE)))


def _summed(trials: Sequence[Trial], skipped: int, k: int, wanted: float) -> Acceptance:
    contrasts = [trial.contrast for trial in trials if trial.contrast is not None]
    return Acceptance(
        pictures=len(trials),
        skipped=skipped,
        first=_part([trial.first for trial in trials]),
        recall=_part([copy for trial in trials for copy in trial.copies]),
        k=k,
        wanted=wanted,
        kinds=MILD,
        contrast=float(np.median(contrasts)) if contrasts else None,
    )


def _part(found: Sequence[bool]) -> float:
    return sum(found) / len(found)


def _require_files(read: int, drawn: int) -> None:
    if read < READABLE * drawn:
        raise NotAccepted(
            f"Of {drawn} indexed pictures that were drawn, {read} could be read again as they were "
            "indexed, and at least half must be: so nothing can be told of this build. Their "
            "folder may be offline, or have changed meanwhile. What was there before still "
            "serves. Make sure that the folder can be read and try again, or let it go live as it "
            "is with --accept 0."
        )


def _require_sight(found: Acceptance) -> None:
    if found.contrast is not None and found.contrast < CONTRAST:
        raise NotAccepted(
            f"The network hardly tells a picture from its negative: the cosine distance of their "
            f"features is {found.contrast:.4f} at the median, and at least {CONTRAST} is wanted. "
            f"Its weights or its preprocessing are wrong. {_cure('other --weights or --network')}"
        )


def _require_first(found: Acceptance, lost: Sequence[str]) -> None:
    if lost:
        raise NotAccepted(
            f"Of {found.pictures} indexed pictures that were read again, {len(lost)} did not find "
            f"themselves first, and all must: {lost[0]} did not. The features are not those of "
            "this encoder (then remove the folder features of the instance, so that they are "
            f"computed again), or the index loses them. {_cure(INDEX)}"
        )


def _require_recall(found: Acceptance) -> None:
    if found.recall < found.wanted:
        raise NotAccepted(
            f"Of {found.pictures * len(found.kinds)} copies of indexed pictures "
            f"({', '.join(found.kinds)}), {found.recall:.0%} found their original among the first "
            f"{found.k} hits, and {found.wanted:.0%} is wanted. "
            f"{_cure(f'{INDEX}, or another --network')}"
        )


def _cure(other: str) -> str:
    return CURE.format(other=other)
