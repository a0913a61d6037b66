"""What a training was given and what it has left, as names and values of its page."""

from app.reports.presenters import when
from app.runs.parts import Fact
from indexer.experiments.reading.records import Record
from indexer.experiments.telling.classwords import count_words
from indexer.experiments.telling.recipewords import fresh_words


def given_facts(record: Record) -> list[Fact]:
    """Return what a training was given."""
    return _known(
        ("method", record.method),
        ("network", record.network),
        ("begun with", record.weights),
        ("trained from layer", record.unfreeze),
        ("layers drawn anew", fresh_words(record.fresh) if record.fresh else ""),
        ("pooling", record.pooling),
        ("input", _input(record)),
        ("classes", f"{len(record.classes):,}" if record.classes else ""),
        *((given.folder, _count(given.pictures, "usable picture")) for given in record.given),
        ("learnt from", _count(record.shown, "picture") if record.shown else ""),
        ("held out", _count(record.held_out, "picture") if record.shown else ""),
        ("to test with", _count(record.test, "picture") if record.test else ""),
        ("left out", count_words(record.unused) if record.unused else ""),
        ("cannot be used", count_words(record.rejected) if record.rejected else ""),
        ("seed", record.seed),
        ("precision", record.precision),
        *record.machine,
        ("begun", when(record.begun) if record.begun else ""),
        ("ended", when(record.ended) if record.ended else ""),
    )


def left_facts(record: Record) -> list[Fact]:
    """Return what a finished training has left."""
    if not record.sha256:
        return []
    return _known(
        ("feature", record.head or "the pooled map"),
        ("weights", f"{record.bytes / 1e6:.1f} MB" if record.bytes else ""),
        ("numbers", f"{record.parameters:,}" if record.parameters else ""),
        ("SHA-256", record.sha256),
    )


def _input(record: Record) -> str:
    if not record.size:
        return ""
    return f"{record.size:,} pixels{' of the largest face' if record.crop == 'faces' else ''}"


def _known(*facts: Fact) -> list[Fact]:
    return [(name, value) for name, value in facts if value]


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
