"""Turns a look at a gallery into what its pages show: pictures, where one is, where to go on."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import url_for

from app.figures import number as written
from app.gallery.alike import alike
from app.gallery.looks import END, Look
from app.gallery.numbering import back_to, place_words, standing
from app.gallery.parts import ClassList, ClassOption, Close, Option, Pages, Picture, Wall
from app.search.patterns import of_images
from app.search.presenters import Thumbnails, content, fitted
from app.thumbnails import SIDES
from app.words import _, lazy
from indexer.browsing.classes import Class, Classes
from indexer.browsing.listing import Page
from indexer.catalog import Sort
from indexer.search import SearchService
from indexer.types import ImageRecord

MOST_LISTED = 30
"""Classes that a page lists; of more of them the largest, with a field to search in all."""

MOST_MATCHING = 100
"""Classes that a page lists of those whose name was searched for."""

SHOWS = (50, 100, 200, 500)
SORTS: dict[Sort, str] = {
    "path": lazy("by path"),
    "newest": lazy("newest first"),
    "oldest": lazy("oldest first"),
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def wall(service: SearchService, look: Look, page: Page, find: str) -> Wall:
    """Return a page of pictures.

    Args:
        service: the index.
        look: what of it is looked at.
        page: which page of that.
        find: a text to be found in the names of the classes that are offered, or "".
    """
    images, frames = service.catalog.images(page.ids), _Frames(service, look)
    pages = pages_of(page, lambda **where: _address(service, look, **where))
    return Wall(
        index=service.name,
        standing=standing(pages, look.names),
        pictures=[frames.picture(n, image) for n, image in zip(page.ids, images, strict=True)],
        pages=pages,
        chosen=[each or _("no class") for each in look.names],
        classes=_classes(service, look, find),
        sorts=[
            Option(str(text), _address(service, look.sorted_by(sort)), sort == look.sort)
            for sort, text in SORTS.items()
        ],
        shows=[
            Option(written(count), _address(service, look.showing(count)), count == look.show)
            for count in sorted({*SHOWS, look.show})
        ],
        everything=_address(service, look.of_classes()),
    )


def close(service: SearchService, look: Look, number: int) -> Close:
    """Return one picture with its neighbours, and with those most like it."""
    catalog = service.catalog
    image, listing = catalog.image(number), catalog.pictures(look.labels, look.sort)
    is_listed = look.labels is None or image.label in look.labels
    place, start = listing.start_of(number, look.show) if is_listed else (-1, None)
    frames = _Frames(service, look)
    before, after = (
        "" if n is None else frames.page(n, content(catalog.image(n)))
        for n in listing.beside(number)
    )
    picture = frames.picture(number, image)
    width, height = fitted(image.width, image.height, SIDES["large"])
    own = catalog.classes.named(picture.label)
    like = alike(service, number)
    everywhere = _Frames(service, look.of_classes())
    return Close(
        index=service.name,
        picture=picture,
        width=width,
        height=height,
        place=place + 1,
        total=listing.total,
        previous=before,
        next=after,
        back=_address(service, look, after=start, _anchor=f"p{number}"),
        all=back_to(look.names),
        standing=place_words(place + 1, listing.total, look.names),
        alike=[
            everywhere.picture(n, each) for n, each in zip(like, catalog.images(like), strict=True)
        ],
        of_class=_address(service, look.of_classes(own)) if len(catalog.classes.all) > 1 else "",
    )


def pages_of(page: Page, address: Callable[..., str]) -> Pages:
    """Return where a page stands, and where the others are.

    Args:
        page: of a listing.
        address: gives the address of the page that is `after` or `before` an entry, or the first.
    """
    count = len(page.ids)
    on = count and not page.ends
    back = not page.starts
    return Pages(
        start=page.first + 1 if count else 0,
        end=page.first + count if count else 0,
        total=page.total,
        first=address() if back else "",
        previous=address(before=page.ids[0] if count else END) if back else "",
        next=address(after=page.ids[-1]) if on else "",
        last=address(before=END) if on else "",
    )


def wall_address(index: str, parameters: dict[str, Any]) -> str:
    """Return the address of a page of pictures."""
    return url_for("browsing.wall", index=index, **parameters)


class _Frames:
    """Makes the pictures of one page."""

    def __init__(self, service: SearchService, look: Look) -> None:
        self._thumbnails = Thumbnails(service.name, {})
        self.page = of_images("browsing.picture", index=service.name, **look.parameters())

    def picture(self, number: int, image: ImageRecord) -> Picture:
        shown = self._thumbnails.of(number, image)
        return Picture(
            id=number,
            path=shown.path,
            label=shown.label,
            width=image.width,
            height=image.height,
            bytes=image.bytes,
            format=image.format,
            changed=_date(image.mtime_ns),
            page=self.page(number, content(image)),
            shown=shown,
        )


def _classes(service: SearchService, look: Look, find: str) -> ClassList:
    classes = service.catalog.classes
    matching = classes.matching(find) if find else list(classes.all)
    most = MOST_MATCHING if find else MOST_LISTED
    listed: Sequence[Class] = matching
    if len(matching) > most:
        listed = matching[:most] if find else classes.largest(most)
    if len(listed) < len(classes.all):
        chosen = list(look.classes)
        listed = [*chosen, *(each for each in listed if each not in chosen)]
    return ClassList(
        options=[
            ClassOption(
                name=each.name,
                count=each.count,
                is_chosen=each in look.classes,
                address=_address(service, look.of_classes(each)),
            )
            for each in listed
        ],
        total=len(classes.all),
        find=find,
        matching=len(matching),
        is_whole=_is_whole(classes),
    )


def _is_whole(classes: Classes) -> bool:
    return len(classes.all) <= MOST_LISTED


def _address(service: SearchService, look: Look, **where: Any) -> str:
    return wall_address(service.name, look.parameters() | where)


def _date(nanoseconds: int) -> str:
    return (EPOCH + timedelta(seconds=nanoseconds // 10**9)).isoformat(timespec="seconds")
