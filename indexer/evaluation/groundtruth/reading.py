"""Reads ground truth in any layout that it is published in."""

from pathlib import Path

from indexer.evaluation.errors import BadGroundTruth
from indexer.evaluation.groundtruth.documents import from_json
from indexer.evaluation.groundtruth.files import content_of
from indexer.evaluation.groundtruth.holidays import read_names
from indexer.evaluation.groundtruth.layouts import published
from indexer.evaluation.groundtruth.model import GroundTruth
from indexer.evaluation.groundtruth.pickles import load_plain
from indexer.evaluation.groundtruth.text import read_text_files

PREFIXES = ("gnd_", "gnd-")
"""Before the names of benchmarks, in those of their files."""


def benchmark_name(source: Path) -> str:
    """Return what a benchmark is called, by the name of its file or folder."""
    name = source.stem
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    return name


def read_ground_truth(source: Path) -> GroundTruth:
    """Read a folder of Oxford's text files, a .pkl, a .dat list of Holidays, or a stored .json.

    Raises:
        BadGroundTruth: there is nothing of the kind, or it is damaged; saying what was expected.
    """
    if source.is_dir():
        return read_text_files(source)
    match source.suffix.lower():
        case ".pkl":
            document = load_plain(content_of(source), str(source))
            return published(document, benchmark_name(source), str(source))
        case ".json":
            return from_json(content_of(source), str(source))
        case ".dat":
            return read_names(source)
    if not source.exists():
        raise BadGroundTruth(f"{source} does not exist.")
    raise BadGroundTruth(
        "Ground truth is a folder of text files (*_query.txt, *_good.txt, *_ok.txt, *_junk.txt), "
        f"or a .pkl, .json or .dat file. Received: {source}"
    )
