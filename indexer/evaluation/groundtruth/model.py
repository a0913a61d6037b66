"""What a ground truth says: for each query, which pictures are right and which do not count."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import PurePosixPath

from indexer.evaluation.errors import BadGroundTruth
from indexer.evaluation.tasks import Box

LISTS = ("good", "ok", "junk", "easy", "hard")
"""The lists of pictures that a query may have."""

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm"}

MAX_BYTES = 16 * 2**20
"""The largest file of ground truth that is read; those of Oxford5k and Paris6k have 0.3 MB."""


MAX_LISTED = 2_000_000
"""Names that a file lists, together: shared parts make small files list without end."""

LONGEST_NAME = 255
"""Letters of a picture's name, as file systems have them."""


@dataclass(frozen=True)
class Query:
    """One query and what is known of pictures for it, by their names.

    Attributes:
        image: its picture.
        box: the part of the picture that is asked with; None for all of it.
        good: pictures in which what is asked for is seen clearly.
        ok: pictures in which more than a quarter of it is seen; some files join `good` to them.
        junk: pictures in which hardly any of it is seen: neither right nor wrong.
        easy, hard: right answers, as the revisited protocols sort them.
    """

    image: str
    box: Box | None = None
    good: tuple[str, ...] = ()
    ok: tuple[str, ...] = ()
    junk: tuple[str, ...] = ()
    easy: tuple[str, ...] = ()
    hard: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """Return all pictures that are listed for it."""
        return tuple(name for kind in LISTS for name in getattr(self, kind))


@dataclass(frozen=True)
class GroundTruth:
    """The queries of a benchmark and their right answers.

    Attributes:
        name: of the benchmark, for people.
        queries: in the order in which they were published.
        images: names of all pictures of the gallery; none where that was not published.
    """

    name: str
    queries: tuple[Query, ...]
    images: tuple[str, ...] = ()

    @property
    def revisited(self) -> bool:
        """Return whether right answers are sorted into easy and hard ones."""
        return any(query.easy or query.hard for query in self.queries)


def stem_of(name: str) -> str:
    """Return what pictures are matched by: the name without its folder and its suffix."""
    path = PurePosixPath(name)
    return path.stem if path.suffix.lower() in SUFFIXES else path.name


def require_listed(count: int, where: str) -> None:
    """Refuse more names than any benchmark lists.

    Raises:
        BadGroundTruth: there are more than MAX_LISTED.
    """
    if count > MAX_LISTED:
        raise BadGroundTruth(f"{where} lists more than {MAX_LISTED:,} pictures: no benchmark does.")


def require_short(name: str | bytes, where: str) -> None:
    """Refuse a name that no picture can have.

    Raises:
        BadGroundTruth: it has more than LONGEST_NAME letters.
    """
    if len(name) > LONGEST_NAME:
        raise BadGroundTruth(
            f"{where} lists a name of {len(name):,} letters: pictures' names have up to "
            f"{LONGEST_NAME}. It begins with {name[:40]!r}."
        )


def box_of(numbers: Sequence[object], where: str) -> Box:
    """Take the edges of a box.

    Args:
        numbers: left, top, right and bottom edge.
        where: file and query, as the error begins.

    Raises:
        BadGroundTruth: those are not the edges of a box.
    """
    try:
        left, top, right, bottom = (float(number) for number in numbers)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        left = top = right = bottom = 0.0
    if not (left < right and top < bottom and all(map(isfinite, (left, top, right, bottom)))):
        raise BadGroundTruth(
            f"{where}: a box is its left, top, right and bottom edge in pixels. "
            f"Received: {list(numbers)[:8]!r}"
        )
    return left, top, right, bottom
