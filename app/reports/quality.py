"""Finds what is known of how good an index is."""

from dataclasses import dataclass
from pathlib import Path

from app.reports.opening import Opened, open_report
from indexer.evaluation.errors import DamagedReport, UnknownReport
from indexer.evaluation.reporting.drafts import Making, making
from indexer.evaluation.reporting.storing import Brief, moment_of, reports_in

PROTOCOL = "copies"
"""The protocol that needs nothing but the index."""


@dataclass(frozen=True)
class Quality:
    """What the page on an index's quality shows.

    Attributes:
        index: its name.
        opened: the newest report of copies that tells of it, or None.
        is_past: whether the index was built anew since.
        making: the report that is being made at the moment, or None.
        others: further reports that tell of it, newest first.
    """

    index: str
    opened: Opened | None
    is_past: bool
    making: Making | None
    others: list[Brief]


def quality_of(instance: Path, index: str, built: str) -> Quality:
    """Return what is known of an index.

    Args:
        instance: where reports are kept.
        index: its name.
        built: when its generation was built, ISO 8601.
    """
    told = [brief for brief in reports_in(instance) if index in brief.indexes]
    newest = next((brief for brief in told if brief.protocol == PROTOCOL), None)
    opened = _opened(instance, newest.name) if newest else None
    running = (each for each in making(instance) if each.protocol == PROTOCOL)
    return Quality(
        index=index,
        opened=opened,
        is_past=bool(newest) and not _is_of(newest, built),
        making=next((each for each in running if index in each.indexes), None),
        others=[brief for brief in told if opened is None or brief is not newest],
    )


def is_measured(instance: Path, index: str, built: str) -> bool:
    """Return whether a report of copies tells of this generation of an index."""
    return any(
        brief.protocol == PROTOCOL and index in brief.indexes and _is_of(brief, built)
        for brief in reports_in(instance)
    )


def _is_of(brief: Brief | None, built: str) -> bool:
    """Return whether a report was made after an index was built."""
    return brief is not None and moment_of(brief.created) >= moment_of(built)


def _opened(instance: Path, name: str) -> Opened | None:
    try:
        return open_report(instance, name)
    except (UnknownReport, DamagedReport):  # removed or damaged while we looked
        return None
