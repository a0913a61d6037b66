"""Draws how a training goes, as shapes of an SVG: what is learnt from, and what is held out."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from app import figures
from app.axes import Mark, place
from app.figures import number as in_digits
from app.runs.scales import LINEAR, LOGARITHMIC
from app.words import _
from indexer.experiments.telling.curvewords import ACCURACY, is_steep
from models.training.checkpoints import Epoch

WIDTH, HEIGHT = 560.0, 310.0
LEFT, RIGHT, TOP, BOTTOM = 74.0, 28.0, 42.0, 54.0
NUMBERS = 8  # of epochs, as well
MOST_DOTS = 60  # beyond which the line alone is drawn

Axis = Callable[[float], float]
Value = Callable[[Epoch], float]


@dataclass(frozen=True)
class Dot:
    """An epoch in the drawing: where, in its units, what it says, whether it is the best one."""

    x: float
    y: float
    title: str
    is_best: bool


@dataclass(frozen=True)
class Line:
    """A line of a drawing.

    Attributes:
        name: what it is of: "learnt" or "held-out".
        text: the same in words.
        parts: its points, as SVG polylines take them; another one after each gap.
        dots: its epochs; of many only the best one.
    """

    name: str
    text: str
    parts: list[str]
    dots: list[Dot]


@dataclass(frozen=True)
class Drawing:
    """A curve that a page shows.

    Attributes:
        name: for the page, "loss" or "right".
        title: what is drawn upwards.
        words: what is to be seen, for those who do not see it.
        lines: the curves.
        across, up: marks of the epochs and of the values.
        sizes: where the pictures that are shown become larger, with their side.
        width, height, left, right, top, bottom: of the drawing, and edges of its field.
    """

    name: str
    title: str
    words: str
    lines: list[Line]
    across: list[Mark]
    up: list[Mark]
    sizes: list[Mark]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


def drawings(
    curve: Sequence[Epoch], epochs: int, best: Epoch | None, right: str = ACCURACY
) -> list[Drawing]:
    """Return the curves of the loss and, where it is known, of the share that is right.

    Args:
        curve: the epochs so far.
        epochs: how many there will be at most, or 0 where that is not known.
        best: the one that is marked.
        right: what is counted as right.
    """
    last = max([epochs, *(epoch.number for epoch in curve[-1:])], default=0)
    losses = (lambda epoch: epoch.loss, lambda epoch: epoch.held_out)
    rights = (lambda epoch: _or_nan(epoch.right), lambda epoch: _or_nan(epoch.held_out_right))
    both = (
        _drawing("loss", _("loss"), losses, _loss, curve, last, best),
        _drawing("right", right, rights, _percent, curve, last, best),
    )
    return [drawing for drawing in both if drawing]


def _drawing(
    name: str,
    title: str,
    values: tuple[Value, Value],
    written: Callable[[float], str],
    curve: Sequence[Epoch],
    last: int,
    best: Epoch | None,
) -> Drawing | None:
    known = [of(epoch) for of in values for epoch in curve if not math.isnan(of(epoch))]
    if not known:
        return None
    scale = LOGARITHMIC if name == "loss" and is_steep(known) else LINEAR
    marks = scale.marks(min(known), max(known))
    x = partial(place, low=1, high=max(last, 2), start=LEFT, end=WIDTH - RIGHT)
    y = scale.axis(marks[0], marks[-1], HEIGHT - BOTTOM, TOP)
    kinds = (("learnt", _("learnt from")), ("held-out", _("held out")))
    drawn = [
        (kind, text, of)
        for (kind, text), of in zip(kinds, values, strict=True)
        if not all(math.isnan(of(epoch)) for epoch in curve)
    ]
    ringed = drawn[-1][0]  # held out, where that is known: the line to choose by
    lines = [
        _line(
            kind,
            text,
            [(epoch, of(epoch)) for epoch in curve],
            x,
            y,
            written,
            best if kind == ringed else None,
        )
        for kind, text, of in drawn
    ]
    return Drawing(
        name=name,
        title=title,
        words=_words(title, values, written, curve),
        lines=lines,
        across=[Mark(x(number), in_digits(number)) for number in _numbers(max(last, 2))],
        up=[Mark(y(value), written(value)) for value in marks],
        sizes=_sizes(curve, x),
    )


def _line(
    name: str,
    text: str,
    points: list[tuple[Epoch, float]],
    x: Axis,
    y: Axis,
    written: Callable[[float], str],
    best: Epoch | None,
) -> Line:
    parts: list[list[str]] = [[]]
    dots = []
    for epoch, value in points:
        if math.isnan(value):
            parts.append([])
            continue
        parts[-1].append(f"{x(epoch.number):.1f},{y(value):.1f}")
        if len(points) <= MOST_DOTS or epoch == best:
            title = _(
                "epoch %(epoch)s, %(kind)s: %(value)s",
                epoch=in_digits(epoch.number),
                kind=text,
                value=written(value),
            )
            dots.append(Dot(x(epoch.number), y(value), title, epoch == best))
    return Line(name, text, [" ".join(part) for part in parts if part], dots)


def _words(
    title: str,
    values: tuple[Value, Value],
    written: Callable[[float], str],
    curve: Sequence[Epoch],
) -> str:
    sentences = (
        _("Learnt from: from %(first)s to %(last)s."),
        _("Held out: from %(first)s to %(last)s."),
    )
    told = [_("By epoch, upwards: %(what)s.", what=title)]
    for sentence, of in zip(sentences, values, strict=True):
        known = [of(epoch) for epoch in curve if not math.isnan(of(epoch))]
        if known:
            told.append(sentence % {"first": written(known[0]), "last": written(known[-1])})
    return " ".join((*told, _("The table below has all figures.")))


def _sizes(curve: Sequence[Epoch], x: Axis) -> list[Mark]:
    """Return where the pictures become larger: the loss may jump there."""
    marks, size = [], 0
    for epoch in curve:
        if epoch.size != size:
            size = epoch.size
            marks.append(Mark(x(epoch.number), f"{in_digits(size)} px"))
    return marks if len(marks) > 1 else []


def _numbers(last: int) -> list[int]:
    """Return some of the epochs, evenly apart, the first among them."""
    step = 1
    while (last - 1) / step > NUMBERS:
        digit = int(str(step)[0])
        step = step * 2 if digit in (1, 5) else step // 2 * 5
    return [1, *(number for number in range(step, last + 1, step) if number > 1 + step / 2)]


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _percent(share: float) -> str:
    return figures.percent(100 * share, ".3g")


def _loss(value: float) -> str:
    return in_digits(value, ".4g")
