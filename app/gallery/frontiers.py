"""Turns what was measured of an index's searches into a table and a drawing."""

from dataclasses import dataclass
from math import ceil, floor, log10

from app import figures
from app.axes import Mark, place
from app.figures import number
from app.search.presenters import percent
from app.words import _, ngettext
from indexer.tuning.points import Point, Tuning

WIDTH, HEIGHT = 640.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 68.0, 16.0, 14.0, 50.0
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)  # between marks of recall
ROOM = 1.3  # factor between the sizes and the edges
MARKS = 5  # of recall at most, beside the lowest


@dataclass(frozen=True)
class Row:
    """One effort in the table, in words; whether it is the chosen one."""

    recall: str
    error: str
    visited: str
    milliseconds: str
    tables: str
    parts: str
    memory: str
    opened: str
    keep: str
    chosen: bool


@dataclass(frozen=True)
class Dot:
    """One effort in the drawing: where, in its units, what it is, whether it is the chosen one."""

    x: float
    y: float
    title: str
    chosen: bool


@dataclass(frozen=True)
class Frontier:
    """What the page on an index shows of its tuning.

    Attributes:
        sentence: what was wanted, and what was chosen.
        at: how many nearest images count.
        rows: of the table, by their recall.
        dots: of the drawing.
        line: the same, joined, as an SVG polyline takes it.
        target: height of the wanted recall.
        across, up: marks of the memory that a search reads, and of recall.
        width, height, left, right, top, bottom: of the drawing, and edges of its field.
    """

    sentence: str
    at: int
    rows: list[Row]
    dots: list[Dot]
    line: str
    target: float
    across: list[Mark]
    up: list[Mark]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


def frontier(tuning: Tuning | None) -> Frontier | None:
    """Return what a page shows of a tuning, or None where there was none."""
    if tuning is None:
        return None
    points = tuning.frontier
    lowest, step = _scale([point.recall for point in points] + [tuning.target.recall])
    least, most = _span([point.bytes for point in points])
    dots = [
        Dot(
            x=place(log10(point.bytes), least, most, LEFT, WIDTH - RIGHT),
            y=place(point.recall, lowest, 1.0, HEIGHT - BOTTOM, TOP),
            title=_(
                "finds %(found)s, visits %(visited)s",
                found=percent(point.recall),
                visited=percent(point.visited),
            ),
            chosen=point == tuning.chosen,
        )
        for point in points
    ]
    count = round((1 - lowest) / step)
    return Frontier(
        sentence=_sentence(tuning),
        at=tuning.target.at,
        rows=[_row(point, point == tuning.chosen) for point in points],
        dots=dots,
        line=" ".join(f"{dot.x:.1f},{dot.y:.1f}" for dot in dots),
        target=place(tuning.target.recall, lowest, 1.0, HEIGHT - BOTTOM, TOP),
        across=[
            Mark(
                place(log10(mark), least, most, LEFT, WIDTH - RIGHT),
                f"{number(mark / 1e3, ',g')} kB",
            )
            for mark in _round_numbers(least, most)
        ],
        up=[
            Mark(place(value, lowest, 1.0, HEIGHT - BOTTOM, TOP), figures.percent(100 * value))
            for value in (lowest + step * number for number in range(count + 1))
        ],
    )


def _sentence(tuning: Tuning) -> str:
    chosen, target = tuning.chosen, tuning.target
    values = {"share": percent(target.recall), "at": number(target.at)}
    if tuning.reached:
        wanted = _("%(share)s of the true %(at)s nearest pictures were wanted.", **values)
    else:
        wanted = _(
            "%(share)s of the true %(at)s nearest pictures were wanted, which no effort surely "
            "reaches.",
            **values,
        )
    found = _(
        "Searches find %(share)s (± %(error)s): they open %(buckets)s buckets of %(tables)s "
        "tables, look at %(visited)s of the gallery, and measure %(measured)s of these.",
        share=percent(chosen.recall),
        error=number(100 * chosen.error, ".1f"),
        buckets=number(chosen.opened),
        tables=number(chosen.g),
        visited=percent(chosen.visited),
        measured=_kept(chosen),
    )
    return f"{wanted} {found} {_measured(tuning)}"


def _measured(tuning: Tuning) -> str:
    """Say what an index was tuned with."""
    count = tuning.queries
    if tuning.source.kind == "gallery":
        return ngettext(
            "Measured with %(count)s picture of the gallery.",
            "Measured with %(count)s pictures of the gallery.",
            count,
        )
    if tuning.source.kind == "folder":
        return ngettext(
            "Measured with %(count)s picture that is not in the gallery.",
            "Measured with %(count)s pictures that are not in the gallery.",
            count,
        )
    return ngettext(
        "Measured with %(count)s distorted copy of pictures of the gallery.",
        "Measured with %(count)s distorted copies of pictures of the gallery.",
        count,
    )


def _row(point: Point, chosen: bool) -> Row:
    return Row(
        recall=percent(point.recall),
        error=f"± {number(100 * point.error, '.1f')}",
        visited=percent(point.visited),
        milliseconds=number(point.milliseconds, ".2f"),
        tables=number(point.g),
        parts=number(point.h),
        memory=f"{number(point.tables / 1e6, '.1f')} MB",
        opened=number(point.opened),
        keep=_kept(point),
        chosen=chosen,
    )


def _kept(point: Point) -> str:
    """Say how many candidates are measured."""
    return number(point.keep) if point.keep else _("all")


def _scale(recalls: list[float]) -> tuple[float, float]:
    """Return the lowest mark of recall below all, and the distance of marks up to 1."""
    low = min(recalls)
    step = next((step for step in STEPS if 1 - low <= MARKS * step), STEPS[-1])
    return 1 - step * max(1, ceil((1 - low) / step - 1e-9)), step


def _span(sizes: list[float]) -> tuple[float, float]:
    """Return the logarithms between which sizes lie, with some room."""
    return log10(min(sizes) / ROOM), log10(max(sizes) * ROOM)


def _round_numbers(least: float, most: float) -> list[float]:
    """Return 1, 2 and 5 times the powers of ten between two logarithms."""
    powers = range(floor(least), ceil(most))
    numbers = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    return [number for number in numbers if least <= log10(number) <= most]
