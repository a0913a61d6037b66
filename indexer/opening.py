"""Opens a generation only if it is whole, and falls back on the one before if it is not."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from indexer.arrays import open_array
from indexer.catalog import Catalog
from indexer.distances import FeatureStore, block_slices, lengths
from indexer.errors import DamagedIndex, EncoderMismatch, IndexUnusable, NoIndex, UnknownIndex
from indexer.features.reduction import REDUCTION_FILES, Reduction
from indexer.features.writing import open_features
from indexer.files import sha256_of
from indexer.generations import IndexFolder, index_names, require_name
from indexer.indexes.base import Index
from indexer.indexes.registry import index_class
from indexer.manifest import FileEntry, Manifest, read_manifest
from indexer.pairs import SHAPE
from indexer.tuning.points import tuning_of
from indexer.tuning.queries import Queries
from indexer.types import Float32, Ids
from models.errors import EncoderDamaged
from models.exported import ENCODER_FILES, read_fingerprint
from models.types import Fingerprint

logger = logging.getLogger(__name__)

FEATURES = "features.npy"
NORMS = "norms.npy"
DISTANCES = "distances.npy"
CATALOG = "catalog.sqlite"
TABLES = "tables"
ENCODER = "encoder"
REDUCTION = "reduction"
QUERIES = "queries.npy"
PARTS = {FEATURES, NORMS, DISTANCES, CATALOG, *(f"{ENCODER}/{name}" for name in ENCODER_FILES)}
SAMPLED_BEFORE = (2, 1001)  # the shape of what builds of before sampled of the distances
PROBED_ROWS = 32
NONE_DAMAGED: Mapping[str, DamagedIndex] = MappingProxyType({})


@dataclass(frozen=True)
class Generation:
    """A generation, memory-mapped and ready to answer.

    Attributes:
        path: its folder.
        manifest: what it is.
        store: its features.
        index: its index.
        catalog: its images.
        distances: quantiles of the distances between two of its images, as
            `indexer.pairs.distance_quantiles` returns them; None where an older build sampled
            them in another way.
        reduction: what shortens the encoder's features to those of the store, or None.
        problem: why a newer generation does not serve, or "".
    """

    path: Path
    manifest: Manifest
    store: FeatureStore
    index: Index
    catalog: Catalog
    distances: Float32 | None
    reduction: Reduction | None = None
    problem: str = ""

    @property
    def encoder(self) -> Path:
        """Return the folder of the encoder."""
        return self.path / ENCODER

    def queries(self) -> Queries | None:
        """Return what its tuning asked, where that is not a sample of the gallery.

        Raises:
            DamagedIndex: the file is missing or altered.
        """
        tuning = tuning_of(self.manifest.tuning)
        if tuning is None or tuning.source.kind == "gallery":
            return None
        features = open_array(self.path / QUERIES, "<f4", (tuning.queries, self.store.dim))
        return Queries(tuning.source, features, together=tuning.together)

    def reduced(self, features: Float32) -> Float32:
        """Make of the encoder's features (n, width) what the store holds, float32 (n, dim)."""
        return self.reduction.apply(features) if self.reduction else features


def open_current(
    instance: Path, name: str, damaged: Mapping[str, DamagedIndex] = NONE_DAMAGED
) -> Generation:
    """Open the current generation of an index, or the newest before it that is whole.

    Args:
        instance, name: of the index.
        damaged: generations that are not to be opened, and why.

    Raises:
        NoIndex, UnknownIndex: there is none of this name.
        IndexUnusable: none of its generations is whole; the message is the newest one's.
    """
    folder = require_index(instance, name)
    while True:
        current = folder.current()
        try:
            return _open_first(folder, current, damaged)
        except IndexUnusable:
            if folder.current() == current:  # else a builder has replaced what was being opened
                raise


def _open_first(
    folder: IndexFolder, current: str | None, damaged: Mapping[str, DamagedIndex]
) -> Generation:
    """Open the first generation that is whole, from the current one to older ones."""
    lost = DamagedIndex(f"{folder.pointer} does not name a generation.")
    first: IndexUnusable | None = None if current else lost
    for generation in folder.candidates(current):
        if generation in damaged:
            first = first or damaged[generation]
            continue
        try:
            return open_generation(folder.generation(generation), str(first or ""))
        except IndexUnusable as error:
            logger.error("%s of the index %s is unusable: %s", generation, folder.name, error)
            first = first or error
    # The same error may be raised at every request: it must not collect their tracebacks.
    raise (first or lost).with_traceback(None)


