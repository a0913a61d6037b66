"""Shows queries with the first and the last pictures of their rankings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from indexer.evaluation.findings import Findings, Hits
from indexer.evaluation.measures import at, measure_of
from indexer.evaluation.remarks import counted
from indexer.evaluation.reporting.choosing import one_of_each, worst
from indexer.evaluation.reporting.model import Block, Looks, Section, Shown, Strip
from indexer.evaluation.reporting.renderings import Rendering, render
from indexer.evaluation.reporting.words import METRICS, number, plain, within
from indexer.evaluation.tasks import Picture, Task
from indexer.types import DEFAULT_LIMITS
from models.types import Limits

AT_ONCE = 2
"""Queries that are shown at once, the others when asked for."""
NOTED = ("P@10", "AP", "first rank")


def looks_section(
    task: Task,
    findings: Sequence[Findings],
    folder: Path,
    *,
    headline: str,
    count: int = 6,
    classes: int = 6,
    seed: int = 0,
    chosen: Sequence[int] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> Section:
    """Show chosen queries of all systems; of the first its worst, and one of each class.

    Args:
        task: what was asked.
        findings: of each system in one way.
        folder: of the report, which small pictures are written to.
        headline: the measure that is worst, by its name.
        count: how many of the worst queries, at most.
        classes: of how many classes one is shown, at most.
        seed: draws queries.
        chosen: places of queries that are shown in any case.
        limits: what a picture may cost.
    """
    of, first = within(measure_of(headline).title), findings[0]
    end = "highest" if measure_of(headline).best == "low" else "lowest"
    drawn = one_of_each(task, classes, seed=seed)
    parts = (
        ("chosen", "Chosen queries", findings, tuple(chosen)),
        ("worst", f"the {end} {of}", [first], worst(first, headline, count, seed=seed)),
        ("classes", _drawn_words(task, drawn), [first], drawn if len(drawn) > 1 else ()),
    )
    blocks: list[Block] = []
    for name, caption, some, rows in parts:
        if rows:
            told = caption if some is findings else f"{plain(first.system)}: {caption}"
            made = looks(f"looks-{name}", told, task, some, rows, folder, limits=limits)
            at_once = 0 if name == "chosen" or len(rows) <= AT_ONCE else AT_ONCE
            blocks.append(replace(made, shown=at_once))
    hits = first.first.ids.shape[1]
    text = f"The first {hits} hits of some queries, with their distances, right and wrong"
    last = findings[0].last
    text += f", and the last {last.ids.shape[1]} of the ranking." if last else "."
    return Section("looks", "To look at", (text,), tuple(blocks))


def _drawn_words(task: Task, drawn: Sequence[int]) -> str:
    classes = len({each.label for each in task.queries} - {""})
    return "one of each class" if len(drawn) == classes else f"one of each of {len(drawn)} classes"


def looks(
    name: str,
    caption: str,
    task: Task,
    findings: Sequence[Findings],
    rows: Sequence[int],
    folder: Path,
    *,
    note: str = "",
    limits: Limits = DEFAULT_LIMITS,
) -> Looks:
    """Make the strips of some queries, those of all systems of a query after each other.

    Args:
        name, caption, note: of what is made.
        task: what was asked.
        findings: of each system.
        rows: places of the queries.
        folder: of the report, which small pictures are written to.
        limits: what a picture may cost.
    """
    wanted = [task.queries[row] for row in rows]
    for found in findings:
        for hits in (found.first, found.last):
            if hits is not None:
                wanted += [
                    task.gallery[place] for place in hits.ids[list(rows)].ravel() if place >= 0
                ]
    drawn = render(wanted, folder, limits=limits)
    strips = tuple(
        _strip(task, found, row, drawn[task.queries[row]], drawn)
        for row in rows
        for found in findings
    )
    return Looks(name, caption, strips, note)


def _strip(
    task: Task, found: Findings, row: int, query: Rendering, drawn: Mapping[Picture, Rendering]
) -> Strip:
    first_ranks = list(range(1, found.first.ids.shape[1] + 1))
    last: tuple[Shown, ...] = ()
    if found.last is not None:
        end = _ranked(task, found, row)
        ranks = list(range(end, end - found.last.ids.shape[1], -1))
        last = _shown(task, found.last, row, ranks, drawn)
    return Strip(
        _picture(task.queries[row], query),
        plain(found.system),
        _note(found, row),
        _shown(task, found.first, row, first_ranks, drawn),
        last,
    )


def _shown(
    task: Task, hits: Hits, row: int, ranks: Sequence[int], drawn: Mapping[Picture, Rendering]
) -> tuple[Shown, ...]:
    """Return the pictures of one row of hits; places without a picture are left out."""
    shown = []
    for column, rank in enumerate(ranks):
        place = int(hits.ids[row, column])
        if place >= 0:
            picture = task.gallery[place]
            distance, right = float(hits.distances[row, column]), bool(hits.relevant[row, column])
            shown.append(_picture(picture, drawn[picture], distance, right, rank))
    return tuple(shown)


def _picture(
    picture: Picture,
    drawn: Rendering,
    distance: float | None = None,
    right: bool | None = None,
    rank: int = 0,
) -> Shown:
    name, label = _named(picture), plain(picture.label)
    return Shown(name, label, drawn.file, drawn.width, drawn.height, distance, right, rank)


def _named(picture: Picture) -> str:
    """Name a picture, and what was done to it."""
    done = ["cropped"] if picture.crop is not None else []
    done += [picture.distortion] if picture.distortion else []
    done += ["distractor"] if picture.distractor else []
    return plain(picture.name) + (f" ({', '.join(dict.fromkeys(done))})" if done else "")


def _ranked(task: Task, found: Findings, row: int) -> int:
    """Return how many pictures the ranking of a query held."""
    count = len(task.gallery) if found.way.distractors else task.own
    ignored = task.truth.ignored(slice(row, row + 1), np.arange(count)[None, :])
    return count - (0 if ignored is None else int(ignored.sum()))


def _note(found: Findings, row: int) -> str:
    """Say in words how good the answer to one query is."""
    said = [f"by {METRICS[found.way.metric]} distance"]
    for noted in NOTED:
        name = at(noted, found.first.ids.shape[1])
        value = found.measures[name][row] if name in found.measures else np.nan
        if np.isfinite(value):
            measure = measure_of(name)
            # Of a single query it is no mean.
            title = measure.name if measure.title.startswith("m") else within(measure.title)
            said.append(f"{title} {number(float(value), measure.kind)}")
    total = int(found.first.relevant[row].sum())
    shown = int((found.first.ids[row] >= 0).sum())
    return f"{counted(total, 'right answer')} among the first {shown}; {', '.join(said)}"
