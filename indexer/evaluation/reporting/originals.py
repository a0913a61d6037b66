"""The section that shows how many changed copies lead back to their originals, and which do not."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from indexer.evaluation.findings import Findings
from indexer.evaluation.remarks import counted
from indexer.evaluation.reporting.choosing import worst
from indexer.evaluation.reporting.leading import compared_copies, kinds_of, originals_of
from indexer.evaluation.reporting.looks import looks
from indexer.evaluation.reporting.model import Block, Cell, Column, Looks, Section, Strip, Table
from indexer.evaluation.reporting.shares import share_bars
from indexer.evaluation.reporting.tables import mean_cell
from indexer.evaluation.reporting.words import joined, plain
from indexer.evaluation.tasks import Task
from indexer.types import DEFAULT_LIMITS, Ids
from models.types import Limits

MOST_FOUND = 3
AT_ONCE = 2
HITS = 5
"""First hits that are shown of a copy: its original should be the very first."""

RANK = "first rank"
HELP = "Share of the copies whose original is the first hit."
CHANGES = (
    "Cropped: to the middle 70 % of each side. Recompressed: as a JPEG of quality 30. Darkened: to "
    "60 %. Rotated: by 10 degrees, and cut to what holds no empty corners."
)


def originals_section(
    task: Task,
    findings: Sequence[Findings],
    folder: Path,
    *,
    headline: str,
    count: int = 6,
    seed: int = 0,
    chosen: Sequence[int] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> Section:
    """Show by kind of change how many copies lead back; some that do not, and some that do.

    Args:
        task: of copies.
        findings: of each system in one way.
        folder: of the report, which figure and small pictures are written to.
        headline: the measure of a copy that leads back, by its name.
        count: how many copies that the first system fails at are shown, at most.
        seed: draws copies.
        chosen: places of copies that are shown in any case.
        limits: what a picture may cost.
    """
    first, name = findings[0], plain(findings[0].system)
    failed, found = _parted(task, first, headline, seed)
    by = f", by {name}" if len(findings) > 1 else ""
    parts = (
        ("chosen", "Chosen copies", findings, tuple(chosen)),
        ("failed", f"Copies that do not lead back{by}", [first], failed[:count]),
        ("found", f"Copies that lead back{by}", [first], found[:MOST_FOUND]),
    )
    blocks: list[Block] = [_bars(task, findings, folder, headline)]
    for part, caption, some, rows in parts:
        if rows:
            made = looks(f"originals-{part}", caption, task, some, rows, folder, limits=limits)
            blocks.append(_short(made, task, some, rows, 0 if part == "chosen" else AT_ONCE))
    blocks.append(_table(task, findings, headline))
    text = [_about(task), *([compared_copies(findings, headline)] if len(findings) > 1 else [])]
    return Section("originals", "How many copies lead back", tuple(text), tuple(blocks))


def _about(task: Task) -> str:
    kinds = kinds_of(task)
    return (
        f"{counted(originals_of(task), 'picture')} of the gallery "
        f"{'was' if originals_of(task) == 1 else 'were each'} {joined(list(kinds))}, and each "
        "changed copy was searched for. It leads back where its original is the very first hit."
    )


def _parted(
    task: Task, found: Findings, headline: str, seed: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the copies that do not lead back, the worst first, and those that do, by lot.

    In both the kinds of change take turns.
    """
    values = found.measures[headline]
    order = worst(found, RANK if RANK in found.measures else headline, len(values), seed=seed)
    lots = np.random.default_rng(seed).permutation(len(values)).tolist()
    failed = [row for row in order if values[row] < 1]
    return _in_turn(task, failed), _in_turn(task, [row for row in lots if values[row] == 1])


def _in_turn(task: Task, rows: Sequence[int]) -> tuple[int, ...]:
    """Let kinds of change take turns, each with its copies in their order."""
    met: Counter[str] = Counter()
    turns = []
    for row in rows:
        kind = task.queries[row].distortion
        turns.append(met[kind])
        met[kind] += 1
    order: Ids = np.argsort(turns, kind="stable")
    return tuple(rows[at] for at in order.tolist())


def _short(
    made: Looks, task: Task, findings: Sequence[Findings], rows: Sequence[int], shown: int
) -> Looks:
    """Keep the first hits alone, and say in plain words where each original is."""
    asked = [(found, row) for row in rows for found in findings]
    strips = tuple(
        _strip(strip, task, found, row)
        for strip, (found, row) in zip(made.strips, asked, strict=True)
    )
    return replace(made, strips=strips, shown=shown if len(strips) > shown else 0)


def _strip(strip: Strip, task: Task, found: Findings, row: int) -> Strip:
    right = np.flatnonzero(found.first.relevant[row])
    rank = found.measures[RANK][row] if RANK in found.measures else np.nan
    if len(right):
        rank = right[0] + 1
    if rank == 1:
        where = "its original comes first"
    elif np.isfinite(rank):
        where = f"its original is hit {int(rank):,}"
    else:
        where = f"its original is not among the first {found.first.ids.shape[1]:,} hits"
    note = f"{task.queries[row].distortion}: {where}"
    return replace(strip, note=note, first=strip.first[:HITS], last=())


def _bars(task: Task, findings: Sequence[Findings], folder: Path, headline: str) -> Block:
    kinds = kinds_of(task)
    shares = {
        each.system: {kind: mean_cell(each, headline, which) for kind, which in kinds.items()}
        for each in findings
    }
    caption = "Copies that lead back to their original, by what was done to them"
    return share_bars(folder, "originals", caption, shares)


def _table(task: Task, findings: Sequence[Findings], headline: str) -> Table:
    """Make the table of the shares by change, and of all copies."""
    named = [plain(each.system) for each in findings] if len(findings) > 1 else ["lead back"]
    columns = (
        Column("change"),
        Column("copies", "count"),
        *(Column(name, "percent", "", HELP) for name in named),
    )
    everything = np.ones(len(task.queries), np.bool_)
    rows: list[tuple[Cell, ...]] = []
    for kind, which in {**kinds_of(task), "all": everything}.items():
        means = (mean_cell(each, headline, which) for each in findings)
        rows.append((kind, int(which.sum()), *means))
    caption = "Copies that lead back to their original"
    return Table("originals", caption, columns, tuple(rows), CHANGES)
