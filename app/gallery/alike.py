"""Finds the pictures that hang below one: those most like it."""

from indexer.search import SearchService

MOST = 12
"""Pictures that are shown; what is nearly the same picture is one."""

DEPTH = 4 * MOST
"""Hits among which pictures that differ are looked for."""

MOST_MEASURED = 50_000
"""Images of which all are measured to show the nearest: beyond them a page would wait for it."""


def alike(service: SearchService, number: int) -> list[int]:
    """Return the ids of the pictures most like one, best first.

    Args:
        service: the index.
        number: id of the picture, which is not among them.

    Returns:
        MOST at most; none where each of very many images would have to be measured.

    Raises:
        UnknownImage: there is no such id.
    """
    if service.always_exact and service.count > MOST_MEASURED:
        return []
    found = service.search_id(number, DEPTH, exclude_self=True)
    return [fold.first.id for fold in service.fold(found.hits, MOST)]
