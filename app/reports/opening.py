"""Opens reports for the pages, and remembers the last ones: a page asks for many of its files."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from indexer.evaluation.errors import UnknownReport
from indexer.evaluation.reporting.model import Figure, Looks, Report, Table
from indexer.evaluation.reporting.storing import FILE, read_report, report_folder

REMEMBERED = 4


@dataclass(frozen=True)
class Opened:
    """A report with where it lies.

    Attributes:
        report: what was found.
        folder: of its files.
        version: another one after it was made anew.
        files: the tables, figures and pictures that it names, by their paths in the folder.
    """

    report: Report
    folder: Path
    version: str
    files: frozenset[str]


def open_report(instance: Path, name: str) -> Opened:
    """Open the report of a name.

    Raises:
        UnknownReport: there is none.
        DamagedReport: its file cannot be read.
    """
    folder = report_folder(instance, name)
    try:
        status = (folder / FILE).stat()
    except OSError as error:
        raise UnknownReport(f"There is no report {name}.") from error
    return _opened(folder, f"{status.st_ino:x}-{status.st_mtime_ns:x}")


@lru_cache(REMEMBERED)
def _opened(folder: Path, version: str) -> Opened:
    report = read_report(folder)
    return Opened(report, folder, version, frozenset(_files(report)))


def _files(report: Report) -> set[str]:
    files: set[str] = set()
    for block in (block for section in report.sections for block in section.blocks):
        if isinstance(block, Table):
            files.add(f"tables/{block.name}.csv")
        elif isinstance(block, Figure):
            files |= {f"figures/{block.name}.{kind}" for kind in ("svg", "png")}
        elif isinstance(block, Looks):
            for strip in block.strips:
                files |= {each.file for each in (strip.query, *strip.first, *strip.last)}
    return files - {""}
