"""Brings together the queries that a user wants asked, encoded as the index's own images."""

import os
from dataclasses import dataclass
from pathlib import Path

from indexer.building.encoded import Encoded
from indexer.building.job import Job
from indexer.errors import BadParameter
from indexer.opening import Generation
from indexer.tuning.copies import KINDS, encode_copies
from indexer.tuning.pictures import encode_folder
from indexer.tuning.queries import Queries, Source, most_queries
from indexer.types import Rejection


@dataclass(frozen=True)
class Ask:
    """What is asked; neither for a sample of the gallery.

    Attributes:
        folder: of pictures that are not in the gallery, or None.
        copies: distorted copies of the gallery's pictures.
    """

    folder: Path | None = None
    copies: bool = False

    def __post_init__(self) -> None:
        """Refuse both together."""
        if self.folder and self.copies:
            raise BadParameter("Give --queries or --copies, not both: each tells something else.")


@dataclass(frozen=True)
class Asked:
    """What can be asked.

    Attributes:
        queries: to search for; None for a sample of the gallery.
        rejections: of files that cannot be asked.
    """

    queries: Queries | None = None
    rejections: tuple[Rejection, ...] = ()


def asked(ask: Ask, job: Job, features: Encoded, before: Generation) -> Asked:
    """Encode what a user wants asked.

    Args:
        ask: what that is.
        job: the build under way.
        features: of the gallery.
        before: the generation whose reduction the features have.

    Raises:
        GalleryError, BadParameter, BuildFailed: as encode_folder and encode_copies.
    """
    if not ask.folder and not ask.copies:
        return Asked()
    found, most = features.scan, most_queries(before.store)
    with job.clock.stage("queries"):
        if ask.folder:
            made = encode_folder(ask.folder, most, job, features.cache, found.records)
            source, together = Source("folder", os.path.realpath(ask.folder)), 1
        else:
            made = encode_copies(found, most, job, features.cache)
            source, together = Source("copies"), KINDS
    queries = Queries(source, before.reduced(made.features), together=together)
    return Asked(queries, made.rejections)
