"""The manifest of a generation: what it is, how it was made, and the checksum of every file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from indexer.errors import DamagedIndex, FormatUnsupported
from indexer.files import sha256_of
from indexer.types import Metric, StoreAs
from models.types import Fingerprint

FORMAT = 5
MANIFEST = "manifest.json"
MAX_BYTES = 2**20


@dataclass(frozen=True)
class FileEntry:
    """One file of a generation: its path in it, its SHA-256 in hexadecimal, its size."""

    path: str
    sha256: str
    bytes: int


NONE_KNOWN: Mapping[str, FileEntry] = MappingProxyType({})


@dataclass(frozen=True)
class Stage:
    """How long a stage of the build took."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Manifest:
    """All that is known of a generation as a whole.

    Attributes:
        name: the index's name.
        generation: the generation's name.
        created: UTC, ISO 8601.
        kind: the kind of index.
        metric: what hits are ranked by unless a search says otherwise.
        parameters: of the index, as its kind defines them.
        fingerprint: of the encoder that made the features.
        images: how many are indexed.
        distractors: how many of these are distractors.
        rejected: how many files were not usable.
        tuning: how much a search does, and what was measured to find that out; empty where it was
            asked for.
        visited_share: mean part of the gallery that a search visits, measured at the build.
        reused: how many images' features were there already, from earlier builds.
        recipe: how to build it again, as `indexer.building.recipe` writes it.
        precision: what the check of precisions found; empty where none was made.
        acceptance: what was found before it went live; empty where nothing was asked.
        stages: seconds by stage, in order.
        files: every other file of the generation, by path.
        store_as: what its features are stored as.
    """

    name: str
    generation: str
    created: str
    kind: str
    metric: Metric
    parameters: dict[str, Any]
    fingerprint: Fingerprint
    images: int
    distractors: int
    rejected: int
    visited_share: float
    tuning: dict[str, Any]
    reused: int
    recipe: dict[str, Any] = field(repr=False)
    precision: dict[str, Any]
    acceptance: dict[str, Any]
    stages: tuple[Stage, ...]
    files: tuple[FileEntry, ...] = field(repr=False)
    store_as: StoreAs = "float32"

    @property
    def bytes(self) -> int:
        """Return the size of all files together."""
        return sum(entry.bytes for entry in self.files)


def list_files(
    directory: Path, known: Mapping[str, FileEntry] = NONE_KNOWN
) -> tuple[FileEntry, ...]:
    """Return every file in a folder with its checksum, by path.

    Args:
        directory: the folder.
        known: entries of the files that need not be read, by path.
    """
    paths = sorted(path for path in directory.rglob("*") if path.is_file())
    names = (path.relative_to(directory).as_posix() for path in paths)
    return tuple(
        known.get(name) or FileEntry(name, sha256_of(path), path.stat().st_size)
        for name, path in zip(names, paths, strict=True)
    )


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Write the manifest of a generation."""
    (directory / MANIFEST).write_text(_render({"format": FORMAT, **asdict(manifest)}))


def read_manifest(directory: Path) -> Manifest:
    """Read the manifest of a generation.

    Raises:
        DamagedIndex: it is absent, altered, or of another generation.
        FormatUnsupported: another version of the program wrote it.
    """
    path = directory / MANIFEST
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES)
        document = json.loads(content)
        fields, digest = document["content"], document["sha256"]
        version = fields.pop("format")
        whole = digest == _digest({"format": version, **fields})
    except OSError as error:
        raise DamagedIndex(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedIndex(f"{path} is damaged: it is not a manifest.") from error
    if not whole:
        raise DamagedIndex(f"{path} is damaged: its checksum does not fit its content.")
    _require_format(path, version, fields.get("name", "NAME"))
    if content.decode() != _render({"format": version, **fields}):
        raise DamagedIndex(f"{path} is damaged: it is not as it was written.")
    manifest = _manifest(path, fields)
    if manifest.generation != directory.name:
        raise DamagedIndex(f"{path} belongs to another generation, {manifest.generation}.")
    return manifest


def _require_format(path: Path, version: object, name: str) -> None:
    if version == FORMAT:
        return
    newer = isinstance(version, int) and version > FORMAT
    cure = (
        "Update Likeness, or build the index again with this version"
        if newer
        else "Build the index again"
    )
    raise FormatUnsupported(
        f"{path} has the format {version}, {'newer' if newer else 'older'} than {FORMAT}, which "
        f"this version reads. {cure}: flask index build SOURCE --name {name}"
    )


def _manifest(path: Path, fields: dict[str, Any]) -> Manifest:
    try:
        return Manifest(
            **fields
            | {
                "fingerprint": Fingerprint(**fields["fingerprint"]),
                "stages": tuple(Stage(**stage) for stage in fields["stages"]),
                "files": tuple(FileEntry(**entry) for entry in fields["files"]),
            }
        )
    except (KeyError, TypeError) as error:
        raise DamagedIndex(f"{path} is damaged: {error}.") from error


def _digest(content: dict[str, Any]) -> str:
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _render(content: dict[str, Any]) -> str:
    document = {"content": content, "sha256": _digest(content)}
    return json.dumps(document, sort_keys=True, indent=1) + "\n"
