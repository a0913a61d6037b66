"""What a visitor of a large gallery looks at: of each kind of page many addresses."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from benchmarks.serving.clients import Client
from indexer.browsing.classes import Class
from indexer.catalog import Catalog
from indexer.opening import open_current
from indexer.types import ImageRecord

UPLOADS = 10
"""Queries whose pages are looked at."""

SEVERAL = 5
"""Classes that a search is narrowed to together."""

BOX = "0.1,0.2,0.7,0.9"

TWINS = (
    "gallery, a page",
    "one picture",
    "about the index",
    "upload, k=10",
    "upload, k=100",
    "similar, k=10",
)
"""Pages that are asked for as JSON, too."""

Address = Callable[[random.Random], str]
"""Draws an address of one kind of page."""


@dataclass(frozen=True)
class Visit:
    """A kind of page: its name, its addresses, and whether JSON is asked for."""

    name: str
    addresses: Sequence[str]
    as_json: bool = False


@dataclass(frozen=True)
class Known:
    """What is known of the gallery, so that addresses can be made up.

    Attributes:
        index: its name.
        pictures: ids, and records, of images that are there as files.
        count: of all images.
        classes: the largest first.
        marks: of images drawn at random, as addresses name them.
    """

    index: str
    pictures: Sequence[tuple[int, ImageRecord]]
    count: int
    classes: Sequence[Class]
    marks: Sequence[str]


def known_of(instance: Path, index: str, gallery: Path) -> Known:
    """Look up what the addresses need."""
    with closing(open_current(instance, index).catalog) as catalog:
        return Known(
            index=index,
            pictures=_files(catalog, gallery),
            count=catalog.count,
            classes=[each for each in catalog.classes.largest(catalog.count) if each.name],
            marks=[_mark(n, catalog.image(n)) for n in catalog.sample(100, seed=1)],
        )


def upload(client: Client, known: Known, gallery: Path) -> list[str]:
    """Upload some of the pictures; return the addresses of their result pages.

    Raises:
        SystemExit: one was refused.
    """
    client.visit()
    chosen = random.Random(2).sample(list(known.pictures), min(UPLOADS, len(known.pictures)))
    sent = [client.upload(gallery / record.path) for _, record in chosen]
    if any(not each.location for each in sent):
        raise SystemExit("The server took no upload.")
    return [each.location for each in sent]


def visits(known: Known, queries: Sequence[str], rounds: int) -> list[Visit]:
    """Return what is looked at, of each kind of page so many addresses."""

    def drawn(
        name: str, address: Callable[[random.Random], str], *, as_json: bool = False
    ) -> Visit:
        chance = random.Random(name)
        return Visit(name, [address(chance) for _ in range(rounds)], as_json)

    return [
        *(drawn(name, address) for name, address in _browsing(known)),
        *(drawn(name, address) for name, address in _searching(known, queries)),
        *(
            drawn(f"{name}, JSON", address, as_json=True)
            for name, address in (*_browsing(known), *_searching(known, queries))
            if name in TWINS
        ),
    ]


def _browsing(known: Known) -> Iterator[tuple[str, Address]]:
    frequent, rare = known.classes[0].name, known.classes[-1].name
    wall = f"/gallery/{known.index}"
    yield "home", lambda chance: f"/?look={chance.randrange(2**31)}"
    yield "gallery, first page", lambda _: wall
    yield "gallery, a page", lambda chance: f"{wall}?after={chance.randrange(known.count - 1)}"
    yield "gallery, last page", lambda _: f"{wall}?before=end"
    yield (
        "gallery, 500 a page",
        lambda chance: f"{wall}?show=500&after={chance.randrange(known.count - 1)}",
    )
    yield (
        "gallery, newest",
        lambda chance: f"{wall}?sort=newest&after={chance.randrange(known.count - 1)}",
    )
    yield "gallery, frequent class", lambda _: f"{wall}?{_of(frequent)}"
    yield "gallery, rare class", lambda _: f"{wall}?{_of(rare)}"
    yield "gallery, several classes", lambda chance: f"{wall}?{_of(*_several(known, chance))}"
    yield "one picture", lambda chance: f"{wall}/{chance.randrange(known.count)}"
    yield "files left out", lambda _: f"{wall}/rejected"
    yield "about the index", lambda _: f"/index/{known.index}"
    yield (
        "rendering of a picture",
        lambda chance: f"/images/{known.index}/{chance.choice(known.pictures)[0]}/small.jpg",
    )


def _searching(known: Known, queries: Sequence[str]) -> Iterator[tuple[str, Address]]:
    frequent, rare = known.classes[0].name, known.classes[-1].name

    def uploaded(parameters: str) -> Address:
        return lambda chance: f"{chance.choice(queries)}?{parameters}"

    def similar(parameters: str) -> Address:
        return lambda chance: _similar(known, chance.randrange(known.count), parameters)

    for k in (10, 100):
        yield f"upload, k={k}", uploaded(f"k={k}")
        yield f"upload, k={k}, not folded", uploaded(f"k={k}&fold=0")
    yield "upload, box", uploaded(f"k=10&box={BOX}")
    yield "upload, k=10, to be judged", uploaded("k=10&judge=1")
    yield "upload, k=100, to be judged", uploaded("k=100&judge=1")
    for k in (10, 100):
        yield f"similar, k={k}", similar(f"k={k}")
    yield "similar, page 5", similar("k=20&page=5")
    yield "similar, frequent class", similar(f"k=10&{_of(frequent)}")
    yield "similar, rare class", similar(f"k=10&{_of(rare)}")
    yield (
        "similar, several classes",
        lambda chance: _similar(
            known, chance.randrange(known.count), f"k=10&{_of(*_several(known, chance))}"
        ),
    )
    yield "similar, at least .5", similar("k=10&min=0.5")
    yield (
        "similar, box",
        lambda chance: _similar(known, chance.choice(known.pictures)[0], f"k=10&box={BOX}"),
    )
    yield (
        "similar, more and less",
        lambda chance: _similar(
            known,
            chance.randrange(known.count),
            "k=10&more={}&more={}&less={}".format(*chance.sample(list(known.marks), 3)),
        ),
    )
    yield "similar, exact", similar("k=10&exact=1")
    yield "similar, farthest", similar("k=10&order=farthest")
    yield (
        "why",
        lambda chance: f"{chance.choice(queries)}/why/{_mark(*chance.choice(known.pictures))}?k=10",
    )


def _similar(known: Known, number: int, parameters: str) -> str:
    return f"/similar/{known.index}/{number}?{parameters}"


def _several(known: Known, chance: random.Random) -> list[str]:
    names = [each.name for each in known.classes]
    return chance.sample(names, min(SEVERAL, len(names)))


def _of(*names: str) -> str:
    return urlencode([("class", name) for name in names], quote_via=quote)


def _files(catalog: Catalog, gallery: Path) -> list[tuple[int, ImageRecord]]:
    return [
        (number, record)
        for number, record in enumerate(catalog.all_images())
        if (gallery / record.path).is_file()
    ]


def _mark(number: int, record: ImageRecord) -> str:
    return f"{number}-{record.sha256[:12]}"
