"""How many pages of hits a worker remembers."""

from app.search.marks import Mark
from app.search.recent import PageKey, Place, RecentPages


def key(address: str, generation: str = "one") -> PageKey:
    """Return the key of a page."""
    return PageKey("sample", generation, address)


def places(count: int) -> tuple[Place, ...]:
    """Return the places on a page of some hits."""
    return tuple(Place(rank, Mark(rank, "0" * 12), (rank,)) for rank in range(1, count + 1))


def test_a_page_is_found_by_its_address_and_generation() -> None:
    pages = RecentPages()
    pages.keep(key("/a"), places(3))
    assert pages.find(key("/a")) == places(3)
    assert pages.find(key("/b")) is None
    assert pages.find(key("/a", "two")) is None


def test_the_pages_that_nobody_came_back_to_are_forgotten_first() -> None:
    pages = RecentPages(most=12)
    for address in ("/a", "/b", "/c"):
        pages.keep(key(address), places(3))
    pages.find(key("/a"))
    pages.keep(key("/d"), places(3))
    kept = [address for address in ("/a", "/b", "/c", "/d") if pages.find(key(address))]
    assert kept == ["/a", "/c", "/d"]


def test_a_page_that_comes_again_takes_the_place_of_itself() -> None:
    pages = RecentPages(most=8)
    pages.keep(key("/a"), places(3))
    for _ in range(5):
        pages.keep(key("/b"), places(3))
    assert pages.find(key("/a"))


def test_pages_without_hits_are_forgotten_too() -> None:
    pages = RecentPages(most=2)
    for address in ("/a", "/b", "/c"):
        pages.keep(key(address), ())
    assert pages.find(key("/a")) is None
    assert pages.find(key("/c")) == ()


def test_a_page_of_too_many_hits_is_not_kept() -> None:
    pages = RecentPages(most=3)
    pages.keep(key("/a"), places(3))
    assert pages.find(key("/a")) is None
    pages.keep(key("/b"), places(2))
    assert pages.find(key("/b"))
