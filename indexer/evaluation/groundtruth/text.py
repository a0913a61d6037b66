"""Reads Oxford's and Paris' ground truth as it was first published: a folder of text files.

NAME_query.txt holds the query's picture and its box, "oxc1_all_souls_000013 136.5 34.1 648.5
955.7"; NAME_good.txt, NAME_ok.txt and NAME_junk.txt hold a picture on each line. Source: Philbin,
Chum, Isard, Sivic, Zisserman, "Object retrieval with large vocabularies and fast spatial
matching", CVPR 2007.
"""

from pathlib import Path

from indexer.evaluation.errors import BadGroundTruth
from indexer.evaluation.groundtruth.files import lines_of
from indexer.evaluation.groundtruth.model import GroundTruth, Query, box_of

QUERY = "_query.txt"
PREFIX = "oxc1_"
"""Before the names of Oxford's query pictures, and nowhere else."""


def read_text_files(folder: Path) -> GroundTruth:
    """Read all queries of a folder, ordered by the names of their files.

    Raises:
        BadGroundTruth: there is none, a file is missing, or one is not of that layout.
    """
    files = sorted(folder.glob(f"*{QUERY}"))
    if not files:
        raise BadGroundTruth(
            f"{folder} holds no file *{QUERY}. Give the folder of the text files *{QUERY}, "
            "*_good.txt, *_ok.txt and *_junk.txt, or a .pkl, .json or .dat file."
        )
    return GroundTruth(folder.name, tuple(map(_query, files)))


def _query(file: Path) -> Query:
    fields = " ".join(lines_of(file)).rsplit(maxsplit=4)
    if len(fields) != 5:
        raise BadGroundTruth(
            f"{file}: expected a picture's name and the four edges of a box. "
            f"Received: {fields[:8]!r}"
        )
    good, ok, junk = (_listed(file, kind) for kind in ("good", "ok", "junk"))
    return Query(fields[0].removeprefix(PREFIX), box_of(fields[1:], str(file)), good, ok, junk)


def _listed(query: Path, kind: str) -> tuple[str, ...]:
    return tuple(lines_of(query.with_name(f"{query.name.removesuffix(QUERY)}_{kind}.txt")))
