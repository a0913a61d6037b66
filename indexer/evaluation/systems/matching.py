"""Finds the pictures of an index among those of a task's gallery."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import numpy as np

from indexer.evaluation.tasks import Picture
from indexer.types import Ids

Key = Callable[[Picture], Hashable]
KEYS: tuple[Key, ...] = (
    lambda picture: (picture.sha256, picture.file),
    lambda picture: (picture.sha256, picture.name),
    lambda picture: picture.sha256,
)
"""What must be equal for two pictures to be one, from sure to sufficient."""


def places_of(pictures: Sequence[Picture], gallery: Sequence[Picture]) -> Ids:
    """Say which picture of a gallery each picture of an index is.

    Of several with the same content, that of the same file is taken first, then that of the same
    path below its folder, then any.

    Args:
        pictures: n of the index, in the order of its ids.
        gallery: of the task.

    Returns:
        int64 (n,), places in the gallery, none twice; -1 where the gallery does not hold it.
    """
    if len(pictures) == len(gallery) and all(map(_equal, pictures, gallery)):
        return np.arange(len(pictures), dtype=np.int64)
    twice = _several(pictures) | _several(gallery)
    alone = {each.sha256: at for at, each in enumerate(gallery) if each.sha256 not in twice}
    places = np.array([alone.get(each.sha256, -1) for each in pictures], np.int64)
    mine, others = (
        [at for at, each in enumerate(side) if each.sha256 in twice] for side in (pictures, gallery)
    )
    for key in KEYS:
        waiting: dict[Hashable, list[int]] = {}
        for place in reversed(others):
            waiting.setdefault(key(gallery[place]), []).append(place)
        for row in mine:
            if same := waiting.get(key(pictures[row])):
                places[row] = same.pop()
        mine = [row for row in mine if places[row] < 0]
        others = sorted(place for rest in waiting.values() for place in rest)
    return places


def _equal(one: Picture, other: Picture) -> bool:
    return one.sha256 == other.sha256 and one.file == other.file


def _several(pictures: Sequence[Picture]) -> set[str]:
    """Return the contents that occur more than once."""
    counts = Counter(each.sha256 for each in pictures)
    return {content for content, count in counts.items() if count > 1}
