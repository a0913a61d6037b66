"""Turns a training into what its page shows."""

import math
from collections.abc import Iterator

from app.reports.presenters import when
from app.runs.drawing import drawings
from app.runs.facts import given_facts, left_facts
from app.runs.parts import BriefView, CurveView, OutcomeView, RunView
from app.runs.public import public
from app.runs.stagewords import stage_words
from app.runs.tables import change_views, class_tables, epoch_rows, share_words
from indexer.experiments.reading.records import Record
from indexer.experiments.reading.runs import Run, RunBrief
from indexer.experiments.telling.advice import index_command, is_worth_using, next_steps
from indexer.experiments.telling.classwords import parts_warning
from indexer.experiments.telling.curvewords import kept_words
from indexer.experiments.telling.headlines import before_words, caution, codes_words
from indexer.experiments.telling.recipewords import told
from models.training.checkpoints import Epoch

STATES = {
    "running": "under way",
    "done": "finished",
    "stopped": "stopped before its end",
    "damaged": "damaged",
}


def brief_view(brief: RunBrief) -> BriefView:
    """Return what the list shows of a run."""
    return BriefView(
        name=brief.name,
        state=STATES[brief.state],
        is_damaged=brief.state == "damaged",
        what=", ".join(filter(None, (brief.method, brief.network))),
        begun=when(brief.begun) if brief.begun else "",
        headline=_arrows(brief.headline),
        best="" if brief.headline else _best(brief.best, brief.right_is),
    )


def run_view(run: Run, report: str) -> RunView:
    """Return what the page of a run shows.

    Args:
        run: what is known of it.
        report: name of the one on it, or "".
    """
    record, state = public(run.record), run.brief.state
    return RunView(
        brief=brief_view(run.brief),
        is_running=state == "running",
        is_stopped=state == "stopped",
        lead=_lead(run),
        problems=run.problems,
        warning=parts_warning([each.name for each in record.classes]),
        resume=f"{record.command} --resume" if state == "stopped" and record.command else "",
        outcome=_outcome(run.brief, record, report),
        classes=list(class_tables(record)),
        curve=_curve(run, record),
        facts=given_facts(record),
        recipe=_recipe(record),
        fresh=record.fresh,
        command=record.command,
        left=left_facts(record),
    )


def _outcome(brief: RunBrief, record: Record, report: str) -> OutcomeView:
    is_done = brief.state == "done"
    is_good = is_worth_using(record.verdict, record.changes)
    return OutcomeView(
        caution=caution(record.changes, record.asking, record.asked),
        before=before_words(record.before, record.asked) if record.changes else "",
        changes=change_views(record.changes),
        lsh=change_views(record.lsh),
        has_codes=record.codes is not None,
        report=report,
        sentences=list(_sentences(record)),
        index=index_command(record.method, brief.name) if is_done and is_good else "",
        steps="" if is_good or not is_done else next_steps(dict(record.recipe).get("rate", "")),
    )


def _curve(run: Run, record: Record) -> CurveView:
    curve, best = run.curve, run.brief.best
    right = run.brief.right_is
    epochs = 0 if run.brief.state == "done" else record.epochs
    return CurveView(
        told=stage_words(run),
        drawings=drawings(curve, epochs, best, right),
        note=kept_words(record.method),
        right=right if any(epoch.right is not None for epoch in curve) else "",
        has_held_out=any(not math.isnan(epoch.held_out) for epoch in curve),
        has_sizes=any(epoch.size for epoch in curve),
        rows=epoch_rows(curve, best),
        are_some=bool(curve) and len(curve) < curve[-1].number,
    )


def _lead(run: Run) -> str:
    """Return what came of a run where that is known, and else how far it is."""
    headline = run.brief.headline if run.brief.state == "done" else ""
    return _arrows(headline) or stage_words(run)


def _recipe(record: Record) -> list[tuple[str, str]]:
    variants = f"{record.variants:,}" if record.variants else ""
    facts = [
        *told(record.method, record.recipe),
        ("variants of each picture", variants),
        ("epoch that is kept", f"{record.kept:,}" if record.kept else ""),
    ]
    return [(name, value) for name, value in facts if value]


def _sentences(record: Record) -> Iterator[str]:
    """Say what else is known of what came of it."""
    accuracy, triplets = record.classified.accuracy, record.triplets
    if not math.isnan(accuracy):
        yield f"The class of {share_words(accuracy)} of the {record.asked} pictures is told right."
    if record.codes:
        yield f"{codes_words(record.codes)}."
    shares = (("learnt from", triplets.shown), (record.asked, triplets.held_out))
    known = [f"{share_words(share)} of pictures {name}" for name, share in shares if share]
    if known:
        yield f"Triplets ranked right: {', '.join(known)}."
    for folder in dict.fromkeys(one.folder for one in record.found):
        yield (
            f"In {folder}, the first hit is of the picture's own class as often as this: "
            + ", ".join(
                f"{one.way} {share_words(one.precision_at_1)}"
                for one in record.found
                if one.folder == folder
            )
            + "."
        )


def _best(epoch: Epoch | None, right_is: str) -> str:
    """Return the figures of the best epoch, held out where these are known."""
    if epoch is None:
        return ""
    held_out = not math.isnan(epoch.held_out)
    loss, right = (epoch.held_out, epoch.held_out_right) if held_out else (epoch.loss, epoch.right)
    share = share_words(right)
    name = f", {right_is} {share}" if share else ""
    return f"{'held out' if held_out else 'learnt from'}: loss {loss:.4g}{name}"


def _arrows(text: str) -> str:
    return text.replace(" -> ", " \N{RIGHTWARDS ARROW} ")
