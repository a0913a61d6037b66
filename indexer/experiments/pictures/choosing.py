"""Chooses the pictures of a training from its folders, and which of them are held out."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from indexer.evaluation.splits import Split
from indexer.experiments.pictures.causes import causes, class_sizes
from indexer.experiments.pictures.labelled import Choice, Labelled, require_two
from indexer.gallery import scan
from indexer.types import DEFAULT_LIMITS, ImageRecord, Report, Scan, silent
from models.errors import TrainingRefused
from models.types import Limits

MOST_NAMED = 5  # classes, in a message


def scanned(
    sources: Sequence[Path],
    choice: Choice,
    *,
    limits: Limits = DEFAULT_LIMITS,
    progress: Report = silent,
) -> Scan:
    """Walk the folders of a training: the sources, then what is held out, then what tests.

    Args:
        sources: folders with a folder for each class.
        choice: which of their pictures.
        limits: what a file may cost.
        progress: told after each file.

    Raises:
        GalleryError: as indexer.gallery.scan.
    """
    further = [each for each in (choice.validation, choice.test) if each]
    return scan((*sources, *further), labels=choice.labels, limits=limits, progress=progress)


def chosen(found: Scan, sources: Sequence[Path], choice: Choice) -> Labelled:
    """Choose the pictures of a training from what was scanned, and hold some of each class out.

    A content that occurs several times is on one side only: a copy of a picture that is learnt
    from would measure nothing. Where a folder of held out pictures is given, what lies there too
    is not learnt from; where a folder of test pictures is, what lies there too is neither learnt
    from nor held out. A content of several classes is left out.

    Args:
        found: as `scanned` has it.
        sources: folders with a folder for each class.
        choice: which of their pictures.

    Raises:
        TrainingRefused: there are no two classes to be told apart.
    """
    given = len(sources)
    first_test = given + bool(choice.validation) if choice.test else len(found.roots)
    records = _one_class_each(found.records)
    apart = _apart(records, first_test)
    validated = _contents(each for each in apart if given <= each.root < first_test)
    sizes = class_sizes([each for each in apart if each.sha256 not in validated], given)
    classes = _classes(sizes, choice)
    number = {name: at for at, name in enumerate(classes)}
    kept = tuple(record for record in apart if record.label in number)
    held = validated if choice.validation else _drawn(kept, first_test, choice)
    labelled = Labelled(
        records=kept,
        roots=found.roots,
        classes=classes,
        labels=np.array([number[str(record.label)] for record in kept], np.int64),
        is_held_out=np.array([record.sha256 in held for record in kept], np.bool_),
        is_test=np.array([record.root >= first_test for record in kept], np.bool_),
        rejections=found.rejections,
        left_out=causes(found.records, records, classes, sizes, choice.min_per_class),
    )
    require_two(labelled)
    if choice.test and not labelled.is_test.any():
        raise TrainingRefused(
            f"--test {choice.test} holds no picture of the classes that are learnt: "
            f"{', '.join(classes[:5])}{', ...' if len(classes) > 5 else ''}. Give a folder with a "
            "folder for each class, of the same names."
        )
    return labelled


def _one_class_each(records: Sequence[ImageRecord]) -> list[ImageRecord]:
    """Leave out pictures without a class, and contents that have two."""
    labels: dict[str, set[str]] = {}
    for record in records:
        if record.label:
            labels.setdefault(record.sha256, set()).add(record.label)
    return [each for each in records if each.label and len(labels[each.sha256]) == 1]


def _apart(records: Sequence[ImageRecord], first_test: int) -> list[ImageRecord]:
    """Leave out what lies among the test pictures too."""
    contents = _contents(record for record in records if record.root >= first_test)
    return [each for each in records if each.root >= first_test or each.sha256 not in contents]


def _classes(counts: Mapping[str, int], choice: Choice) -> tuple[str, ...]:
    """Choose the classes that are learnt, by how many pictures the sources have of each."""
    enough = [name for name, count in counts.items() if count >= choice.min_per_class]
    enough.sort(key=lambda name: (-counts[name], name))
    if len(enough) < 2:
        fewer = (
            "; or a smaller --min-per-class" if choice.min_per_class > Choice.min_per_class else ""
        )
        raise TrainingRefused(
            f"To learn takes two classes of {choice.min_per_class} different pictures or more"
            f"{_beside(choice)}. Received: {_sizes_told(counts)}. Give folders with a folder for "
            f"each class, or --labels{fewer}."
        )
    return tuple(sorted(enough[: choice.most]))


def _drawn(records: Sequence[ImageRecord], first_test: int, choice: Choice) -> set[str]:
    """Return the contents that are held out where no folder is given for it: a share of them."""
    rest = {each.sha256: str(each.label) for each in records if each.root < first_test}
    drawn = Split(choice.share, seed=choice.seed).held_out(list(rest.values()))
    return {content for content, held in zip(rest, drawn.tolist(), strict=True) if held}


def _beside(choice: Choice) -> str:
    """Say which pictures do not count since they are not learnt from."""
    given = {"--validation": choice.validation, "--test": choice.test}
    named = [name for name, folder in given.items() if folder]
    return f" beside those of {' and '.join(named)}" if named else ""


def _sizes_told(counts: Mapping[str, int]) -> str:
    """Say how many pictures some classes have."""
    largest = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    named = [f"{name} {count:,}" for name, count in largest[:MOST_NAMED]]
    more = f", and {len(counts) - MOST_NAMED:,} more" if len(counts) > MOST_NAMED else ""
    return f"{', '.join(named)}{more}" if named else "no class at all"


def _contents(records: Iterable[ImageRecord]) -> set[str]:
    return {record.sha256 for record in records}