def open_generation(path: Path, problem: str = "") -> Generation:
    """Open a generation after its manifest, sizes, headers and small files were checked.

    Only the checksum of the features is left to `check_features`, for its cost.

    Raises:
        DamagedIndex: a file is missing, altered, or of another generation.
        FormatUnsupported: another version of the program wrote it.
        EncoderMismatch: its encoder is not the one that made its features.
    """
    manifest = read_manifest(path)
    _require_parts(path, manifest)
    for entry in manifest.files:
        _require_file(path, entry, hashed=entry.path != FEATURES)
    reduction = _open_reduction(path, manifest.fingerprint)
    store = FeatureStore(
        open_features(
            path / FEATURES, manifest.images, manifest.fingerprint.dim, manifest.store_as
        ),
        open_array(path / NORMS, "<f4", (manifest.images,)),
    )
    _require_lengths(path, store, np.linspace(0, store.count - 1, PROBED_ROWS).astype(np.int64))
    index = index_class(manifest.kind).load(path / TABLES, store, manifest.parameters)
    distances = _open_distances(path / DISTANCES)
    catalog = Catalog(path / CATALOG)
    if catalog.count != manifest.images:
        raise DamagedIndex(
            f"{catalog.path} holds {catalog.count:,} images; the features are {manifest.images:,}."
        )
    return Generation(path, manifest, store, index, catalog, distances, reduction, problem)


def check_features(path: Path, manifest: Manifest) -> None:
    """Verify the checksum of a generation's features, reading them a piece at a time.

    Raises:
        DamagedIndex: they are not what was published.
    """
    for entry in manifest.files:
        if entry.path == FEATURES:
            _require_file(path, entry, hashed=True)


def check_index(instance: Path, name: str) -> Manifest:
    """Verify every checksum and invariant of the current generation.

    Returns:
        Its manifest, where all is well.

    Raises:
        IndexUnusable: naming the first file that is damaged.
    """
    folder = require_index(instance, name)
    current = folder.current()
    if current is None:
        raise DamagedIndex(f"{folder.pointer} does not name a generation.")
    path = folder.generation(current)
    for entry in read_manifest(path).files:
        _require_file(path, entry, hashed=True)
    generation = open_generation(path)
    for rows in block_slices(generation.store.count):
        _require_lengths(path, generation.store, np.arange(rows.start, rows.stop))
    generation.index.check()
    generation.catalog.check()
    generation.catalog.close()
    return generation.manifest


def require_index(instance: Path, name: str) -> IndexFolder:
    """Return the folder of an index that has been built.

    Raises:
        NoIndex, UnknownIndex: there is none of this name.
    """
    names = index_names(instance)
    if not names:
        raise NoIndex(instance)
    if name not in names:
        raise UnknownIndex(f"There is no index {name!r}. There is: {', '.join(names)}.")
    return IndexFolder(instance, require_name(name))


def _require_parts(path: Path, manifest: Manifest) -> None:
    parts = PARTS
    if manifest.fingerprint.reduction:
        parts = PARTS | {f"{REDUCTION}/{name}" for name in REDUCTION_FILES}
    for part in sorted(parts - {entry.path for entry in manifest.files}):
        raise DamagedIndex(f"{path / part} is missing from the manifest.")


def _require_file(directory: Path, entry: FileEntry, *, hashed: bool) -> None:
    path = directory / entry.path
    try:
        size = path.stat().st_size
        digest = sha256_of(path) if hashed and size == entry.bytes else entry.sha256
    except OSError as error:
        raise DamagedIndex(f"{path} cannot be read: {error.strerror}.") from error
    if size != entry.bytes:
        raise DamagedIndex(f"{path} has {size:,} bytes instead of {entry.bytes:,}.")
    if digest != entry.sha256:
        raise DamagedIndex(f"{path} is damaged: its checksum is not the manifest's.")


def _open_reduction(path: Path, expected: Fingerprint) -> Reduction | None:
    """Open what shortens features, if any, and compare encoder and reduction with the features."""
    try:
        found = read_fingerprint(path / ENCODER)
    except EncoderDamaged as error:
        raise DamagedIndex(f"{path / ENCODER} cannot be used: {error}") from error
    reduction = None
    if expected.reduction:
        reduction = Reduction.load(path / REDUCTION, expected.reduction, found.dim)
        found = reduction.of(found)
    if found != expected:
        raise EncoderMismatch(
            f"{path / ENCODER} is not the encoder that made the features: {found} instead of "
            f"{expected}. Build the index again: flask index build SOURCE"
        )
    return reduction


def _open_distances(path: Path) -> Float32 | None:
    """Open sampled distances; None for those that are not of the sample of today."""
    found: Float32 = open_array(path, "<f4", (None, None))
    if found.shape not in (SHAPE, SAMPLED_BEFORE):
        raise DamagedIndex(f"{path} has the shape {found.shape} instead of {SHAPE}.")
    return found if found.shape == SHAPE else None


def _require_lengths(path: Path, store: FeatureStore, rows: Ids) -> None:
    """Compare features with the stored lengths, which only features of this generation have."""
    found = lengths(store.rows(rows))
    if not (np.isfinite(found) & np.isclose(found, store.norms[rows])).all():
        raise DamagedIndex(f"{path / FEATURES} is damaged, or of another generation.")
