"""Turns what is known of an index into what its page shows."""

from dataclasses import dataclass
from typing import Any

from app.recalls import LiveRecall
from app.search.presenters import percent
from indexer.search import SearchService
from indexer.text import readable
from indexer.types import Rejection
from models.types import Fingerprint

Fact = tuple[str, str]


@dataclass(frozen=True)
class Summary:
    """An index in one line: its name, its counts, its kind ("" if unusable), what is wrong."""

    name: str
    images: int
    rejected: int
    kind: str
    created: str
    problem: str


@dataclass(frozen=True)
class Class:
    """A class of images: its name, how many there are, and its bar's length in percent."""

    name: str
    count: int
    percent: str


@dataclass(frozen=True)
class RejectedFile:
    """A file that was left out, and why."""

    path: str
    reason: str
    detail: str


@dataclass(frozen=True)
class RejectedPage:
    """One page of the files that were left out.

    Attributes:
        files: those of this page.
        reasons: each reason with its number of files.
        reason: the one that is shown, or "".
        page, pages: from 1; a page past the last has no files.
        total: files of this reason, or of all.
    """

    files: list[RejectedFile]
    reasons: list[tuple[str, int]]
    reason: str
    page: int
    pages: int
    total: int


def summary(service: SearchService) -> Summary:
    """Return an index in one line."""
    info = service.manifest
    return Summary(
        name=info.name,
        images=info.images,
        rejected=info.rejected,
        kind=info.kind,
        created=info.created[:16].replace("T", " "),
        problem="The newest build of this index is damaged; the one before it serves."
        if service.problem
        else "",
    )


def unusable(name: str) -> Summary:
    """Return, in the same form, an index that cannot be opened."""
    return Summary(name, 0, 0, "", "", "This index cannot be opened: see the server's log.")


def facts(service: SearchService) -> list[Fact]:
    """Return how an index was built."""
    info = service.manifest
    rows = [
        ("kind", info.kind),
        ("metric", info.metric),
        *((name, _plain(value)) for name, value in info.parameters.items() if value is not None),
        ("visited", f"{info.visited_share:.1%} of the images, in the mean"),
        ("distractors", f"{info.distractors:,}"),
        ("size", f"{info.bytes / 2**20:,.1f} MB"),
        ("built", f"{info.created[:16].replace('T', ' ')} UTC"),
        ("in", f"{sum(stage.seconds for stage in info.stages):,.1f} s"),
    ]
    return rows


def live_recall(live: LiveRecall | None) -> str:
    """Say what the searches of late have found."""
    if live is None:
        return "None of the searches of late has been checked yet."
    searches = "search was" if live.queries == 1 else "searches were"
    return (
        f"The last {live.queries:,} {searches} checked exactly behind the answer: they found "
        f"{percent(live.recall)} of the true nearest images "
        f"(95 % interval {percent(live.low)} to {percent(live.high)})."
    )


def encoder(service: SearchService) -> list[Fact]:
    """Return the fingerprint of the network that made an index's features."""
    print_ = service.manifest.fingerprint
    return [
        ("network", print_.network),
        ("layer", print_.layer),
        ("pooling", print_.pooling),
        *([("head", print_.head)] if print_.head else []),
        ("input", f"{print_.size} x {print_.size} pixels{_seen(print_)}"),
        ("feature", f"{print_.dim:,} numbers, stored as {service.manifest.store_as}"),
        ("preprocessing", print_.preprocessing),
        ("precision", print_.precision),
        ("weights", f"sha256 {print_.weights_sha256[:16]}…"),
        ("fingerprint", print_.digest),
    ]


def _seen(print_: Fingerprint) -> str:
    return " of the largest face" if print_.crop else ""


def classes(service: SearchService) -> list[Class]:
    """Return the classes of an index, as they come from its catalog."""
    counts = service.catalog.labels()
    most = max((entry.count for entry in counts), default=1)
    return [
        Class(readable(entry.name or "no class"), entry.count, f"{100 * entry.count / most:.1f}")
        for entry in counts
    ]


def rejected(
    service: SearchService, offset: int, limit: int, reason: str | None, page: int
) -> RejectedPage:
    """Return a page of the files that an index left out."""
    reasons = [(entry.name or "", entry.count) for entry in service.catalog.reasons()]
    total = sum(count for name, count in reasons if reason in (None, name))
    files = service.catalog.rejections(offset, limit, reason)
    return RejectedPage(
        files=[_file(item) for item in files],
        reasons=reasons,
        reason=reason or "",
        page=page,
        pages=max(1, -(-total // limit)),
        total=total,
    )


def _file(item: Rejection) -> RejectedFile:
    return RejectedFile(readable(item.path), item.reason, readable(item.detail))


def _plain(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else readable(str(value))
