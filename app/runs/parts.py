"""What the pages of trainings consist of: plain values, in words."""

from dataclasses import dataclass

from app.runs.drawing import Drawing

Fact = tuple[str, str]


@dataclass(frozen=True)
class BriefView:
    """A run in the list: what it is called, where it is, and its best figure so far."""

    name: str
    state: str
    is_damaged: bool
    what: str
    begun: str
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
class RunView:
    """What the page of a run shows.

    Attributes:
        brief: as in the list.
        is_running, is_stopped: where it is.
        lead: how far it is, in a sentence.
        problems: what of it cannot be read.
        resume: the command that goes on with it, or "".
        answer: what came of it, or "".
        changes: of what is found before and after.
        report: name of the report that tells all of it, or "".
        found: what it finds, beside others, in sentences.
        drawings: its curves.
        rows: its epochs.
        has_held_out, has_right, has_sizes: which columns the table has.
        facts: what it was given.
        recipe: what it depends on.
        command: what was typed.
        index: the command that builds an index of it, or "".
    """

    brief: BriefView
    is_running: bool
    is_stopped: bool
    lead: str
    problems: tuple[str, ...]
    resume: str
    answer: str
    changes: list[ChangeView]
    report: str
    found: list[str]
    drawings: list[Drawing]
    rows: list[RowView]
    has_held_out: bool
    has_right: bool
    has_sizes: bool
    facts: list[Fact]
    recipe: list[Fact]
    command: str
    index: str
