"""The JSON twins of the pages on a gallery: the same facts, for programs."""

from dataclasses import asdict, dataclass

from app.api.schemas.galleries import Index, ReasonCount, index_of
from app.gallery.frontiers import Row
from app.gallery.looks import Look
from app.gallery.parts import Close, Pages, Picture, Wall
from app.gallery.presenters import IndexView, RejectedFile, RejectedPage
from indexer.catalog import Sort
from indexer.search import SearchService


@dataclass(frozen=True)
class PageLinks:
    """Addresses of other pages; null where there is none."""

    first: str | None
    previous: str | None
    next: str | None
    last: str | None


@dataclass(frozen=True)
class Listed:
    """A page of a list.

    Attributes:
        index: name of the index.
        start, end: first and last entry of the page, from 1; 0 where it has none.
        total: entries in all.
        links: other pages.
    """

    index: str
    start: int
    end: int
    total: int
    links: PageLinks


@dataclass(frozen=True)
class GalleryPicture:
    """An indexed picture.

    Attributes:
        id: within the generation that answers.
        path: of its file, relative to the gallery.
        label: its class, or null.
        width, height: of the upright picture, in pixels.
        bytes: the file's size.
        format: as Pillow names it.
        changed: when the file was changed last, as ISO 8601 in UTC.
        page: address of its page.
        small, large: addresses of its renderings.
        similar: address of the search for its like.
    """

    id: int
    path: str
    label: str | None
    width: int
    height: int
    bytes: int
    format: str
    changed: str
    page: str
    small: str
    large: str
    similar: str


@dataclass(frozen=True)
class ClassLink:
    """A class: its name, null for none; how many images it has; the address of it alone."""

    name: str | None
    images: int
    page: str


@dataclass(frozen=True)
class GalleryPage(Listed):
    """A page of pictures.

    Attributes:
        pictures: on the page.
        sort: their order.
        show: pictures on a page.
        chosen: classes that are shown; none for all, null for those without one.
        classes: that the page offers.
        classes_in_all: of the gallery.
    """

    pictures: tuple[GalleryPicture, ...]
    sort: Sort
    show: int
    chosen: tuple[str | None, ...]
    classes: tuple[ClassLink, ...]
    classes_in_all: int


@dataclass(frozen=True)
class Neighbours:
    """Addresses of the pictures beside one, null where there is none, and of its page of all."""

    previous: str | None
    next: str | None
    wall: str


@dataclass(frozen=True)
class PicturePage(GalleryPicture):
    """One picture, in a list of pictures.

    Attributes:
        index: name of the index.
        place: in the list, from 1; null where it is not in it.
        total: pictures of the list.
        links: to others of the list.
        alike: the pictures most like it, of all classes; none where finding them would take long.
    """

    index: str
    place: int | None
    total: int
    links: Neighbours
    alike: tuple[GalleryPicture, ...]


@dataclass(frozen=True)
class RejectedFiles(Listed):
    """A page of the files that an index left out.

    Attributes:
        reason: that of these files; null for all.
        reasons: all there are.
        files: on the page.
    """

    reason: str | None
    reasons: tuple[ReasonCount, ...]
    files: tuple[RejectedFile, ...]


@dataclass(frozen=True)
class IndexPage:
    """What the page on an index tells.

    Attributes:
        index: what it is.
        facts: how it was built, in words.
        encoder: the network that made its features, in words.
        finds: what the searches of late have found, or null.
        tuning: what was wanted of its searches, and chosen; or null.
        efforts: that were measured.
        left_out: reasons for which files were, and how many.
    """

    index: Index
    facts: dict[str, str]
    encoder: dict[str, str]
    finds: str | None
    tuning: str | None
    efforts: tuple[Row, ...]
    left_out: tuple[ReasonCount, ...]


def gallery_page(wall: Wall, look: Look) -> GalleryPage:
    """Return a page of pictures; the classes are those that the page offers."""
    return GalleryPage(
        **vars(_listed(wall.index, wall.pages)),
        pictures=tuple(_picture(each) for each in wall.pictures),
        sort=look.sort,
        show=look.show,
        chosen=tuple(each.name or None for each in look.classes),
        classes=tuple(
            ClassLink(each.name or None, each.count, each.address) for each in wall.classes.options
        ),
        classes_in_all=wall.classes.total,
    )


def picture_page(close: Close) -> PicturePage:
    """Return one picture with its neighbours."""
    return PicturePage(
        **asdict(_picture(close.picture)),
        index=close.index,
        place=close.place or None,
        total=close.total,
        links=Neighbours(close.previous or None, close.next or None, close.back),
        alike=tuple(_picture(each) for each in close.alike),
    )


def rejected_files(rejected: RejectedPage) -> RejectedFiles:
    """Return a page of the files that were left out."""
    return RejectedFiles(
        **vars(_listed(rejected.index, rejected.pages)),
        reason=rejected.reason or None,
        reasons=_reasons(rejected),
        files=tuple(rejected.files),
    )


def index_page(service: SearchService, view: IndexView) -> IndexPage:
    """Return what is known of an index."""
    frontier = view.frontier
    return IndexPage(
        index=index_of(service),
        facts={fact.name: fact.value for fact in view.facts},
        encoder={fact.name: fact.value for fact in view.encoder},
        finds=view.live or None,
        tuning=frontier.sentence if frontier else None,
        efforts=tuple(frontier.rows) if frontier else (),
        left_out=_reasons(view.rejected),
    )


def _picture(picture: Picture) -> GalleryPicture:
    known = {name: value for name, value in vars(picture).items() if name != "shown"}
    shown = picture.shown
    return GalleryPicture(
        **known | {"label": picture.label or None},
        small=shown.small,
        large=shown.large,
        similar=shown.more,
    )


def _reasons(rejected: RejectedPage) -> tuple[ReasonCount, ...]:
    return tuple(ReasonCount(each.text, each.count) for each in rejected.reasons)


def _listed(index: str, pages: Pages) -> Listed:
    links = PageLinks(
        pages.first or None, pages.previous or None, pages.next or None, pages.last or None
    )
    return Listed(index, pages.start, pages.end, pages.total, links)
