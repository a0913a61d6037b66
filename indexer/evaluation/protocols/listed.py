"""Makes tasks of right answers that are listed by the names of pictures."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from indexer.evaluation.errors import EvaluationError, NothingToMeasure
from indexer.evaluation.groundtruth.model import GroundTruth, Query, stem_of
from indexer.evaluation.remarks import counted, some
from indexer.evaluation.tasks import Picture, Task
from indexer.evaluation.truths import ByList

Pictures = tuple[Picture, ...]


@dataclass(frozen=True)
class Asked:
    """A query of a ground truth, and what one setup says of pictures, by name.

    Attributes:
        query: of the ground truth.
        right: the right answers.
        ignored: what is neither right nor wrong.
    """

    query: Query
    right: tuple[str, ...]
    ignored: tuple[str, ...]


def listed_task(
    truth: GroundTruth, asked: tuple[Asked, ...], gallery: Pictures, *, partial: bool
) -> Task:
    """Find the pictures that a ground truth names, and make the task of them.

    Names are matched without folders and suffixes. The queries' pictures are of the gallery too;
    where the ground truth lists the gallery without them, as the revisited ones do, they are
    taken out of it. Queries without a right answer are left out.

    Args:
        truth: what was published.
        asked: its queries in one setup.
        gallery: the pictures, those of the queries among them, distractors last.
        partial: whether to go on without pictures that are missing.

    Raises:
        EvaluationError: pictures are missing and `partial` is False, or two have one name.
        NothingToMeasure: no query has a right answer.
    """
    wanted = _wanted(truth)
    found = _by_stem(gallery, wanted, truth.name)
    missing = [name for name in wanted if name not in found]
    if missing and not partial:
        raise EvaluationError(
            f"The gallery lacks {len(missing):,} of the {counted(len(wanted), 'picture')} that "
            f"the ground truth {truth.name} names, for instance {missing[0]}. Give the folder that "
            "holds them all, or evaluate what is there: --partial"
        )
    searched = _searched(truth, gallery)
    kept, right, ignored = _answered(asked, found, searched)
    if not kept:
        raise NothingToMeasure(
            f"None of {counted(len(asked), 'query')} of the ground truth {truth.name} has a right "
            "answer in the gallery. Give the folder of the pictures that it was made for."
        )
    remarks = (
        *_on_missing(missing, len(wanted), truth.name),
        *_on_queries(len(asked), len(kept)),
        *_on_strangers(searched, wanted, truth),
    )
    return Task(searched, tuple(kept), ByList.of(len(searched), right, ignored), remarks)


def _answered(
    asked: tuple[Asked, ...], found: dict[str, Picture], searched: Pictures
) -> tuple[list[Picture], list[set[int]], list[set[int]]]:
    """Return the queries that have a right answer, and the places of what is right and ignored."""
    places = {stem_of(each.name): n for n, each in enumerate(searched) if not each.distractor}
    kept: list[Picture] = []
    right: list[set[int]] = []
    ignored: list[set[int]] = []
    for each in asked:
        image, out = found.get(stem_of(each.query.image)), _places(each.ignored, places)
        answers = _places(each.right, places) - out
        if image is not None and answers:
            kept.append(replace(image, crop=each.query.box))
            right.append(answers)
            ignored.append(out)
    return kept, right, ignored


def _wanted(truth: GroundTruth) -> dict[str, None]:
    """Return the stems of all pictures that are named, in their order."""
    of_queries = (name for query in truth.queries for name in (query.image, *query.named))
    return dict.fromkeys(stem_of(name) for names in (truth.images, of_queries) for name in names)


def _by_stem(gallery: Pictures, wanted: dict[str, None], name: str) -> dict[str, Picture]:
    found: dict[str, Picture] = {}
    for picture in gallery:
        stem = stem_of(picture.name)
        if picture.distractor or stem not in wanted:
            continue
        if stem in found:
            raise EvaluationError(
                f"Two pictures of the gallery could be {stem} of the ground truth {name}: "
                f"{found[stem].file} and {picture.file}. Keep one of them in the gallery."
            )
        found[stem] = picture
    return found


def _searched(truth: GroundTruth, gallery: Pictures) -> Pictures:
    """Return the gallery, without queries that the ground truth does not list as part of it."""
    if not truth.images:
        return gallery
    listed = {stem_of(name) for name in truth.images}
    apart = {stem_of(query.image) for query in truth.queries} - listed
    return tuple(
        picture for picture in gallery if picture.distractor or stem_of(picture.name) not in apart
    )


def _places(names: Iterable[str], places: dict[str, int]) -> set[int]:
    return {places[stem] for stem in map(stem_of, names) if stem in places}


def _on_missing(missing: list[str], count: int, name: str) -> Iterator[str]:
    if missing:
        yield (
            f"The gallery lacks {len(missing):,} of the {counted(count, 'picture')} of {name}, for "
            f"instance {missing[0]}. What is right was cut to what is there: these figures cannot "
            "be compared with published ones."
        )


def _on_queries(count: int, kept: int) -> Iterator[str]:
    if kept < count:
        yield (
            f"Left out of {counted(count, 'query')}: {count - kept:,} that lack a right "
            "answer, or their own picture, in the gallery."
        )


def _on_strangers(searched: Pictures, wanted: dict[str, None], truth: GroundTruth) -> Iterator[str]:
    strangers = [
        each.name for each in searched if not each.distractor and stem_of(each.name) not in wanted
    ]
    if strangers and truth.images:
        yield (
            f"The gallery holds {counted(len(strangers), 'picture')} that {truth.name} does not "
            f"name, and that are right for no query: {some(strangers)}."
        )
