"""What the pages on a gallery's pictures consist of: plain values, and addresses."""

from dataclasses import dataclass

from app.search.presenters import Thumbnail


@dataclass(frozen=True)
class Pages:
    """Where a page stands among all, and the addresses of others, "" where there is none.

    Attributes:
        start, end: its first and last entry, from 1; 0 where it has none.
        total: entries in all.
    """

    start: int
    end: int
    total: int
    first: str
    previous: str
    next: str
    last: str


@dataclass(frozen=True)
class Picture:
    """An indexed picture: what is known of its file, and its addresses.

    Attributes:
        id: within the generation that answers.
        path, label: as text that is valid everywhere; "" of no class.
        width, height: of the upright picture, in pixels.
        bytes: of the file.
        changed: when the file was changed last, as ISO 8601 in UTC.
        page: the address of its page.
        shown: its renderings, and where more like it is found.
    """

    id: int
    path: str
    label: str
    width: int
    height: int
    bytes: int
    format: str
    changed: str
    page: str
    shown: Thumbnail


@dataclass(frozen=True)
class Option:
    """Something to choose: its words, its address, and whether it is chosen."""

    text: str
    address: str
    is_chosen: bool


@dataclass(frozen=True)
class ClassOption:
    """A class to choose: its name, its images, whether it is chosen, the address of it alone."""

    name: str
    count: int
    is_chosen: bool
    address: str


@dataclass(frozen=True)
class ClassList:
    """The classes that a page offers.

    Attributes:
        options: those listed, the chosen ones first where not all are listed.
        total: of the gallery.
        find: the text that was searched for among them, or "".
        matching: how many have it in their name.
        is_whole: whether all are listed.
    """

    options: list[ClassOption]
    total: int
    find: str
    matching: int
    is_whole: bool


@dataclass(frozen=True)
class Wall:
    """A page of pictures; `standing` says which of them they are."""

    index: str
    standing: str
    pictures: list[Picture]
    pages: Pages
    chosen: list[str]
    classes: ClassList
    sorts: list[Option]
    shows: list[Option]
    everything: str


@dataclass(frozen=True)
class Close:
    """One picture, large, and its neighbours in the look that led to it.

    Attributes:
        width, height: of its large rendering, in pixels.
        place: in the look, from 1; 0 where it is not among what is looked at.
        total: pictures of the look.
        previous, next: addresses of its neighbours, or "".
        back: the page of the look on which it hangs.
        all: what that is called.
        standing: which picture of the look it is, in words.
        of_class: the address of all pictures of its class.
        alike: the pictures most like it, of all classes.
    """

    index: str
    picture: Picture
    width: int
    height: int
    place: int
    total: int
    previous: str
    next: str
    back: str
    all: str
    standing: str
    of_class: str
    alike: list[Picture]
