"""What the terminal shows of a finished fine-tuning: the answer first, and how to use it."""

from collections.abc import Iterator

from app.cli import outcomes
from app.cli.text import aligned, pair_table, printable
from indexer.experiments.finetuning.card import headline_of
from indexer.experiments.finetuning.training import TrainSummary
from indexer.experiments.runs.files import CARD
from indexer.experiments.telling.advice import index_command, is_worth_using, next_steps
from indexer.experiments.telling.classwords import class_words, count_words
from indexer.experiments.telling.headlines import before_words, caution, codes_words
from indexer.experiments.telling.measured import change_rows
from indexer.experiments.telling.recipewords import fresh_words


def summary(done: TrainSummary) -> str:
    """Return what a fine-tuning changed, what it did, and what to do with it."""
    return "\n".join(
        [
            *_answer(done),
            *_changes(done),
            "",
            pair_table(_pairs(done)),
            *outcomes.left_out(done.facts.data.left_out, done.path),
            "",
            *_use(done),
        ]
    )


def _answer(done: TrainSummary) -> Iterator[str]:
    found = done.outcome.retrieval
    yield printable(headline_of(done.facts, done.outcome))
    if words := caution(found.exact, done.facts.asking, found.asked):
        yield words


def _changes(done: TrainSummary) -> Iterator[str]:
    found = done.outcome.retrieval
    yield ""
    yield printable(before_words(found.before, found.asked))
    rows = []
    for way, changes in found.ways:
        if changes:
            rows += [(way, "before", "after", ""), *change_rows(changes)]
    if rows:
        yield from aligned(rows)
    if found.codes:
        yield f"{codes_words(found.codes)}."
    yield f"report: /reports/{found.report}"


def _pairs(done: TrainSummary) -> dict[str, str]:
    facts, outcome, asked = done.facts, done.outcome, done.outcome.retrieval.asked
    sizes = [(name, shown + held_out) for name, (shown, held_out) in facts.classes.items()]
    pairs = {
        "pictures": outcomes.pictures(facts.data),
        "classes": printable(class_words(sizes)),
        "left out": count_words(facts.unused),
        "trained": f"{facts.encoder.network} from {facts.first_trained}; drawn "
        f"anew: {fresh_words(facts.fresh)}",
        "learning": f"{len(outcome.curve)} epochs, the best was {outcome.best}, "
        f"{outcomes.learning(facts, outcome)}",
        "loss": outcomes.loss(outcome.curve[outcome.best - 1]),
    }
    if outcome.classification:
        pairs["accuracy"] = f"{outcome.classification.accuracy:.1%} of the {asked} pictures"
    if outcome.triplets.held_out is not None:
        pairs["triplets"] = f"{outcome.triplets.held_out:.1%} of {asked} ones ranked right"
    return pairs | {
        "feature": outcome.feature.head or "the pooled map",
        "run": printable(str(done.path)),
        "card": printable(str(done.path / CARD)),
        "weights": outcomes.weights(outcome),
        "sha256": outcome.sha256,
        **_kept(outcome.kept_bytes),
    }


def _kept(count: int) -> dict[str, str]:
    if not count:
        return {}
    size = f"{count / 1e6:,.0f} MB for later trainings; to remove them: "
    return {"kept": f"{size}flask index prune --features"}


def _use(done: TrainSummary) -> Iterator[str]:
    found = done.outcome.retrieval
    if is_worth_using(found.verdict, found.exact, found.codes):
        yield "To search with it:"
        yield f"  {index_command(done.facts.method, done.facts.name)}"
    else:
        yield next_steps(f"{done.facts.recipe.rate:g}")
