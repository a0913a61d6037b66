"""Looks through the generations of an index, and returns to one of them."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import IndexUnusable
from indexer.generations import IndexFolder
from indexer.manifest import Manifest, read_manifest
from indexer.opening import check_features, open_generation, require_index


@dataclass(frozen=True)
class Past:
    """One generation of an index.

    Attributes:
        name: its own.
        state: "current", "before", or "after" the current one: such a one does not serve.
        manifest: what it is, or None where that cannot be read.
        problem: why not, or "".
    """

    name: str
    state: str
    manifest: Manifest | None
    problem: str = ""


def history(instance: Path, name: str) -> list[Past]:
    """Return the generations of an index, oldest first.

    Raises:
        NoIndex, UnknownIndex: there is none of this name.
    """
    folder = require_index(instance, name)
    names = folder.generations()
    current = folder.current() or names[-1]
    return [_past(folder, generation, current) for generation in names]


def return_to(instance: Path, name: str, to: str | None = None) -> Manifest:
    """Make another generation of an index current, once every file of it was found sound.

    A build that is running does not keep one from that; see `IndexFolder.rollback`.

    Args:
        instance, name: of the index.
        to: its name or number; None for the one before the current.

    Raises:
        NoIndex, UnknownIndex: there is no such index.
        BadParameter: it has no such generation.
        IndexUnusable: the generation is damaged; the current one stays.
        BuildRunning: another process is changing the index, and does not finish.
    """
    folder = require_index(instance, name)
    target = folder.generation(folder.find(to))
    generation = open_generation(target)
    with closing(generation.catalog):
        check_features(target, generation.manifest)
    folder.rollback(target.name)
    return generation.manifest


def _past(folder: IndexFolder, name: str, current: str) -> Past:
    state = "current" if name == current else "before" if name < current else "after"
    try:
        return Past(name, state, read_manifest(folder.generation(name)))
    except IndexUnusable as error:
        return Past(name, state, None, str(error))
