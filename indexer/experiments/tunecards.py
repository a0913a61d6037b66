"""Writes the card of a fine-tuned network: what it is, how it was made, what it has changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from indexer.durations import duration
from indexer.experiments.tuned import Change, Retrieved, TuneFacts, TuneOutcome
from models.training.report import ClassificationReport

METHODS: Mapping[str, str] = {
    "classifier": "A softmax over the classes stands on the pooled features, or on dense layers "
    "over them, and all are trained together with the network's last layers. The pooled feature "
    "is what is kept.",
    "triplet": "Three pictures pass through the same network: a picture, one of its class, and "
    "one that is not. The loss is max(0, gap + D(a, p) - D(a, n)) with Euclidean D between "
    'features of length 1 (Schroff et al., "FaceNet", 2015; Hermans et al., "In Defense of the '
    'Triplet Loss for Person Re-Identification", 2017).',
    "pairs": "Two pictures pass through the same network; those of a class are drawn together, "
    'others pushed apart up to a margin (Hadsell et al., "Dimensionality Reduction by Learning '
    'an Invariant Mapping", 2006).',
    "hash": "A layer of tanh over the pooled features gives codes, whose signs are kept (Yang et "
    'al., "Supervised Learning of Semantics-Preserving Hash via Deep Convolutional Neural '
    'Networks", 2018; Li et al., "Feature Learning based Deep Supervised Hashing with Pairwise '
    'Labels", 2016).',
}


def write_tune_card(facts: TuneFacts, outcome: TuneOutcome) -> str:
    """Return the card of a finished fine-tuning, in Markdown."""
    parts: tuple[tuple[str, Iterator[str]], ...] = (
        ("", _summary(facts, outcome)),
        ("Data", _data(facts)),
        ("Method", _method(facts)),
        ("Retrieval before and after", _retrieval(outcome.retrieval)),
        ("Figures", _figures(outcome)),
    )
    lines = [f"# {facts.name}", ""]
    for title, text in parts:
        lines += [*([f"## {title}", ""] if title else []), *text, ""]
    return "\n".join(lines)


def fresh_words(fresh: Sequence[str]) -> str:
    """Say which layers were drawn anew, as the stages of a network where they are many."""
    if not fresh:
        return "none"
    if len(fresh) == 1:
        return fresh[0]
    return f"{len(fresh)}, from {fresh[0]} to {fresh[-1]}"


def as_measured(bounds: tuple[float, float, float]) -> str:
    """Return a mean with its 95 % interval."""
    value, low, high = bounds
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def _summary(facts: TuneFacts, outcome: TuneOutcome) -> Iterator[str]:
    spec, machine = outcome.feature, facts.machine
    weights = facts.weights
    begun = f"`{weights.path.name}`, `{weights.sha256}`" if weights else "none"
    rows = {
        "network": f"{spec.network}, pooling {spec.pooling}, {spec.size} x {spec.size} pixels"
        f"{' of the largest face' if spec.crop else ''}, "
        f"{outcome.parameters / 1e6:.1f} million parameters",
        "head": spec.head or "none: the pooled feature",
        "layers in the file": outcome.layers or "of the network alone",
        "file": f"`weights.npz`: float16 arrays named `layer/weight`, {outcome.bytes / 1e6:.1f} MB",
        "SHA-256": f"`{outcome.sha256}`",
        "made on": outcome.ended[:10],
        "begun with the weights": begun,
        "trained from": facts.unfreeze or "the first layer",
        "drawn anew": fresh_words(facts.fresh),
        "learning": f"{duration(outcome.seconds)} in {facts.precision} on {machine.device}, "
        f"Keras {machine.keras} on {machine.backend}",
    }
    yield "| | |"
    yield "|---|---|"
    yield from (f"| {name} | {value} |" for name, value in rows.items())


def _data(facts: TuneFacts) -> Iterator[str]:
    for source in facts.data.sources:
        yield f"- `{source.folder}`: {source.pictures:,} pictures"
    left_out = ", ".join(f"{item.count:,} {item.name}" for item in facts.data.reasons) or "none"
    yield ""
    yield (
        f"{facts.data.shown:,} pictures of {len(facts.classes)} classes were learnt from, and "
        f"{facts.data.held_out:,} held out: these chose the epoch whose weights are kept, and are "
        f"what is measured below. Files left out: {left_out}."
    )


def _method(facts: TuneFacts) -> Iterator[str]:
    yield METHODS[facts.method]
    yield ""
    settings = asdict(facts.recipe) | dict(facts.settings)
    yield f"Recipe: {', '.join(f'{name} {_plain(value)}' for name, value in settings.items())}."
    yield f"Variants of each picture: {facts.variants}. Seed: {facts.seed}."
    yield ""
    yield from ("```", facts.command, "```")


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return "-".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _retrieval(found: Retrieved) -> Iterator[str]:
    yield (
        "The held out pictures search among those that were learnt from. Before: "
        f"{found.before}. The report `{found.report}` tells more."
    )
    for way, changes in (("Exact search", found.exact), ("LSH", found.lsh)):
        if changes:
            yield ""
            yield f"{way}, with 95 % intervals:"
            yield ""
            yield from _changes(changes)


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    yield "| | before | after | |"
    yield "|---|---|---|---|"
    for each in changes:
        before, after = as_measured(each.before), as_measured(each.after)
        yield f"| {each.measure} | {before} | {after} | {each.verdict} |"


def _figures(outcome: TuneOutcome) -> Iterator[str]:
    best = outcome.curve[outcome.best - 1]
    yield (
        f"Of {len(outcome.curve)} epochs, number {outcome.best} is kept: loss {best.loss:.4f}, and "
        f"{best.held_out:.4f} on the held out pictures. The curve is in `curve.csv` and "
        "`curve.png`."
    )
    shares = (("learnt from", outcome.triplets.shown), ("held out", outcome.triplets.held_out))
    told = [f"{share:.1%} of pictures {name}" for name, share in shares if share is not None]
    if told:
        yield ""
        yield f"Triplets ranked right afterwards: {', '.join(told)}."
    if outcome.classification:
        yield ""
        yield from _classification(outcome.classification)


def _classification(report: ClassificationReport) -> Iterator[str]:
    yield f"Accuracy on the held out pictures: {report.accuracy:.1%}."
    yield ""
    yield "| class | precision | recall | f1 | support |"
    yield "|---|---|---|---|---|"
    for row in (*report.classes, report.macro, report.weighted):
        yield (
            f"| {row.name} | {row.precision:.3f} | {row.recall:.3f} | {row.f1:.3f} | "
            f"{row.support:,} |"
        )
    names = [row.name for row in report.classes]
    yield ""
    yield "How many of each class (rows) were taken for each (columns):"
    yield ""
    yield f"| | {' | '.join(names)} |"
    yield f"|---|{'---|' * len(names)}"
    for name, row in zip(names, report.confusion.tolist(), strict=True):
        yield f"| {name} | {' | '.join(map(str, row))} |"
