"""What the indexer refuses: galleries, builds, indexes on disk and queries, each with its cure."""

from pathlib import Path

from indexer.types import Rejection
from models.errors import LikenessError


class GalleryError(LikenessError):
    """A gallery that cannot be scanned as asked."""


class SourceMissing(GalleryError):
    """A folder that is absent, not a folder, or given twice."""


class FolderOccupied(GalleryError):
    """A folder to draw in that holds something already."""


class EmptyGallery(GalleryError):
    """A gallery without one usable image.

    Attributes:
        rejections: the files that were found and cannot be used.
    """

    def __init__(self, message: str, rejections: tuple[Rejection, ...] = ()) -> None:
        """Keep the rejected files beside the message."""
        super().__init__(message)
        self.rejections = rejections


class LabelsInvalid(GalleryError):
    """A file of labels that cannot be read."""


class BuildError(LikenessError):
    """A build that did not end in a new generation; the index before it is untouched."""


class BadParameter(BuildError):
    """A name or parameter of an index that is out of its range."""


class BuildRunning(BuildError):
    """A second builder of an index that is being built."""


class BuildFailed(BuildError):
    """A build that met a full disk or another failure."""


class NotAccepted(BuildError):
    """A build that does not find its own pictures, or copies of them, well enough to go live."""


class IndexUnusable(LikenessError):
    """An index on disk that cannot be opened."""


class DamagedIndex(IndexUnusable):
    """A generation with a missing, altered or foreign file."""

    def __init__(self, what: str) -> None:
        """Add the cure, which is always the same, to what is wrong."""
        super().__init__(f"{what} Build the index again: flask index build SOURCE --name NAME")


class FormatUnsupported(IndexUnusable):
    """A generation written by an older or a newer program."""


class EncoderMismatch(IndexUnusable):
    """A generation whose encoder is not the one that made its features."""


class NoIndex(LikenessError):
    """An instance in which nothing has been built yet."""

    def __init__(self, instance: Path) -> None:
        """Say where nothing was found, and how to build."""
        super().__init__(
            f"No index has been built in {instance}. Build one: flask index build FOLDER"
        )


class UnknownIndex(LikenessError):
    """A name that no index of the instance has."""


class QueryError(LikenessError):
    """A query that cannot be answered as asked."""


class BadQuery(QueryError):
    """A k, metric, mask or vector out of its range."""


class UnknownImage(QueryError):
    """An id that no image of the index has."""


class ImageGone(QueryError):
    """An indexed image whose file is no longer what was indexed."""


class UnknownClass(QueryError):
    """A name that no class of the index has."""
