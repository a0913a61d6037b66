"""Looks through the generations of an index, returns to one of them, and clears away others."""

from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import IndexUnusable
from indexer.features.cache import prune_features
from indexer.generations import IndexFolder, index_names
from indexer.manifest import Manifest, read_manifest
from indexer.opening import ENCODER, check_features, open_generation, require_index
from models.errors import EncoderDamaged
from models.exported import read_fingerprint


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

    Args:
        instance, name: of the index.
        to: its name or number; None for the one before the current.

    Raises:
        NoIndex, UnknownIndex: there is no such index.
        BadParameter: it has no such generation.
        IndexUnusable: the generation is damaged; the current one stays.
        BuildRunning: another process changes the index.
    """
    folder = require_index(instance, name)
    target = folder.generation(folder.find(to))
    generation = open_generation(target)
    with closing(generation.catalog):
        check_features(target, generation.manifest)
    folder.rollback(target.name)
    return generation.manifest


def needed_features(instance: Path) -> set[str]:
    """Return the digests of the encoders that made the features of any generation."""
    digests = set()
    for name in index_names(instance):
        folder = IndexFolder(instance, name)
        for generation in folder.generations():
            with suppress(EncoderDamaged):
                digests.add(read_fingerprint(folder.generation(generation) / ENCODER).digest)
    return digests


def prune_unneeded_features(instance: Path) -> int:
    """Remove the kept features of encoders that no generation of any index was made by.

    Returns:
        How many bytes were freed.
    """
    return prune_features(instance, needed_features(instance))


def _past(folder: IndexFolder, name: str, current: str) -> Past:
    state = "current" if name == current else "before" if name < current else "after"
    try:
        return Past(name, state, read_manifest(folder.generation(name)))
    except IndexUnusable as error:
        return Past(name, state, None, str(error))
