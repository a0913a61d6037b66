"""What the terminal shows of a finished fine-tuning, and how to use it."""

from collections.abc import Iterator, Sequence

from app.cli.outcomes import left_out
from app.cli.text import pair_table, printable
from indexer.durations import duration
from indexer.experiments.training import TrainSummary
from indexer.experiments.tunecards import as_measured, fresh_words
from indexer.experiments.tuned import Change


def summary(done: TrainSummary) -> str:
    """Return what a fine-tuning did and changed, and what to do with it."""
    return "\n".join(
        [
            pair_table(_pairs(done)),
            *_changes(done),
            *left_out(done.facts.data.left_out, done.path),
            *_use(done),
        ]
    )


def _pairs(done: TrainSummary) -> dict[str, str]:
    facts, outcome = done.facts, done.outcome
    best, machine = outcome.curve[outcome.best - 1], facts.machine
    reasons = ", ".join(f"{item.count} {item.name}" for item in facts.data.reasons) or "none"
    pairs = {
        "run": printable(str(done.path)),
        "pictures": f"{facts.data.shown:,} learnt from, {facts.data.held_out:,} held out, in "
        f"{len(facts.classes)} classes; {len(facts.data.left_out):,} left out ({reasons})",
        "trained": f"{facts.encoder.network} from {facts.unfreeze or 'its first layer'}; drawn "
        f"anew: {fresh_words(facts.fresh)}",
        "learning": f"{len(outcome.curve)} epochs, the best was {outcome.best}, "
        f"{duration(outcome.seconds)}, {facts.precision}, {machine.backend}, {machine.device}",
        "loss": f"{best.loss:.4f}, {best.held_out:.4f} held out",
        "weights": f"{outcome.bytes / 1e6:.1f} MB, {outcome.parameters / 1e6:.1f} million numbers",
        "sha256": outcome.sha256,
        "feature": outcome.feature.head or "the pooled map",
    }
    if outcome.classification:
        pairs["accuracy"] = f"{outcome.classification.accuracy:.1%} of the held out pictures"
    if outcome.triplets.held_out is not None:
        pairs["triplets"] = f"{outcome.triplets.held_out:.1%} of held out ones ranked right"
    return pairs


def _changes(done: TrainSummary) -> Iterator[str]:
    found = done.outcome.retrieval
    yield f"\nheld out pictures search among the others; before: {printable(found.before)}"
    for way, changes in (("exact search", found.exact), ("LSH", found.lsh)):
        if changes:
            yield f"\n{way:<16}{'before':<26}after"
            yield from _rows(changes)
    yield f"\n{found.answer}\nreport: /reports/{found.report}"


def _rows(changes: Sequence[Change]) -> Iterator[str]:
    for each in changes:
        row = f"  {each.measure:<14}{as_measured(each.before):<26}{as_measured(each.after):<26}"
        yield (row + each.verdict).rstrip()


def _use(done: TrainSummary) -> Iterator[str]:
    kind = " --kind hamming" if done.facts.method == "hash" else ""
    yield "\nTo search with it:"
    yield f"  flask index build FOLDER --name NAME --network run:{done.facts.name}{kind}"
