"""Keeps ground truth in the instance, as `groundtruth/NAME.json`."""

from pathlib import Path

from indexer.evaluation.errors import BadGroundTruth
from indexer.evaluation.groundtruth.documents import to_json
from indexer.evaluation.groundtruth.model import MAX_BYTES, GroundTruth
from indexer.evaluation.groundtruth.reading import read_ground_truth
from indexer.files import write_atomically
from indexer.generations import NAME, require_name


def import_ground_truth(source: Path, instance: Path, name: str) -> Path:
    """Read published ground truth and keep it; one of the same name is replaced.

    Args:
        source: as `read_ground_truth` takes it.
        instance: where it is kept.
        name: it is kept by: small letters, digits, - and _.

    Returns:
        the file that holds it.

    Raises:
        BadGroundTruth: the source cannot be read or is too large, or the name cannot be borne.
        OSError: the instance cannot be written.
    """
    file = _file(instance, name)
    truth = read_ground_truth(source)
    _require_small(truth, source)
    content = to_json(truth)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, content)
    return file


def stored_ground_truth(instance: Path, name: str) -> GroundTruth:
    """Return what was kept by a name.

    Raises:
        BadGroundTruth: there is no such name, and which there are; or the file is damaged.
    """
    file = _file(instance, name)
    if not file.exists():
        known = ", ".join(ground_truth_names(instance)) or "none"
        raise BadGroundTruth(
            f"There is no ground truth {name!r} in {file.parent}; known: {known}. Import it: "
            "flask evaluate import-groundtruth SOURCE"
        )
    return read_ground_truth(file)


def ground_truth_names(instance: Path) -> list[str]:
    """Return the names by which ground truth is kept, sorted."""
    files = (instance / "groundtruth").glob("*.json")
    return sorted(file.stem for file in files if NAME.fullmatch(file.stem))


def _require_small(truth: GroundTruth, source: Path) -> None:
    """Refuse what could not be read again: a name takes as many bytes as letters, or more."""
    of_queries = (name for query in truth.queries for name in (query.image, *query.named))
    if sum(map(len, truth.images)) + sum(map(len, of_queries)) > MAX_BYTES:
        raise BadGroundTruth(
            f"{source} lists names of more than {MAX_BYTES:,} letters together: no benchmark does."
        )


def _file(instance: Path, name: str) -> Path:
    known = require_name(name, of="A ground truth", refusal=BadGroundTruth)
    return instance / "groundtruth" / f"{known}.json"
