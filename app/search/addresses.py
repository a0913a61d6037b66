"""Reads the addresses of pictures, and refuses what is fetched from by no means."""

from collections.abc import Collection

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from app.search.networks import AddressRefused
from indexer.text import readable

PORTS = {"http": 80, "https": 443}
LONGEST = 2000
"""Characters that an address may have."""
SHOWN = 200
"""Characters of an address that a message repeats."""


def require_address(address: str, name: str, ports: Collection[int]) -> Url:
    """Return an address in its parts.

    Args:
        address: as it was given, or as a redirect names it.
        name: how messages call it.
        ports: that may be connected to.

    Raises:
        AddressRefused: it is none of http or https, or holds a password, or names another port.
    """
    try:
        url = parse_url(address) if len(address) <= LONGEST else None
    except LocationParseError:
        url = None
    if url is None or url.scheme not in PORTS or not url.host or not address.isprintable():
        raise AddressRefused(
            f"{name} is no address of http or https. Give one like https://example.org/picture.jpg"
        )
    if url.auth is not None:
        shown = readable(url._replace(auth=None).url[:SHOWN])
        raise AddressRefused(
            f"{shown} holds a user or password, which is not sent on. "
            "Give the address without, or send the picture."
        )
    if (url.port or PORTS[url.scheme]) not in ports:
        raise AddressRefused(
            f"{name} names a port that is not fetched from. Download the picture, and send it."
        )
    return url
