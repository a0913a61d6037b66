"""What the cards of all trained networks have in common, in Markdown."""

import re
from collections.abc import Iterator, Mapping, Sequence

from indexer.durations import duration
from indexer.experiments.runs.facts import Data
from models.training.machine import Machine
from models.weights import WeightFile

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|])")


def escaped(text: str) -> str:
    """Return text as Markdown shows it as it is, in a cell of a table too.

    >>> escaped("a|b")
    'a\\\\|b'
    """
    shown = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return _ACTIVE.sub(r"\\\1", shown)


def table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table; cells are Markdown."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def pairs(values: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of a table of names and values."""
    yield "| | |"
    yield "|---|---|"
    yield from (f"| {name} | {value} |" for name, value in values.items())


def weights_rows(bytes_: int, sha256: str, ended: str) -> dict[str, str]:
    """Say what the weight file is."""
    return {
        "file": f"`weights.npz`: float16 arrays named `layer/weight`, {bytes_ / 1e6:.1f} MB",
        "SHA-256": f"`{sha256}`",
        "made on": ended[:10],
    }


def begun_words(weights: WeightFile | None) -> str:
    """Say which weights a training began with."""
    return f"`{weights.path.name}`, `{weights.sha256}`" if weights else "none"


def learning_words(seconds: float, precision: str, machine: Machine) -> str:
    """Say how long was learnt, and on what."""
    return (
        f"{duration(seconds)} in {precision} on {machine.device}, Keras {machine.keras} on "
        f"{machine.backend}"
    )


def source_lines(data: Data) -> Iterator[str]:
    """Yield a line for each folder of pictures."""
    for source in data.sources:
        times = "" if source.times == 1 else f", shown {source.times} times an epoch"
        yield f"- `{source.folder}`: {source.pictures:,} pictures{times}"
    yield ""


def limits(showed: str, rights: str) -> str:
    """Return what is to be said of limits, by who knows them.

    Args:
        showed: what the network learnt from.
        rights: whose rights count.
    """
    return (
        f"To be filled in by who gives these weights to others: what {showed} showed too rarely, "
        f"for what the network should not be used, and what the rights of {rights} allow."
    )
