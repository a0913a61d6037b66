"""A report as plain data: what report.json holds, and what every page shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from indexer.evaluation.means import Mean as Mean

FORMAT = 1

Cell = str | int | float | Mean | None
"""What stands in a table; None where there is nothing to say."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: its heading.
        kind: how its numbers are written: a word, a whole number, a share from 0 to 1, a share
            in percent, or a number.
        best: which of its values is the best, to be marked; "" for none.
        help: what it says, in a sentence, or "".
        signed: whether its numbers are differences, which are written with their sign.
    """

    name: str
    kind: Literal["text", "count", "share", "percent", "number"] = "text"
    best: Literal["", "high", "low"] = ""
    help: str = ""
    signed: bool = False


@dataclass(frozen=True)
class Table:
    """A table, also written as a CSV file of its name.

    Attributes:
        name: of its file and its place on the page, as "sequential-by-class".
        caption: its title.
        columns, rows: what it holds; each row has a cell for each column.
        note: what readers should know, or "".
        shown: rows that are shown at once, the others when asked for; 0 for all.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    shown: int = 0
    type: Literal["table"] = "table"


@dataclass(frozen=True)
class Figure:
    """A drawing, written as NAME.svg and NAME.png.

    Attributes:
        name: of its files and its place on the page.
        caption: its title.
        alt: what it shows, for those who do not see it.
        width, height: in pixels, as pages show it.
    """

    name: str
    caption: str
    alt: str
    width: int
    height: int
    type: Literal["figure"] = "figure"


@dataclass(frozen=True)
class Shown:
    """A picture as a page shows it.

    Attributes:
        name: its path, for people.
        label: its class, or "".
        file: its small rendering within the report's folder, or "" where there is none.
        width, height: of that rendering, in pixels.
        distance: to the query; None of the query itself.
        right: whether it is a right answer; None of the query itself.
        rank: its place in the ranking, from 1; 0 of the query itself.
    """

    name: str
    label: str
    file: str
    width: int
    height: int
    distance: float | None = None
    right: bool | None = None
    rank: int = 0


@dataclass(frozen=True)
class Strip:
    """A query with the first and the last pictures of its ranking.

    Attributes:
        query: the picture.
        system: what ranked.
        note: its figures, in words.
        first: the first hits, best first.
        last: the last ones, farthest first; none where they are not known.
    """

    query: Shown
    system: str
    note: str
    first: tuple[Shown, ...]
    last: tuple[Shown, ...] = ()


@dataclass(frozen=True)
class Looks:
    """Some queries to look at.

    Attributes:
        name: its place on the page.
        caption: why these.
        strips: one for each.
        note: what readers should know, or "".
        shown: strips that are shown at once, the others when asked for; 0 for all.
    """

    name: str
    caption: str
    strips: tuple[Strip, ...]
    note: str = ""
    shown: int = 0
    type: Literal["looks"] = "looks"


Block = Table | Figure | Looks


@dataclass(frozen=True)
class Section:
    """A part of a report.

    Attributes:
        name: its place on the page.
        title: its heading.
        text: paragraphs before its blocks.
        blocks: tables, figures and pictures, in their order.
        shown: blocks that are shown at once, the others when asked for; 0 for all.
    """

    name: str
    title: str
    text: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    shown: int = 0


@dataclass(frozen=True)
class Report:
    """All that an evaluation found.

    Attributes:
        name: of its folder.
        protocol: that was run.
        title: for people.
        created: ISO 8601, UTC.
        command: that made it.
        seconds: that it took.
        answer: what it says, in a sentence or two.
        facts: of gallery, queries and machine.
        indexes: names of the indexes that were evaluated.
        sections: in their order.
    """

    name: str
    protocol: str
    title: str
    created: str
    command: str
    seconds: float
    answer: str
    facts: Mapping[str, str]
    indexes: tuple[str, ...] = ()
    sections: tuple[Section, ...] = field(default_factory=tuple)
    format: int = FORMAT
