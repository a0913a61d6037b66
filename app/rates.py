"""Counts the searches of each address in the database, for all workers together."""

import ipaddress

from sqlalchemy import delete

from app.database import Database, insert_into
from app.schema import rates
from app.words import ngettext
from models.errors import LikenessError

WINDOW_SECONDS = 60


class TooManySearches(LikenessError):
    """More searches from one address than are allowed in a minute.

    Attributes:
        retry_after: seconds until the next search is answered.
    """

    def __init__(self, message: str, retry_after: int) -> None:
        """Keep the seconds beside the message."""
        super().__init__(message)
        self.retry_after = retry_after


class RateLimit:
    """Counts searches per address in fixed windows of a minute.

    Args:
        database: where all workers count.
        most: searches allowed in a window; 0: no limit.
    """

    def __init__(self, database: Database, most: int) -> None:
        self.database = database
        self.most = most

    def count(self, address: str, now: float) -> None:
        """Count one search of an address at the time `now`, in seconds since 1970.

        Raises:
            TooManySearches: if it was one too many.
            DatabaseDown: if it cannot be counted.
        """
        if not self.most:
            return
        window = int(now // WINDOW_SECONDS)
        if self._add(network_of(address), window) > self.most:
            wait = int((window + 1) * WINDOW_SECONDS - now) + 1
            raise TooManySearches(
                ngettext(
                    "More than %(most)s searches in a minute came from your address. "
                    "Please try again in %(count)s second.",
                    "More than %(most)s searches in a minute came from your address. "
                    "Please try again in %(count)s seconds.",
                    wait,
                    most=self.most,
                ),
                wait,
            )

    def _add(self, address: str, window: int) -> int:
        with self.database.begin() as connection:
            statement = (
                insert_into(connection, rates)
                .values(address=address, minute=window, searches=1)
                .on_conflict_do_update(
                    index_elements=["address", "minute"], set_={"searches": rates.c.searches + 1}
                )
                .returning(rates.c.searches)
            )
            searches: int = connection.execute(statement).scalar_one()
            if searches == 1:
                connection.execute(delete(rates).where(rates.c.minute < window - 1))
        return searches


def network_of(address: str) -> str:
    """Return what is counted as one client: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))
