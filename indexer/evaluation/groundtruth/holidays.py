"""The ground truth of INRIA Holidays, which its pictures' names are.

Names are numbers. Their hundreds count the 500 places that were photographed, the first picture
of each, whose number ends in 00, asks for the others, and is ignored in its own ranking. Source:
Jégou, Douze, Schmid, "Hamming embedding and weak geometric consistency for large scale image
search", ECCV 2008, and the evaluation program published with it.
"""

from collections.abc import Iterable
from pathlib import Path

from indexer.evaluation.errors import BadGroundTruth
from indexer.evaluation.groundtruth.files import lines_of
from indexer.evaluation.groundtruth.model import GroundTruth, Query, stem_of

GROUP = 100


def read_names(file: Path) -> GroundTruth:
    """Read a list of names, as holidays_images.dat: the first word of each line.

    Raises:
        BadGroundTruth: a line does not begin with a number, or no number ends in 00.
    """
    names = [line.split()[0] for line in lines_of(file)]
    for number, name in enumerate(names, 1):
        if not is_numbered(name):
            raise BadGroundTruth(
                f"{file}, name {number}: expected a number, as 100000.jpg. Received: {name[:80]!r}"
            )
    return of_names(names, str(file))


def of_names(names: Iterable[str], where: str) -> GroundTruth:
    """Make the ground truth of pictures' names; those that are no numbers are passed over.

    Args:
        names: of all pictures of the gallery, with folder and suffix or without.
        where: they are from, for errors.

    Raises:
        BadGroundTruth: no number ends in 00.
    """
    numbered = {int(stem_of(name)): stem_of(name) for name in names if is_numbered(name)}
    groups: dict[int, list[str]] = {}
    for number in sorted(numbered):
        groups.setdefault(number // GROUP, []).append(numbered[number])
    queries = [
        Query(names[0], good=tuple(names[1:]), junk=(names[0],))
        for names in groups.values()
        if int(names[0]) % GROUP == 0
    ]
    if not queries:
        raise BadGroundTruth(
            f"{where} names no query: the names of Holidays are numbers, as 100000.jpg, and those "
            "that end in 00 ask. Give the folder of its pictures, or its list of names."
        )
    return GroundTruth("holidays", tuple(queries), tuple(numbered[key] for key in sorted(numbered)))


def is_numbered(name: str) -> bool:
    """Return whether a picture's name is a number, as those of Holidays are."""
    stem = stem_of(name)
    return stem.isascii() and stem.isdigit() and len(stem) < 16
