"""Addresses of which a page has hundreds, and that differ in one picture alone: made only once.

Flask takes some 50 microseconds for an address, and a page of 100 hits has 600 of them.
"""

from collections.abc import Callable
from typing import Any

from flask import url_for

from app.search.marks import Mark

ANY_ID = 2**31 - 1
"""Stands for a picture's id; the largest that addresses take."""

ANY = Mark(ANY_ID, "X" * 12)
"""Stands for a picture's mark; neither a real one nor the name of an index has capital letters."""


def of_images(endpoint: str, **values: Any) -> Callable[[int, str], str]:
    """Return what gives the address of a page, or a file, of an image.

    Args:
        endpoint: its view, which takes `image_id`.
        values: all others that the address has.

    Returns:
        takes the image's id and its content, which ends the address.
    """
    path, _, query = url_for(endpoint, image_id=ANY_ID, **values).partition("?")
    before, _, after = path.rpartition(f"{ANY_ID}")
    after += f"?{query}&v=" if query else "?v="
    return lambda number, content: f"{before}{number}{after}{content}"


def of_marks(address: str) -> Callable[[Mark], str]:
    """Return what gives an address in which images are named by their marks.

    Args:
        address: with ANY in place of a mark, in its path or as the last one of its parameters.
    """
    path, question, query = address.partition("?")
    if f"{ANY}" in path:
        before, _, after = path.rpartition(f"{ANY}")
        after += question + query
    else:
        before, _, after = address.rpartition(f"{ANY}")
    return lambda mark: f"{before}{mark}{after}"
