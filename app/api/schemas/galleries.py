"""The JSON that tells of indexes and their classes."""

from dataclasses import dataclass

from app.api.schemas.images import Image
from app.words import _
from indexer.search import SearchService
from indexer.shelf import Shelf
from indexer.types import Metric
from models.types import Fingerprint


@dataclass(frozen=True)
class IndexBrief:
    """An index in short; of one that cannot be opened all but its name and problem is null.

    Attributes:
        name: of the index.
        generation: the build of it that serves.
        images: that can be found.
        rejected: files that were left out.
        kind: of index: "exact", "lsh" or "hamming".
        metric: by which hits are ranked unless a search says otherwise.
        created: UTC, ISO 8601.
        problem: what is wrong with it, or null.
    """

    name: str
    generation: str | None
    images: int | None
    rejected: int | None
    kind: str | None
    metric: Metric | None
    created: str | None
    problem: str | None


@dataclass(frozen=True)
class Indexes:
    """All indexes of this server."""

    indexes: tuple[IndexBrief, ...]


@dataclass(frozen=True)
class ClassSize:
    """A class of images.

    Attributes:
        name: as the parameter `class` takes it; null for images without a class.
        images: how many there are.
    """

    name: str | None
    images: int


@dataclass(frozen=True)
class Index(IndexBrief):
    """An index.

    Attributes:
        classes: by name.
        encoder: that describes pictures; `dim` is the length of a vector.
        recall: part of the true nearest that searches find as the index was tuned; null where that
            was not measured, or searches are exact.
        bytes: its size on the disk.
    """

    classes: tuple[ClassSize, ...]
    encoder: Fingerprint
    recall: float | None
    bytes: int


@dataclass(frozen=True)
class ReasonCount:
    """A reason to leave files out, and how many were for it."""

    reason: str
    files: int


@dataclass(frozen=True)
class Home:
    """What the home page shows.

    Attributes:
        index: that is searched by default; null where nothing was built.
        indexes: names of all.
        pictures: some of the index, drawn at random.
    """

    index: IndexBrief | None
    indexes: tuple[str, ...]
    pictures: tuple[Image, ...]


def brief_of(service: SearchService) -> IndexBrief:
    """Return an index in short."""
    info = service.manifest
    problem = _("The newest build of this index is damaged; the one before it serves.")
    return IndexBrief(
        name=info.name,
        generation=info.generation,
        images=info.images,
        rejected=info.rejected,
        kind=info.kind,
        metric=info.metric,
        created=info.created,
        problem=problem if service.problem else None,
    )


def unusable(name: str) -> IndexBrief:
    """Return, in the same form, an index that cannot be opened."""
    problem = _("This index cannot be opened: see the server's log.")
    return IndexBrief(name, None, None, None, None, None, None, problem)


def indexes_of(shelf: Shelf) -> Indexes:
    """Return all indexes."""
    return Indexes(
        tuple(
            brief_of(shelf.get(status.name)) if status.usable else unusable(status.name)
            for status in shelf.status()
        )
    )


def index_of(service: SearchService) -> Index:
    """Return what is known of an index."""
    info = service.manifest
    return Index(
        **vars(brief_of(service)),
        classes=tuple(ClassSize(each.name or None, each.count) for each in service.classes),
        encoder=info.fingerprint,
        recall=service.tuning.chosen.recall if service.tuning else None,
        bytes=info.bytes,
    )
