"""What the pages of trainings consist of: plain values, in words."""

from dataclasses import dataclass

from app.facts import Fact
from app.runs.drawing import Drawing


@dataclass(frozen=True)
class BriefView:
    """A run in the list: what it is called, where it is, what came of it, its best figure."""

    name: str
    state: str
    state_sentence: str
    is_damaged: bool
    what: str
    begun: str
    headline: str
    best: str


@dataclass(frozen=True)
class RowView:
    """An epoch in the table, in words; whether it is the best one."""

    number: str
    loss: str
    held_out: str
    right: str
    held_out_right: str
    size: str
    seconds: str
    is_best: bool


@dataclass(frozen=True)
class ChangeView:
    """A measure before and after, each with its interval, and which way it went, in words."""

    measure: str
    before: str
    before_interval: str
    after: str
    after_interval: str
    verdict: str


@dataclass(frozen=True)
class TableView:
    """A table of numbers.

    Attributes:
        name: for the page.
        title: what it shows.
        head: of the columns, the first one names the rows.
        rows: their cells.
        is_folded: whether it is shown on demand alone.
    """

    name: str
    title: str
    head: list[str]
    rows: list[list[str]]
    is_folded: bool


@dataclass(frozen=True)
class CurveView:
    """How it learnt.

    Attributes:
        told: for how long, in a sentence.
        drawings: its curves.
        note: which epoch is kept.
        right: what is counted as right, or "" where nothing is.
        has_held_out, has_sizes: which columns the table has.
        rows: its epochs.
        are_some: whether they are some of very many.
    """

    told: str
    drawings: list[Drawing]
    note: str
    right: str
    has_held_out: bool
    has_sizes: bool
    rows: list[RowView]
    are_some: bool


@dataclass(frozen=True)
class OutcomeView:
    """What came of it.

    Attributes:
        caution: what to bear in mind of the figures, or "".
        before: what they are compared with, or "".
        changes, lsh: of what is found before and after, by exact search and by an index.
        has_codes: whether hash codes are what is found by.
        report: name of the report that tells all of it, or "".
        sentences: what else is known, in words.
        index: the command that builds an index of it, or "".
        steps: what to do instead, or "".
    """

    caution: str
    before: str
    changes: list[ChangeView]
    lsh: list[ChangeView]
    has_codes: bool
    report: str
    sentences: list[str]
    index: str
    steps: str

    @property
    def is_empty(self) -> bool:
        """Say whether nothing came of it yet."""
        return not any(vars(self).values())


@dataclass(frozen=True)
class RunView:
    """What the page of a run shows.

    Attributes:
        brief: as in the list.
        is_running, is_stopped: where it is.
        lead: what came of it, or how far it is, in a sentence.
        problems: what of it cannot be read.
        warning: what is odd about its classes, or "".
        resume: the command that goes on with it, or "".
        outcome: what came of it.
        classes: tables of the classes.
        curve: how it learnt.
        facts: what it was given.
        recipe: how it was taught.
        fresh: layers that were drawn anew.
        command: what was typed.
        left: what it has left on the disk.
    """

    brief: BriefView
    is_running: bool
    is_stopped: bool
    lead: str
    problems: tuple[str, ...]
    warning: str
    resume: str
    outcome: OutcomeView
    classes: list[TableView]
    curve: CurveView
    facts: list[Fact]
    recipe: list[Fact]
    fresh: tuple[str, ...]
    command: str
    left: list[Fact]
