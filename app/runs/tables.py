"""The tables of a training's page, in words."""

import math
from collections.abc import Iterator, Sequence

from app.figures import lasted, number, percent, rewritten
from app.runs.parts import ChangeView, RowView, TableView
from app.words import _, lazy, named
from indexer.experiments.finetuning.card import MOST_CONFUSED
from indexer.experiments.reading.parts import ClassCount, Classified
from indexer.experiments.reading.records import Record
from indexer.experiments.runs.changes import Change
from indexer.experiments.telling.measured import Bounds, directed, value_words
from models.training.checkpoints import Epoch

MOST_CLASSES = 20  # that are not folded
VERDICTS = {
    "better": lazy("better"),
    "no difference": lazy("no difference"),
    "worse": lazy("worse"),
}


def change_views(changes: Sequence[Change]) -> list[ChangeView]:
    """Return what is found before and after."""
    return [
        ChangeView(
            measure=each.measure,
            before=rewritten(value_words(each, each.before[0])),
            before_interval=_interval(each, each.before),
            after=rewritten(value_words(each, each.after[0])),
            after_interval=_interval(each, each.after),
            verdict=str(VERDICTS.get(each.verdict, each.verdict)),
        )
        for each in directed(changes)
    ]


def class_tables(record: Record) -> Iterator[TableView]:
    """Yield how many pictures there are of each class, and how well these are told."""
    found = record.classified
    if found.classes:
        yield _report(found)
        if 0 < len(found.confusion) <= MOST_CONFUSED:
            yield _confusion(found)
    if record.classes:
        yield _counts(record.classes)


def epoch_rows(curve: Sequence[Epoch], best: Epoch | None) -> list[RowView]:
    """Return the epochs."""
    return [
        RowView(
            number=number(epoch.number),
            loss=_number(epoch.loss),
            held_out=_number(epoch.held_out),
            right=share_words(epoch.right),
            held_out_right=share_words(epoch.held_out_right),
            size=number(epoch.size) if epoch.size else "",
            seconds=seconds_words(epoch.seconds),
            is_best=epoch == best,
        )
        for epoch in curve
    ]


def seconds_words(seconds: float) -> str:
    """Write how long something took, "" of the unknown."""
    return "" if math.isnan(seconds) else lasted(max(0.0, seconds))


def share_words(value: float | None) -> str:
    """Write a share in percent, "" of an unknown one."""
    return "" if value is None or math.isnan(value) else percent(100 * value, ".1f")


def _interval(change: Change, bounds: Bounds) -> str:
    if math.isnan(sum(bounds[1:])):
        return ""
    low, high = (rewritten(value_words(change, value)) for value in bounds[1:])
    return _("%(low)s to %(high)s", low=low, high=high)


def _report(found: Classified) -> TableView:
    return TableView(
        name="classes",
        title=_("How well the classes of the held out pictures are told"),
        head=[_("class"), _("precision"), _("recall"), named("f1"), _("support")],
        rows=[
            [row.name, *map(_three, (row.precision, row.recall, row.f1)), number(row.support)]
            for row in (*found.classes, *found.means)
        ],
        is_folded=len(found.classes) > MOST_CLASSES,
    )


def _confusion(found: Classified) -> TableView:
    names = [row.name for row in found.classes]
    return TableView(
        name="confusion",
        title=_("How many of each class (rows) are taken for each (columns)"),
        head=[_("class"), *map(named, names)],
        rows=[
            [name, *(number(count) for count in counts)]
            for name, counts in zip(names, found.confusion, strict=True)
        ],
        is_folded=len(names) > MOST_CLASSES,
    )


def _counts(classes: Sequence[ClassCount]) -> TableView:
    return TableView(
        name="pictures",
        title=_("Pictures of each class"),
        head=[_("class"), _("learnt from"), _("held out")],
        rows=[[each.name, number(each.shown), number(each.held_out)] for each in classes],
        is_folded=len(classes) > MOST_CLASSES,
    )


def _three(value: float) -> str:
    return "" if math.isnan(value) else number(value, ".3f")


def _number(value: float) -> str:
    return "" if math.isnan(value) else number(value, ".4g")
