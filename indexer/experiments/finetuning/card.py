"""Writes the card of a fine-tuned network: what it is, how it was made, what it has changed."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from math import isnan

from indexer.experiments.finetuning.facts import TuneFacts, TuneOutcome
from indexer.experiments.runs import loose
from indexer.experiments.runs.changes import HELD_OUT, Change
from indexer.experiments.telling.cardparts import (
    begun_words,
    escaped,
    learning_words,
    limits,
    pairs,
    source_lines,
    table,
    weights_rows,
)
from indexer.experiments.telling.classwords import count_words
from indexer.experiments.telling.headlines import before_words, caution, codes_words, headline
from indexer.experiments.telling.measured import change_rows
from indexer.experiments.telling.recipewords import method_words, told
from models.training.report import ClassificationReport

MOST_CONFUSED = 60
"""Classes up to which card and page show how many of each are taken for each."""


def write_tune_card(facts: TuneFacts, outcome: TuneOutcome) -> str:
    """Return the card of a finished fine-tuning, in Markdown."""
    parts: tuple[tuple[str, Iterator[str]], ...] = (
        ("", _summary(facts, outcome)),
        ("Data", _data(facts)),
        ("Method", _method(facts)),
        ("Retrieval before and after", _retrieval(facts, outcome)),
        ("Figures", _figures(outcome)),
        ("Limits", iter([limits("the pictures", "the pictures and of the weights of before")])),
    )
    lines = [f"# {facts.name}", ""]
    for title, text in parts:
        lines += [*([f"## {title}", ""] if title else []), *text, ""]
    return "\n".join(lines)


def chose_epoch(outcome: TuneOutcome) -> bool:
    """Say whether the held out pictures chose the epoch that is kept."""
    return not isnan(outcome.curve[outcome.best - 1].held_out)


def headline_of(facts: TuneFacts, outcome: TuneOutcome) -> str:
    """Return what a fine-tuning changed, in a sentence."""
    found = outcome.retrieval
    return headline(
        found.verdict,
        found.exact,
        facts.asking,
        chose=chose_epoch(outcome) and found.asked == HELD_OUT,
        asked=found.asked,
    )


def _summary(facts: TuneFacts, outcome: TuneOutcome) -> Iterator[str]:
    spec = outcome.feature
    yield headline_of(facts, outcome)
    yield ""
    yield from pairs(
        {
            "network": f"{spec.network}, pooling {spec.pooling}, {spec.size} x {spec.size} "
            f"pixels{' of the largest face' if spec.crop else ''}, "
            f"{outcome.parameters / 1e6:.1f} million parameters",
            "head": spec.head or "none: the pooled feature",
            "layers in the file": outcome.layers or "of the network alone",
            **weights_rows(outcome.bytes, outcome.sha256, outcome.ended),
            "begun with the weights": begun_words(facts.weights),
            "trained from": facts.first_trained,
            "drawn anew": ", ".join(facts.fresh) or "none",
            "learning": learning_words(outcome.seconds, facts.precision, facts.machine),
        }
    )


def _data(facts: TuneFacts) -> Iterator[str]:
    yield from source_lines(facts.data)
    others = f"{facts.test:,} others " if facts.test else ""
    yield (
        f"{facts.data.shown:,} pictures of {len(facts.classes)} classes were learnt from, and "
        f"{facts.data.held_out:,} held out: these chose the epoch whose weights are kept, and "
        f"{others}are what is measured below. Not learnt from: {count_words(facts.unused)}. "
        f"Files that cannot be used: {count_words(facts.data.reasons)}."
    )
    yield ""
    yield from table(
        ("class", "learnt from", "held out"),
        (
            (escaped(name), f"{shown:,}", f"{held_out:,}")
            for name, (shown, held_out) in facts.classes.items()
        ),
    )


def _method(facts: TuneFacts) -> Iterator[str]:
    yield method_words(facts.method, str(facts.settings.get("supervision", "")))
    yield ""
    for name, value in told(facts.method, _settings(facts)):
        yield f"- {name}: {value}"
    yield f"- variants of each picture: {facts.variants}"
    yield f"- seed: {facts.seed}"
    yield ""
    yield from ("```", facts.command, "```")


def _settings(facts: TuneFacts) -> tuple[tuple[str, str], ...]:
    """Return what a fine-tuning was told, as its record will say it."""
    known = {"of": asdict(facts.recipe) | dict(facts.settings)}
    return loose.settings(known, "of")


def _retrieval(facts: TuneFacts, outcome: TuneOutcome) -> Iterator[str]:
    found = outcome.retrieval
    yield f"{before_words(found.before, found.asked)} The report `{found.report}` tells more."
    if words := caution(found.exact, facts.asking, found.asked):
        yield ""
        yield words
    for way, changes in found.ways:
        if changes:
            yield ""
            yield f"By {way}, with 95 % intervals:"
            yield ""
            yield from _changes(changes)
    if found.codes:
        yield ""
        yield f"{codes_words(found.codes)}."


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    yield from table(("", "before", "after", ""), change_rows(changes))


def _figures(outcome: TuneOutcome) -> Iterator[str]:
    best = outcome.curve[outcome.best - 1]
    held_out = f", and {best.held_out:.4f} on the held out pictures" * chose_epoch(outcome)
    yield (
        f"Of {len(outcome.curve)} epochs, number {outcome.best} is kept: loss {best.loss:.4f}"
        f"{held_out}. The curve is in `curve.csv` and `curve.png`."
    )
    asked = outcome.retrieval.asked
    others = asked if asked == HELD_OUT else "to test with"
    shares = (("learnt from", outcome.triplets.shown), (others, outcome.triplets.held_out))
    known = [f"{share:.1%} of pictures {name}" for name, share in shares if share is not None]
    if known:
        yield ""
        yield f"Triplets ranked right afterwards: {', '.join(known)}."
    if outcome.classification:
        yield ""
        yield from _classification(outcome.classification, asked)


def _classification(report: ClassificationReport, asked: str) -> Iterator[str]:
    yield f"Accuracy on the {asked} pictures: {report.accuracy:.1%}."
    yield ""
    yield from table(
        ("class", "precision", "recall", "f1", "support"),
        (
            (
                escaped(row.name),
                f"{row.precision:.3f}",
                f"{row.recall:.3f}",
                f"{row.f1:.3f}",
                f"{row.support:,}",
            )
            for row in (*report.classes, report.macro, report.weighted)
        ),
    )
    names = [escaped(row.name) for row in report.classes]
    yield ""
    if len(names) > MOST_CONFUSED:
        yield "How many of each class were taken for each stands in `run.json`."
        return
    yield "How many of each class (rows) were taken for each (columns):"
    yield ""
    counts = zip(names, report.confusion.tolist(), strict=True)
    yield from table(("", *names), ((name, *map(str, row)) for name, row in counts))
