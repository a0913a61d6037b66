"""What a comparison of a student with its teacher, and with a thumbnail, finds."""

from dataclasses import dataclass
from pathlib import Path

from indexer.experiments.comparing.folders import FolderFigures


@dataclass(frozen=True)
class Neighbours:
    """How far others' neighbours of a picture are its teacher's neighbours.

    Attributes:
        pictures: among which neighbours were looked for.
        k: neighbours of each.
        student: mean share of the teacher's k nearest that are the student's too.
        thumbnail: the same for a thumbnail.
    """

    pictures: int
    k: int
    student: float
    thumbnail: float


@dataclass(frozen=True)
class Retrieval:
    """How well the pictures of a labelled folder find their like among all others.

    Attributes:
        folder: its path.
        pictures: how many it holds.
        shown: how many of these the student had learnt from.
        student, teacher, thumbnail: what was found.
    """

    folder: Path
    pictures: int
    shown: int
    student: FolderFigures
    teacher: FolderFigures
    thumbnail: FolderFigures

    @property
    def asked(self) -> str:
        """Say how many of the pictures were queries, and why others were not."""
        some = f"{self.student.queries:,} of them searched for their like among all others"
        if not self.student.left_out:
            return some
        return f"{some}, {self.student.left_out:,} not: in no class, or alone in it"

    @property
    def rows(self) -> tuple[tuple[str, str, str, str], ...]:
        """Return a line of a table for each way: its name, P@1, P@10 and mAP."""
        ways = (("student", self.student), ("teacher", self.teacher), ("thumbnail", self.thumbnail))
        return tuple(
            (
                name,
                f"{found.precision_at_1:.3f}",
                f"{found.precision_at_10:.3f}",
                f"{found.mean_average_precision:.3f}",
            )
            for name, found in ways
        )


@dataclass(frozen=True)
class Comparison:
    """What student, teacher and thumbnail find.

    Attributes:
        neighbours: on pictures that were held out, or None where there are too few.
        retrievals: on labelled folders, in the order asked for.
    """

    neighbours: Neighbours | None = None
    retrievals: tuple[Retrieval, ...] = ()
