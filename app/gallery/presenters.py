"""Turns what is known of an index into what its page shows."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import url_for

from app import figures
from app.api.schemas import galleries
from app.facts import Fact, data
from app.figures import number, when
from app.gallery.frontiers import Frontier
from app.gallery.looks import SHOWN
from app.gallery.meanings import MEANINGS
from app.gallery.numbering import standing_of_files
from app.gallery.parts import Pages
from app.gallery.reasons import reason_words
from app.gallery.walls import pages_of, wall_address
from app.recalls import LiveRecall
from app.search.presenters import percent
from app.words import _, ngettext
from indexer.browsing.listing import Page
from indexer.search import SearchService
from indexer.text import readable
from indexer.types import Rejection
from models.types import Fingerprint


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
    """A class of images.

    Attributes:
        name: in words.
        label: the same as addresses have it; None of the images without one.
        count: its images.
        percent: its bar's length.
        address: of its pictures.
    """

    name: str
    label: str | None
    count: int
    percent: str
    address: str


@dataclass(frozen=True)
class Reason:
    """A reason for which files were left out: how many, and the address of their list."""

    text: str
    count: int
    address: str

    @property
    def words(self) -> str:
        """Return the reason for people."""
        return reason_words(self.text)


@dataclass(frozen=True)
class RejectedFile:
    """A file that was left out, and why."""

    path: str
    reason: str
    detail: str

    @property
    def words(self) -> str:
        """Return the reason for people."""
        return reason_words(self.reason)


@dataclass(frozen=True)
class RejectedPage:
    """One page of the files that were left out.

    Attributes:
        index: the index's name.
        files: those of this page.
        reasons: each reason with its number of files, the commonest first.
        reason: the one that is shown, or "".
        pages: where this page stands.
        standing: the same in words.
        everything: the address of all of them, for whatever reason.
    """

    index: str
    files: list[RejectedFile]
    reasons: list[Reason]
    reason: str
    pages: Pages
    standing: str
    everything: str


@dataclass(frozen=True)
class IndexView:
    """What the page on an index shows.

    Attributes:
        index: it in one line.
        facts: how it was built.
        frontier: what was measured of its searches, or None.
        live: what the searches of late have found, or "".
        encoder: the network that made its features.
        classes: of its images.
        rejected: the first of the files that were left out.
    """

    index: Summary
    facts: list[Fact]
    frontier: Frontier | None
    live: str
    encoder: list[Fact]
    classes: list[Class]
    rejected: RejectedPage


def summary(service: SearchService) -> Summary:
    """Return an index in one line."""
    info = service.manifest
    return Summary(
        name=info.name,
        images=info.images,
        rejected=info.rejected,
        kind=info.kind,
        created=info.created,
        problem=galleries.brief_of(service).problem or "",
    )


def unusable(name: str) -> Summary:
    """Return, in the same form, an index that cannot be opened."""
    return Summary(name, 0, 0, "", "", galleries.unusable(name).problem or "")


def facts(service: SearchService) -> list[Fact]:
    """Return how an index was built."""
    info = service.manifest
    visited = figures.percent(100 * info.visited_share, ".1f")
    return [
        data(_("kind"), info.kind),
        data(_("metric"), info.metric),
        *(
            Fact(name, _plain(value), True, True, str(MEANINGS.get(name, "")))
            for name, value in info.parameters.items()
            if value is not None
        ),
        Fact(_("visited"), _("%(share)s of the pictures, in the mean", share=visited)),
        Fact(_("distractors"), number(info.distractors)),
        Fact(_("size"), f"{number(info.bytes / 2**20, ',.1f')} MB"),
        Fact(_("built"), when(info.created)),
        Fact(_("in"), f"{number(sum(stage.seconds for stage in info.stages), ',.1f')} s"),
    ]


def live_recall(live: LiveRecall | None) -> str:
    """Say what the searches of late have found."""
    if live is None:
        return _("None of the searches of late has been checked yet.")
    return ngettext(
        "The last %(count)s search was checked exactly behind the answer: they found %(share)s "
        "of the true nearest pictures (%(sure)s interval %(low)s to %(high)s).",
        "The last %(count)s searches were checked exactly behind the answer: they found %(share)s "
        "of the true nearest pictures (%(sure)s interval %(low)s to %(high)s).",
        live.queries,
        share=percent(live.recall),
        sure=percent(0.95),
        low=percent(live.low),
        high=percent(live.high),
    )


def encoder(service: SearchService) -> list[Fact]:
    """Return the fingerprint of the network that made an index's features."""
    print_ = service.manifest.fingerprint
    return [
        data(_("network"), print_.network),
        data(_("layer"), print_.layer),
        data(_("pooling"), print_.pooling),
        *([data(_("head"), print_.head)] if print_.head else []),
        Fact(_("input"), _seen(print_)),
        Fact(
            _("feature"),
            ngettext(
                "%(count)s number, stored as %(type)s",
                "%(count)s numbers, stored as %(type)s",
                print_.dim,
                type=service.manifest.store_as,
            ),
            is_data=True,
        ),
        data(_("preprocessing"), print_.preprocessing),
        data(_("precision"), print_.precision),
        data(_("weights"), f"sha256 {print_.weights_sha256[:16]}…"),
        data(_("fingerprint"), print_.digest),
    ]


def _seen(print_: Fingerprint) -> str:
    if print_.crop:
        return _("%(side)s x %(side)s pixels of the largest face", side=print_.size)
    return _("%(side)s x %(side)s pixels", side=print_.size)


def classes(service: SearchService) -> list[Class]:
    """Return the classes of an index."""
    found = service.catalog.classes.all
    most = max((each.count for each in found), default=1)
    return [
        Class(
            name=each.name or _("no class"),
            label=each.name or None,
            count=each.count,
            percent=f"{100 * each.count / most:.1f}",
            address=wall_address(service.name, {"class": each.name}),
        )
        for each in found
    ]


def rejected_page(
    service: SearchService, reason: str | None, page: Page, size: int
) -> RejectedPage:
    """Return a page of the files that an index left out.

    Args:
        service: the index.
        reason: that of these files, or None for all.
        page: of their listing.
        size: how many files a page has.
    """

    def address(reason: str | None, **where: Any) -> str:
        return url_for(
            "browsing.rejected",
            index=service.name,
            reason=reason,
            show=None if size == SHOWN else size,
            **where,
        )

    pages = pages_of(page, partial(address, reason))
    return RejectedPage(
        index=service.name,
        files=[_file(item) for item in service.catalog.rejected_files(page.ids)],
        reasons=[
            Reason(entry.name or "", entry.count, address(entry.name))
            for entry in service.catalog.reasons()
        ],
        reason=reason or "",
        pages=pages,
        standing=standing_of_files(pages),
        everything=address(None),
    )


def _file(item: Rejection) -> RejectedFile:
    return RejectedFile(readable(item.path), item.reason, readable(item.detail))


def _plain(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else readable(str(value))
