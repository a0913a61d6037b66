"""The study of pairs: how alike given pictures are, and whether that tells same from different."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np

from indexer.errors import BadParameter
from indexer.evaluation.errors import BadTable
from indexer.evaluation.judgements.pairs import (
    Likeness,
    Pair,
    Verification,
    likeness,
    read_pairs,
    verify,
)
from indexer.evaluation.plans import EvaluationPlan
from indexer.evaluation.reporting.model import Cell, Column, Section, Table
from indexer.evaluation.reporting.words import joined, number, plain
from indexer.evaluation.studies.base import (
    Desk,
    Outcome,
    facts_of_systems,
    opened,
    systems_of,
    unranked,
)
from indexer.evaluation.studies.gathering import of_index
from indexer.evaluation.systems.base import SystemSpec
from indexer.evaluation.tasks import Picture, Task
from indexer.files import sha256_of

MOST_ROWS = 1000
KNOWN = {True: "same", False: "different", None: ""}
ABOUT = (
    "The cosine similarity of two pictures is 1 where their features have one direction; the "
    "Euclidean distance is that of the features as they are, and has another scale in each system."
)
ABOUT_VERDICTS = (
    "The area under the ROC curve is the share of all two pairs, one of the same and one of "
    "different things, in which the former is more alike: 1 where similarity tells them apart "
    "perfectly, one half where it tells nothing. The threshold is the best for these very pairs."
)


@dataclass(frozen=True)
class Compared:
    """How alike a system finds the pictures of each pair.

    Attributes:
        system: its name.
        alike: the pictures of each pair.
        by_cosine, by_distance: how well that tells the same from different; None where it is not
            known of some pairs that they are the same, and of others that they are not.
    """

    system: str
    alike: Likeness
    by_cosine: Verification | None
    by_distance: Verification | None

    @classmethod
    def of(cls, system: str, alike: Likeness, pairs: Sequence[Pair]) -> "Compared":
        """Judge a system by the pairs of which it is known whether they are the same."""
        known = np.array([pair.same is not None for pair in pairs])
        same = np.array([bool(pair.same) for pair in pairs])[known]
        if same.all() or not same.any():
            return cls(system, alike, None, None)
        cosine, distance = alike.cosine[known], alike.euclidean[known]
        return cls(system, alike, verify(cosine, same), verify(-distance, same))


def study_pairs(plan: EvaluationPlan, desk: Desk) -> Outcome:
    """Compare the pictures of given pairs."""
    pairs, folder = _pairs(plan.pairs)
    pictures = {name: _picture(folder, name) for name in dict.fromkeys(_names(pairs))}
    asked = tuple(pictures.values())
    places = {name: place for place, name in enumerate(pictures)}
    sides = [
        np.array([places[getattr(pair, side)] for pair in pairs]) for side in ("first", "second")
    ]
    found: list[Compared] = []
    facts: dict[str, str] = {}
    for spec in systems_of(plan):
        with opened(spec, _task(spec, asked, desk), plan, desk) as system:
            facts |= facts_of_systems(system)
            first, second = (system.queries[side] for side in sides)
            found.append(Compared.of(system.name, likeness(first, second), pairs))
    sections = [Section("pairs", "Given pairs", (ABOUT,), (_table(pairs, found),))]
    if found[0].by_cosine:
        verdicts = _verdicts(found)
        sections.append(Section("verdicts", "Same or different", (ABOUT_VERDICTS,), (verdicts,)))
    return Outcome(
        title=f"Pairs: {', '.join(file.name for file in plan.pairs)}",
        answer=_answer(pairs, found),
        facts={"pairs": f"{len(pairs):,}", "pictures": f"{len(asked):,}", **facts},
        sections=tuple(sections),
    )


def _pairs(files: Sequence[Path]) -> tuple[tuple[Pair, ...], Path]:
    """Read a table of pairs, or take two pictures; return them with the folder of their paths."""
    if len(files) == 2:
        first, second = (str(file.absolute()) for file in files)
        return (Pair(first, second),), Path.cwd()
    if len(files) != 1:
        raise BadParameter(f"Name two pictures, or one table of pairs. Received: {len(files)}")
    return read_pairs(files[0]), files[0].parent


def _names(pairs: Sequence[Pair]) -> Iterator[str]:
    for pair in pairs:
        yield from (pair.first, pair.second)


def _picture(folder: Path, name: str) -> Picture:
    file = folder / name
    try:
        return Picture(file, name, sha256_of(file))
    except OSError as error:
        raise BadTable(
            f"The picture {name!r} of a pair cannot be read ({error.strerror}). Paths begin at the "
            f"folder of the table, {folder}."
        ) from error


def _task(spec: SystemSpec, asked: tuple[Picture, ...], desk: Desk) -> Task:
    """Return a task whose queries are the pictures; an index keeps its own gallery."""
    gallery = of_index(spec.index, desk).pictures if spec.index else asked
    return unranked(gallery, asked)


def _table(pairs: Sequence[Pair], found: Sequence[Compared]) -> Table:
    columns = [Column("first"), Column("second"), Column("known to be")]
    for each in found:
        of = f", {plain(each.system)}" if len(found) > 1 else ""
        columns += [Column(f"similarity{of}", "number"), Column(f"distance{of}", "number")]
    rows: list[tuple[Cell, ...]] = []
    for row, pair in enumerate(pairs[:MOST_ROWS]):
        values: list[Cell] = []
        for each in found:
            values += [float(each.alike.cosine[row]), float(each.alike.euclidean[row])]
        rows.append((plain(pair.first), plain(pair.second), KNOWN[pair.same], *values))
    left = len(pairs) - len(rows)
    note = f"{left:,} further pairs are measured, and not listed." if left else ""
    return Table(
        "pairs", "How alike the pictures of each pair are", tuple(columns), tuple(rows), note
    )


def _verdicts(found: Sequence[Compared]) -> Table:
    """Say how well likeness tells the same from different."""
    rows: list[tuple[Cell, ...]] = []
    note = ""
    for each in found:
        by = (("cosine similarity", 1, each.by_cosine), ("distance", -1, each.by_distance))
        for name, sign, verdict in by:
            if verdict:
                bound = sign * verdict.threshold if isfinite(verdict.threshold) else None
                rows.append((plain(each.system), name, verdict.auc, verdict.accuracy, bound))
                note = f"{verdict.same:,} pairs of the same, {verdict.different:,} of different"
    columns = (
        Column("system"),
        Column("by"),
        Column("area under the ROC curve", "share", "high"),
        Column("told right at best", "share", "high"),
        Column("threshold", "number"),
    )
    caption = "Same or different, by likeness alone"
    return Table("verdicts", caption, columns, tuple(rows), f"{note} things.")


def _answer(pairs: Sequence[Pair], found: Sequence[Compared]) -> str:
    if found[0].by_cosine:
        said = f"Of {len(pairs):,} pairs, the area under the ROC curve by cosine similarity is"
        values = [each.by_cosine.auc for each in found if each.by_cosine]
    elif len(pairs) == 1:
        said = "The cosine similarity of the two pictures is"
        values = [float(each.alike.cosine[0]) for each in found]
    else:
        said = f"The mean cosine similarity of {len(pairs):,} pairs is"
        values = [float(each.alike.cosine.mean()) for each in found]
    told = [
        f"{number(value)} in {plain(each.system)}"
        for each, value in zip(found, values, strict=True)
    ]
    return f"{said} {joined(told)}."
