"""Paging through a catalog: always what sorting everything would give, whatever it holds."""

import random
import sqlite3
from pathlib import Path

import pytest

from indexer.browsing.classes import Classes
from indexer.browsing.listing import Listing
from indexer.browsing.orders import BY_CHANGE, BY_PATH
from indexer.catalog import Catalog
from indexer.cataloguing.writing import write_catalog
from indexer.errors import BadQuery, UnknownClass
from indexer.types import ImageRecord, Rejection

COUNT = 1500
SOME = [None, ["frequent"], ["rare"], [None], ["caf\udce9", None, "frequent"]]
SORTS = ["path", "newest", "oldest"]


def drawn(number):
    draw = random.Random(number)
    # Two thirds have one class, and as many one time of change.
    label = draw.choice(["frequent"] * 8 + ["b", "caf\udce9", None, "c"])
    changed = draw.choice([5, 5, 5, draw.randrange(10**18)])
    return ImageRecord(
        root=0, path=f"{number:05}.jpg", label="rare" if number in (7, 900) else label,
        sha256=f"{number:064x}", bytes=1, mtime_ns=changed, width=3, height=4, format="JPEG",
    )  # fmt: skip


RECORDS = [drawn(number) for number in range(COUNT)]
REJECTED = [
    Rejection(0, f"{n}.txt", "not an image" if n % 3 else "empty", "why") for n in range(700)
]


@pytest.fixture(scope="module", params=["new", "of before"])
def catalog(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("catalog") / "catalog.sqlite"
    write_catalog(path, RECORDS, REJECTED, [Path("/gallery")])
    if request.param == "of before":
        with sqlite3.connect(path) as database:
            database.execute("DROP TABLE milestones")
            database.execute("DROP INDEX images_changed")
            database.execute("DROP INDEX images_label_changed")
        database.close()
    opened = Catalog(path)
    yield opened
    opened.close()


def sorted_all(labels, sort):
    """Return the ids of a listing, by sorting all of them."""
    ids = [n for n in range(COUNT) if labels is None or RECORDS[n].label in labels]
    if sort == "path":
        return ids
    return sorted(ids, key=lambda n: (RECORDS[n].mtime_ns, n), reverse=sort == "newest")


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("labels", SOME)
def test_pages_that_follow_each_other_give_everything_once(catalog, labels, sort):
    listing, expected = catalog.pictures(labels, sort), sorted_all(labels, sort)
    found, page = [], listing.page(97)
    while page.ids:
        assert page.first == len(found)
        found += page.ids
        page = listing.page(97, after=found[-1])
    assert found == expected
    assert (listing.total, page.first) == (len(expected), len(expected))


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("labels", SOME)
def test_pages_lead_back_from_the_last_to_the_first(catalog, labels, sort):
    listing, expected = catalog.pictures(labels, sort), sorted_all(labels, sort)
    page = listing.last(97)
    assert page.ends
    found = list(page.ids)
    while not page.starts:
        page = listing.page(97, before=page.ids[0])
        assert page.first == len(expected) - len(found) - len(page.ids)
        found = [*page.ids, *found]
    assert found == expected


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("labels", SOME)
def test_an_entry_knows_its_place_its_neighbours_and_its_page(catalog, labels, sort):
    listing, expected = catalog.pictures(labels, sort), sorted_all(labels, sort)
    for place in {0, 1, len(expected) // 2, len(expected) - 1} & set(range(len(expected))):
        number = expected[place]
        assert listing.place(number) == place
        beside = (expected[place - 1 : place] or [None]) + (expected[place + 1 :] or [None])
        assert listing.beside(number) == tuple(beside[:2])
        found, start = listing.start_of(number, 10)
        assert found == place
        assert number in listing.page(10, after=start).ids
        assert listing.page(10, after=start).first == place // 10 * 10


def test_a_page_may_follow_a_picture_of_another_class(catalog):
    expected = [n for n in sorted_all(["rare"], "path") if n > 100]
    page = catalog.pictures(["rare"]).page(10, after=100)
    assert (list(page.ids), page.first) == (expected, 1)


def test_before_a_page_that_is_no_full_one_stands_the_first(catalog):
    page = catalog.pictures().page(50, before=20)
    assert (page.first, len(page.ids)) == (0, 50)


@pytest.mark.parametrize("number", [-1, COUNT, 2**70])
@pytest.mark.parametrize("sort", SORTS)
def test_an_id_that_is_not_there_is_named(catalog, number, sort):
    with pytest.raises(BadQuery, match=f"from 0 to {COUNT - 1}. Received: {number}"):
        catalog.pictures(None, sort).page(10, after=number)


@pytest.mark.parametrize("reason", [None, "empty", "not an image", "unheard of"])
def test_rejected_files_are_paged_like_pictures(catalog, reason):
    expected = [n for n, item in enumerate(REJECTED) if reason in (None, item.reason)]
    listing = catalog.files(reason)
    page = listing.page(100, after=350)
    assert list(page.ids) == [n for n in expected if n > 350][:100]
    assert page.first == sum(n <= 350 for n in expected)
    assert listing.total == len(expected)
    files = catalog.rejected_files(page.ids)
    assert [item.path for item in files] == [f"{n}.txt" for n in page.ids]


@pytest.mark.parametrize("order", [BY_PATH, BY_CHANGE])
@pytest.mark.parametrize("parts", [[b"frequent"], [b"rare", None, b"b"]])
def test_a_page_is_found_by_indexes_alone(tmp_path, parts, order):
    write_catalog(tmp_path / "catalog.sqlite", RECORDS, REJECTED, [Path("/gallery")])
    database = sqlite3.connect(tmp_path / "catalog.sqlite")
    plans = []

    def rows(query, values):
        plans.extend(row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {query}", values))
        return database.execute(query, values).fetchall()

    listing = Listing(rows, order, parts, entries=COUNT, total=500)
    middle = listing.page(10).ids[-1]
    listing.page(10, after=middle)
    listing.beside(middle)
    listing.last(10)
    database.close()
    assert plans
    assert not [plan for plan in plans if "SCAN images" in plan or "B-TREE" in plan]


def test_classes_are_found_by_names_that_can_be_shown():
    classes = Classes([("b", 2), ("caf\udce9", 3), ("caf\\xe9", 4), (None, 9), ("", 1)])
    assert [each.name for each in classes.all] == ["b", "caf\\xe9", ""]
    assert classes.named("caf\\xe9").labels == ("caf\udce9", "caf\\xe9")
    assert [each.count for each in classes.largest(2)] == [10, 7]
    assert [each.name for each in classes.matching("CAF")] == ["caf\\xe9"]
    with pytest.raises(UnknownClass, match="'caf'"):
        classes.named("caf")
