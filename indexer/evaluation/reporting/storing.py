"""Keeps reports in the instance, and reads them back."""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from indexer.evaluation.errors import DamagedReport, UnknownReport
from indexer.evaluation.reporting.csvs import csv_of
from indexer.evaluation.reporting.documents import document_of, report_of
from indexer.evaluation.reporting.model import Report, Table
from indexer.files import read_regular, write_atomically
from indexer.generations import NAME, require_name

FILE = "report.json"
MAX_BYTES = 64 * 2**20
BRIEFS = 512  # that a process remembers


@dataclass(frozen=True)
class Brief:
    """A report in short.

    Attributes:
        name, protocol, title, created, answer, indexes: as the report has them.
        problem: why it cannot be read, or "".
    """

    name: str
    protocol: str = ""
    title: str = ""
    created: str = ""
    answer: str = ""
    indexes: tuple[str, ...] = ()
    problem: str = ""


def report_folder(instance: Path, name: str) -> Path:
    """Return where the report of a name lies.

    Raises:
        UnknownReport: no report may have this name.
    """
    return instance / "reports" / require_name(name, of="A report", refusal=UnknownReport)


def write_report(folder: Path, report: Report) -> None:
    """Write report.json, and each table as tables/NAME.csv.

    Args:
        folder: of the report, or its draft.
        report: what was found; figures and pictures are in the folder already.

    Raises:
        ValueError: a name in it cannot name a file.
    """
    document = document_of(report)
    tables = folder / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    for table in tables_of(report):
        write_atomically(tables / f"{table.name}.csv", csv_of(table).encode())
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
    write_atomically(folder / FILE, f"{text}\n".encode())


def tables_of(report: Report) -> tuple[Table, ...]:
    """Return all tables of a report, in their order."""
    blocks = (block for section in report.sections for block in section.blocks)
    return tuple(block for block in blocks if isinstance(block, Table))


def read_report(folder: Path) -> Report:
    """Read the report of a folder.

    Raises:
        UnknownReport: there is none.
        DamagedReport: its file is not as this version writes it; the message says where.
    """
    path = folder / FILE
    try:
        content, _ = read_regular(path, MAX_BYTES)
        report = report_of(content)
    except FileNotFoundError as error:
        raise UnknownReport(f"There is no report {folder.name}.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedReport(
            f"{path} is damaged: {error}. Make the report again: flask evaluate … "
            f"--name {folder.name}"
        ) from error
    if report.name != folder.name and not folder.name.startswith("."):
        raise DamagedReport(f"{path} belongs to another report, {report.name}. Remove the folder.")
    return report


def reports_in(instance: Path) -> list[Brief]:
    """Return the reports of an instance, newest first; the damaged ones, with why, at the end."""
    briefs = []
    for folder in folders_in(instance):
        if NAME.fullmatch(folder.name):
            with suppress(FileNotFoundError):  # removed while we look
                briefs.append(_brief(folder))
    briefs.sort(key=lambda brief: brief.name)
    return sorted(briefs, key=lambda brief: _moment(brief.created), reverse=True)


def moment_of(created: str) -> datetime:
    """Return a time of ISO 8601; one that names no zone is UTC."""
    moment = datetime.fromisoformat(created)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment(created: str) -> datetime:
    return moment_of(created) if created else datetime.min.replace(tzinfo=UTC)


def folders_in(instance: Path) -> list[Path]:
    """Return the folders of reports and their drafts."""
    try:
        return [Path(entry) for entry in os.scandir(instance / "reports") if entry.is_dir()]
    except OSError:
        return []


def _brief(folder: Path) -> Brief:
    status = (folder / FILE).stat()
    return _remembered(folder, status.st_ino, status.st_mtime_ns, status.st_size)


@lru_cache(BRIEFS)
def _remembered(folder: Path, inode: int, mtime_ns: int, size: int) -> Brief:
    try:
        report = read_report(folder)
    except DamagedReport as error:
        return Brief(folder.name, problem=str(error))
    return Brief(
        report.name, report.protocol, report.title, report.created, report.answer, report.indexes
    )
