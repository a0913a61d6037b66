"""The JSON that tells which reports there are."""

from dataclasses import dataclass

from app.reports.quality import Quality as Found
from indexer.evaluation.reporting.storing import Brief


@dataclass(frozen=True)
class ReportBrief:
    """A report in short; of a damaged one all but its name is empty.

    Attributes:
        name: of the report.
        protocol: that was run.
        title: for people.
        created: ISO 8601, UTC.
        answer: what it says, in a sentence or two.
        indexes: that were evaluated.
    """

    name: str
    protocol: str
    title: str
    created: str
    answer: str
    indexes: tuple[str, ...]


@dataclass(frozen=True)
class Reports:
    """All reports, newest first."""

    reports: tuple[ReportBrief, ...]


@dataclass(frozen=True)
class Quality:
    """What is known of how good an index is.

    Attributes:
        index: its name.
        report: the newest report of copies that tells of it, or null.
        is_past: whether the index was built anew since.
        making: the report that is being made at the moment, or null.
        others: further reports that tell of it, newest first.
    """

    index: str
    report: str | None
    is_past: bool
    making: str | None
    others: tuple[ReportBrief, ...]


def brief_of(brief: Brief) -> ReportBrief:
    """Return a report in short, without what its problem says of the server's files."""
    return ReportBrief(
        brief.name, brief.protocol, brief.title, brief.created, brief.answer, brief.indexes
    )


def quality_of(found: Found) -> Quality:
    """Return what is known of how good an index is."""
    return Quality(
        index=found.index,
        report=found.opened.report.name if found.opened else None,
        is_past=found.is_past,
        making=found.making.name if found.making else None,
        others=tuple(map(brief_of, found.others)),
    )
