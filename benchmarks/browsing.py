"""How long the pages of a gallery take to put together, at a million pictures.

    python -m benchmarks.browsing [--images 1000000] [--classes 200] [--rounds 50] [--json FILE]
                                  [--folder DIR]

A catalog is generated: classes of very different sizes, and times of change of which a third is
the same. Then pages of 100 pictures are asked for, each with how far it is and what is known of its
pictures; and one picture, with its place and its neighbours. Pages are looked at at random places,
so that most of what is read was not read just before. The classes are counted once, as they are
once in each process that serves.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from indexer.browsing.classes import Class
from indexer.browsing.listing import Listing, Page
from indexer.catalog import Catalog, Sort
from indexer.cataloguing.writing import write_catalog
from indexer.types import ImageRecord

SIZE = 100  # pictures of a page
SAME = 10**18  # the time of change that many have, in nanoseconds


@dataclass(frozen=True)
class Timed:
    """How long one kind of page took, in milliseconds.

    Attributes:
        name: of the kind.
        half: of the pages were quicker.
        most: 95 of 100 were quicker.
    """

    name: str
    half: float
    most: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line for each kind of page."""
    asked = _arguments(arguments)
    with tempfile.TemporaryDirectory(prefix="likeness-benchmark-", dir=asked.folder) as name:
        path = Path(name, "catalog.sqlite")
        records = _records(asked.images, asked.classes)
        started = time.perf_counter()
        write_catalog(path, records, [], [Path("/gallery")])
        seconds = time.perf_counter() - started
        size = path.stat().st_size / 1e6
        print(f"{asked.images:,} pictures: {size:,.0f} MB, written in {seconds:.1f} s", flush=True)
        catalog = Catalog(path)
        found = [_counted(catalog), *_measure(catalog, records, asked.rounds)]
        catalog.close()
    print(f"{'':32}{'p50 ms':>9}{'p95 ms':>9}")
    print("\n".join(f"{each.name:32}{each.half:>9.2f}{each.most:>9.2f}" for each in found))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(each) for each in found], indent=2) + "\n")


def _records(images: int, classes: int) -> list[ImageRecord]:
    """Make up pictures, ordered by their paths as a scan orders them."""
    draw = random.Random(0)
    labels = sorted(int(classes * draw.random() ** 3) for _ in range(images))
    return [
        ImageRecord(
            root=0,
            path=f"class {label:05}/picture {number:09}.jpg",
            label=f"class {label:05}",
            sha256=f"{draw.getrandbits(256):064x}",
            bytes=draw.randrange(10**4, 10**7),
            mtime_ns=SAME + (number % 3 > 0) * draw.getrandbits(50),
            width=draw.randrange(100, 6000),
            height=draw.randrange(100, 6000),
            format="JPEG",
        )
        for number, label in enumerate(labels)
    ]


def _counted(catalog: Catalog) -> Timed:
    """Count the classes, as the first page does."""
    started = time.perf_counter()
    _ = catalog.classes
    spent = (time.perf_counter() - started) * 1e3
    return Timed("classes, counted once", spent, spent)


def _measure(catalog: Catalog, records: Sequence[ImageRecord], rounds: int) -> Iterator[Timed]:
    draw = random.Random(1)
    by_count = catalog.classes.largest(catalog.count)
    frequent, rare, many = by_count[0], by_count[-1], by_count[:50]
    looks: tuple[tuple[str, Sequence[Class], Sort], ...] = (
        ("all", (), "path"),
        ("newest", (), "newest"),
        ("frequent class", (frequent,), "path"),
        ("frequent, newest", (frequent,), "newest"),
        ("rare class", (rare,), "path"),
        (f"{len(many)} classes, newest", many, "newest"),
    )
    for name, classes, sort in looks:
        labels = [label for each in classes for label in each.labels]
        listing = catalog.pictures(labels or None, sort)
        wanted = set(labels)
        members = [n for n, each in enumerate(records) if not wanted or each.label in wanted]
        at = partial(draw.choice, members)
        pages: dict[str, Callable[[Listing, int], Page]] = {
            "first page": lambda listing, _: listing.page(SIZE),
            "a page": lambda listing, number: listing.page(SIZE, after=number),
            "last page": lambda listing, _: listing.last(SIZE),
        }
        for kind, page in pages.items():
            work = partial(_page, catalog, listing, page)
            yield _timed(f"{name}: {kind}", work, at, rounds)
        yield _timed(f"{name}: one picture", partial(_picture, catalog, listing), at, rounds)


def _page(
    catalog: Catalog, listing: Listing, page: Callable[[Listing, int], Page], number: int
) -> None:
    catalog.images(page(listing, number).ids)


def _picture(catalog: Catalog, listing: Listing, number: int) -> None:
    """Do what the page of one picture does."""
    beside = [n for n in listing.beside(number) if n is not None]
    catalog.images([number, *beside])
    listing.start_of(number, SIZE)


def _timed(name: str, work: Callable[[int], None], at: Callable[[], int], rounds: int) -> Timed:
    times = []
    for _ in range(rounds):
        number = at()
        started = time.perf_counter()
        work(number)
        times.append((time.perf_counter() - started) * 1e3)
    return Timed(name, float(np.percentile(times, 50)), float(np.percentile(times, 95)))


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browsing")
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--classes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=50, help="pages of each kind")
    parser.add_argument("--json", type=Path, metavar="FILE", help="everything that was measured")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="for the catalog")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
