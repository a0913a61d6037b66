"""Turns a training into what its page shows."""

import math
import shlex
from collections.abc import Sequence
from pathlib import PurePath

from app.reports.presenters import when
from app.runs.drawing import drawings
from app.runs.parts import BriefView, ChangeView, Fact, RowView, RunView
from indexer.durations import duration
from indexer.experiments.reading import Run, RunBrief
from indexer.experiments.records import Found, Record
from indexer.experiments.tuned import Change
from models.training.checkpoints import Epoch

STATES = {
    "running": "learning",
    "done": "finished",
    "stopped": "stopped before its end",
    "damaged": "damaged",
}


def brief_view(brief: RunBrief) -> BriefView:
    """Return what the list shows of a run."""
    what = ", ".join(filter(None, (brief.method, brief.network)))
    return BriefView(
        name=brief.name,
        state=STATES[brief.state],
        is_damaged=brief.state == "damaged",
        what=what,
        begun=when(brief.begun) if brief.begun else "",
        best=_best(brief.best),
    )


def run_view(run: Run, report: str) -> RunView:
    """Return what the page of a run shows.

    Args:
        run: what is known of it.
        report: name of the one on it, or "".
    """
    record, state = run.record, run.brief.state
    return RunView(
        brief=brief_view(run.brief),
        is_running=state == "running",
        is_stopped=state == "stopped",
        lead=_lead(run),
        problems=run.problems,
        resume=f"{record.command} --resume" if state == "stopped" and record.command else "",
        answer=record.answer,
        changes=[_change(change) for change in record.changes],
        report=report,
        found=[*_classes_told(record), *_found(record.found)],
        drawings=drawings(run.curve, 0 if state == "done" else record.epochs, run.brief.best),
        rows=[_row(epoch, epoch == run.brief.best) for epoch in run.curve],
        has_held_out=any(not math.isnan(epoch.held_out) for epoch in run.curve),
        has_right=any(epoch.right is not None for epoch in run.curve),
        has_sizes=any(epoch.size for epoch in run.curve),
        facts=_facts(run),
        recipe=[("recipe" if name == "name" else name, value) for name, value in record.recipe],
        command=record.command,
        index=_index(run.brief.name, record) if state == "done" else "",
    )


def _lead(run: Run) -> str:
    record, done = run.record, len(run.curve)
    of = f" of {'at most ' * (done < record.epochs)}{record.epochs:,}" if record.epochs else ""
    epochs = f"{done:,}{of} {'epoch' if max(done, record.epochs) == 1 else 'epochs'}"
    match run.brief.state:
        case "running" if not done:
            return "It has begun; no epoch is finished yet."
        case "running":
            return f"{epochs} {'is' if done == 1 else 'are'} done; the last one took {_last(run)}."
        case "stopped":
            return f"It stopped after {epochs}, and can go on."
        case "done":
            took = "" if math.isnan(record.seconds) else f" in {duration(record.seconds)}"
            return f"It learnt for {done:,} {'epoch' if done == 1 else 'epochs'}{took}."
    return "What is known of it cannot all be read."


def _last(run: Run) -> str:
    seconds = run.curve[-1].seconds
    return "an unknown time" if math.isnan(seconds) else duration(max(0.0, seconds))


def _best(epoch: Epoch | None) -> str:
    """Return the figures of the best epoch, held out where these are known."""
    if epoch is None:
        return ""
    held_out = not math.isnan(epoch.held_out)
    loss, right = (epoch.held_out, epoch.held_out_right) if held_out else (epoch.loss, epoch.right)
    share = "" if right is None or math.isnan(right) else f", {100 * right:.1f} % right"
    return f"{'held out' if held_out else 'learnt from'}: loss {loss:.4g}{share}"


def _row(epoch: Epoch, is_best: bool) -> RowView:
    return RowView(
        number=f"{epoch.number:,}",
        loss=_number(epoch.loss),
        held_out=_number(epoch.held_out),
        right=_share(epoch.right),
        held_out_right=_share(epoch.held_out_right),
        size=f"{epoch.size:,}" if epoch.size else "",
        seconds="" if math.isnan(epoch.seconds) else duration(max(0.0, epoch.seconds)),
        is_best=is_best,
    )


def _facts(run: Run) -> list[Fact]:
    record = run.record
    rows = [
        ("method", record.method),
        ("network", record.network),
        ("trained from layer", record.unfreeze),
        ("classes", f"{record.classes:,}" if record.classes else ""),
        *((given.folder, _count(given.pictures, "usable picture")) for given in record.given),
        ("learnt from", _count(record.shown, "picture") if record.shown else ""),
        ("held out", _count(record.held_out, "picture") if record.shown else ""),
        ("seed", record.seed),
        ("precision", record.precision),
        *record.machine,
        ("begun", when(record.begun) if record.begun else ""),
        ("ended", when(record.ended) if record.ended else ""),
    ]
    return [(name, value) for name, value in rows if value]


def _change(change: Change) -> ChangeView:
    return ChangeView(
        measure=change.measure,
        before=f"{change.before[0]:.3f}",
        before_interval=_interval(change.before),
        after=f"{change.after[0]:.3f}",
        after_interval=_interval(change.after),
        verdict=change.verdict,
    )


def _interval(bounds: tuple[float, float, float]) -> str:
    _, low, high = bounds
    return "" if math.isnan(low + high) else f"{low:.3f} \N{EN DASH} {high:.3f}"


def _classes_told(record: Record) -> list[str]:
    if math.isnan(record.accuracy):
        return []
    return [f"The class of {100 * record.accuracy:.1f} % of the pictures held out is told right."]


def _found(found: Sequence[Found]) -> list[str]:
    folders = dict.fromkeys(one.folder for one in found)
    return [
        f"In {PurePath(folder).name or 'a labelled folder'}, the first hit is of the picture's own "
        "class as often as this: "
        + ", ".join(
            f"{one.way} {100 * one.precision_at_1:.1f} %" for one in found if one.folder == folder
        )
        + "."
        for folder in folders
    ]


def _index(name: str, record: Record) -> str:
    folders = dict.fromkeys(given.folder for given in record.given)
    sources = " ".join(map(shlex.quote, folders)) or "/path/to/images"
    return f"flask index build {sources} --name {name} --network run:{name}"


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.4g}"


def _share(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{100 * value:.1f} %"
