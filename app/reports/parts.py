"""What the page of a report consists of, in words and addresses."""

from dataclasses import dataclass

from app.reports.wording import Written


@dataclass(frozen=True)
class Heading:
    """A column's heading: its name, what it says, whether numbers stand below, its best value.

    Attributes:
        best: which values are better, or ""; `said` in a sentence.
    """

    name: str
    help: str
    is_number: bool
    best: str
    said: str


@dataclass(frozen=True)
class TableView:
    """A table in words.

    Attributes:
        type: "table".
        name, caption, note: of the table.
        headings: of its columns.
        rows: their cells.
        folded: those of further rows, which are shown when asked for.
        csv: address of the same as a file.
        has_intervals, has_best: whether there is something to explain.
    """

    name: str
    caption: str
    note: str
    headings: list[Heading]
    rows: list[list[Written]]
    folded: list[list[Written]]
    csv: str
    has_intervals: bool
    has_best: bool
    type: str = "table"


@dataclass(frozen=True)
class FigureView:
    """A drawing: its texts, its size, the addresses of its files ("" for one that is missing)."""

    name: str
    caption: str
    alt: str
    width: int
    height: int
    source: str
    svg: str
    png: str
    type: str = "figure"


@dataclass(frozen=True)
class PictureView:
    """A picture of a look.

    Attributes:
        name, label: of the picture.
        source: its address, or ""; "#" and an id where the page itself holds it.
        width, height: in pixels.
        distance: in words, or "".
        verdict: "right", "wrong" or "".
        rank: from 1; 0 of a query.
    """

    name: str
    label: str
    source: str
    width: int
    height: int
    distance: str
    verdict: str
    rank: int

    @property
    def alt(self) -> str:
        """Return what it shows, in words."""
        return f"{self.name}, {self.label}" if self.label else self.name


@dataclass(frozen=True)
class StripView:
    """A query with what was found for it."""

    query: PictureView
    system: str
    note: str
    first: list[PictureView]
    last: list[PictureView]


@dataclass(frozen=True)
class LooksView:
    """Some queries to look at; those that are folded are shown when asked for."""

    name: str
    caption: str
    note: str
    strips: list[StripView]
    folded: list[StripView]
    type: str = "looks"


@dataclass(frozen=True)
class SectionView:
    """A part of the page; the blocks that are folded are shown when asked for."""

    name: str
    title: str
    text: tuple[str, ...]
    blocks: list[TableView | FigureView | LooksView]
    folded: list[TableView | FigureView | LooksView]


@dataclass(frozen=True)
class ReportView:
    """What the page shows.

    Attributes:
        name, title, answer, protocol, command: of the report.
        created: in words.
        took: in words, or "".
        facts: of gallery, queries and machine.
        indexes: that were evaluated.
        sections: in their order.
    """

    name: str
    title: str
    answer: str
    protocol: str
    command: str
    created: str
    took: str
    facts: list[tuple[str, str]]
    indexes: tuple[str, ...]
    sections: list[SectionView]
