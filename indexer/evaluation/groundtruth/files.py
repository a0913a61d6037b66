"""Reads files of ground truth whole, with errors that name them."""

from pathlib import Path

from indexer.evaluation.errors import BadGroundTruth
from indexer.evaluation.groundtruth.model import MAX_BYTES
from indexer.files import NotRegular, TooBig, read_regular


def content_of(file: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        BadGroundTruth: it is missing, too large, or no file.
    """
    try:
        return read_regular(file, MAX_BYTES)[0]
    except (TooBig, NotRegular) as error:
        raise BadGroundTruth(f"{error}. Give a file of ground truth.") from error
    except OSError as error:
        raise BadGroundTruth(f"{file} cannot be read: {error.strerror}.") from error


def lines_of(file: Path) -> list[str]:
    """Return the lines of a text file that are not blank, stripped.

    Raises:
        BadGroundTruth: it cannot be read, or is not text.
    """
    try:
        text = content_of(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadGroundTruth(f"{file} is no text in UTF-8: {error}.") from error
    return [line.strip() for line in text.splitlines() if line.strip()]
