"""What an open generation of an index tells of itself and its gallery."""

from pathlib import Path

from indexer.browsing.classes import Class
from indexer.catalog import Catalog
from indexer.indexes.registry import KINDS
from indexer.manifest import Manifest
from indexer.opening import Generation
from indexer.serving.strength import Strength
from indexer.types import ImageRecord


class Served:
    """An open generation that answers; what is known of it without a search."""

    def __init__(self, generation: Generation) -> None:
        """Tell of a generation that is open."""
        self._generation = generation
        self._roots = tuple(generation.catalog.roots())
        self._strength = Strength(generation.store, generation.distances)

    @property
    def name(self) -> str:
        """Return the index's name."""
        return self.manifest.name

    @property
    def generation(self) -> str:
        """Return the generation's name."""
        return self.manifest.generation

    @property
    def manifest(self) -> Manifest:
        """Return what is known of the generation as a whole."""
        return self._generation.manifest

    @property
    def path(self) -> Path:
        """Return the generation's folder."""
        return self._generation.path

    @property
    def problem(self) -> str:
        """Return why a newer generation does not serve, or ""."""
        return self._generation.problem

    @property
    def count(self) -> int:
        """Return how many images are indexed."""
        return self.manifest.images

    @property
    def catalog(self) -> Catalog:
        """Return what is known of each image."""
        return self._generation.catalog

    @property
    def roots(self) -> tuple[Path, ...]:
        """Return the gallery's folders."""
        return self._roots

    @property
    def always_exact(self) -> bool:
        """Return whether no search of this index can miss what is nearest."""
        return KINDS[self.manifest.kind].exact

    @property
    def classes(self) -> tuple[Class, ...]:
        """Return the classes by name, those images without one last."""
        return self.catalog.classes.all

    @property
    def strength(self) -> Strength:
        """Return what says how strong a match is in this gallery."""
        return self._strength

    def image(self, number: int) -> ImageRecord:
        """Return the record of an image.

        Raises:
            UnknownImage: there is no such id.
        """
        return self.catalog.image(number)
