"""Turns a training into what its page shows."""

import math
from collections.abc import Iterator

from app.facts import Fact
from app.figures import number, when
from app.runs.drawing import drawings
from app.runs.facts import given_facts, left_facts
from app.runs.parts import BriefView, CurveView, OutcomeView, RunView
from app.runs.public import public
from app.runs.rights import right_words
from app.runs.stagewords import stage_words
from app.runs.tables import change_views, class_tables, epoch_rows, share_words
from app.words import _, english, lazy, marked, named
from indexer.experiments.reading.records import Record
from indexer.experiments.reading.runs import Run, RunBrief
from indexer.experiments.runs.changes import TEST
from indexer.experiments.telling.advice import index_command, is_worth_using, next_steps
from indexer.experiments.telling.classwords import parts_warning
from indexer.experiments.telling.curvewords import kept_words
from indexer.experiments.telling.headlines import before_words, caution, codes_words
from indexer.experiments.telling.recipewords import told
from models.training.checkpoints import Epoch

STATES = {
    "running": lazy("under way"),
    "done": lazy("finished"),
    "stopped": lazy("stopped before its end"),
    "damaged": lazy("damaged"),
}
STATE_SENTENCES = {
    "running": lazy("Under way."),
    "done": lazy("Finished."),
    "stopped": lazy("Stopped before its end."),
    "damaged": lazy("Damaged."),
}


def brief_view(brief: RunBrief) -> BriefView:
    """Return what the list shows of a run."""
    return BriefView(
        name=brief.name,
        state=str(STATES[brief.state]),
        state_sentence=str(STATE_SENTENCES[brief.state]),
        is_damaged=brief.state == "damaged",
        what=", ".join(filter(None, (brief.method, brief.network))),
        begun=when(brief.begun) if brief.begun else "",
        headline=english(_arrows(brief.headline)),
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
        warning=english(parts_warning([each.name for each in record.classes])),
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
    is_good = is_worth_using(record.verdict, record.changes, record.codes)
    return OutcomeView(
        caution=english(caution(record.changes, record.asking, record.asked)),
        before=english(before_words(record.before, record.asked)) if record.changes else "",
        changes=change_views(record.changes),
        lsh=change_views(record.lsh),
        has_codes=record.codes is not None,
        report=report,
        sentences=list(_sentences(record)),
        index=index_command(record.method, brief.name) if is_done and is_good else "",
        steps=""
        if is_good or not is_done
        else english(next_steps(dict(record.recipe).get("rate", ""))),
    )


def _curve(run: Run, record: Record) -> CurveView:
    curve, best = run.curve, run.brief.best
    right = run.brief.right_is
    epochs = 0 if run.brief.state == "done" else record.epochs
    return CurveView(
        told=stage_words(run),
        drawings=drawings(curve, epochs, best, right_words(right)),
        note=english(kept_words(record.method)),
        right=right_words(right) if any(epoch.right is not None for epoch in curve) else "",
        has_held_out=any(not math.isnan(epoch.held_out) for epoch in curve),
        has_sizes=any(epoch.size for epoch in curve),
        rows=epoch_rows(curve, best),
        are_some=bool(curve) and len(curve) < curve[-1].number,
    )


def _lead(run: Run) -> str:
    """Return what came of a run where that is known, and else how far it is."""
    headline = run.brief.headline if run.brief.state == "done" else ""
    return english(_arrows(headline)) or stage_words(run)


def _recipe(record: Record) -> list[Fact]:
    facts = [
        *(
            Fact(*each, is_data=True, is_named_by_data=True)
            for each in told(record.method, record.recipe)
        ),
        Fact(_("variants of each picture"), number(record.variants) if record.variants else ""),
        Fact(_("epoch that is kept"), number(record.kept) if record.kept else ""),
    ]
    return [fact for fact in facts if fact.value]


def _sentences(record: Record) -> Iterator[str]:
    """Say what else is known of what came of it."""
    accuracy, triplets = record.classified.accuracy, record.triplets
    if not math.isnan(accuracy):
        yield _asked(
            record.asked,
            _("The class of %(share)s of the held out pictures is told right."),
            _("The class of %(share)s of the test pictures is told right."),
        ) % {"share": share_words(accuracy)}
    if record.codes:
        yield english(f"{codes_words(record.codes)}.")
    if triplets.shown:
        yield _(
            "Triplets ranked right: %(share)s of pictures learnt from.",
            share=share_words(triplets.shown),
        )
    if triplets.held_out:
        yield _asked(
            record.asked,
            _("Triplets ranked right: %(share)s of held out pictures."),
            _("Triplets ranked right: %(share)s of test pictures."),
        ) % {"share": share_words(triplets.held_out)}
    for folder in dict.fromkeys(one.folder for one in record.found):
        shares = [
            f"{one.way} {share_words(one.precision_at_1)}"
            for one in record.found
            if one.folder == folder
        ]
        yield marked(
            "In %(folder)s, the first hit is of the picture's own class as often as this: "
            "%(shares)s.",
            folder=named(folder),
            shares=named(", ".join(shares)),
        )


def _asked(asked: str, held_out: str, test: str) -> str:
    """Return the sentence about the pictures that asked."""
    return test if asked == TEST else held_out


def _best(epoch: Epoch | None, right_is: str) -> str:
    """Return the figures of the best epoch, held out where these are known."""
    if epoch is None:
        return ""
    held_out = not math.isnan(epoch.held_out)
    loss, right = (epoch.held_out, epoch.held_out_right) if held_out else (epoch.loss, epoch.right)
    values = {"loss": number(loss, ".4g"), "right": right_words(right_is)}
    share = share_words(right)
    if not share:
        return (
            _("held out: loss %(loss)s", **values)
            if held_out
            else _("learnt from: loss %(loss)s", **values)
        )
    return (
        _("held out: loss %(loss)s, %(right)s %(share)s", **values, share=share)
        if held_out
        else _("learnt from: loss %(loss)s, %(right)s %(share)s", **values, share=share)
    )


def _arrows(text: str) -> str:
    return text.replace(" -> ", " \N{RIGHTWARDS ARROW} ")
