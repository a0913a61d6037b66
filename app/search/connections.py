"""Connections that go to the very addresses that were checked, and can be cut at any moment."""

import socket
from collections.abc import Sequence
from time import monotonic
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

LEAST_SECONDS = 0.001  # a timeout of 0 would mean not to wait at all


class Checked:
    """What both kinds of connection have in common.

    Attributes:
        checked: where to connect to, as getaddrinfo gives it.
        deadline: of all attempts together, on the monotonic clock.
    """

    checked: Sequence[tuple[Any, ...]] = ()
    deadline: float = 0.0
    _twin: socket.socket | None = None
    _is_cut: bool = False

    def _new_conn(self) -> socket.socket:
        """Connect to the first of the addresses that answers."""
        failure: OSError = OSError("there is no address")
        for family, kind, protocol, _, place in self.checked:
            connected = socket.socket(family, kind, protocol)
            try:
                connected.settimeout(max(LEAST_SECONDS, self.deadline - monotonic()))
                connected.connect(place)
            except OSError as error:
                connected.close()
                failure = error
            else:
                # A second handle, by which the connection can be cut while TLS has the first.
                self._twin = connected.dup()
                if not self._is_cut:
                    return connected
                connected.close()
                raise OSError("there is no time left")
        raise failure

    def cut(self) -> None:
        """End what is under way, from another thread, and let nothing begin any more."""
        self._is_cut = True
        if self._twin is not None:
            try:
                self._twin.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def release(self) -> None:
        """Close the second handle; the first belongs to the answer while that is read."""
        if self._twin is not None:
            self._twin.close()


class CheckedHTTP(Checked, HTTPConnection):
    """A connection of http, to an address that was checked."""


class CheckedHTTPS(Checked, HTTPSConnection):
    """A connection of https, to an address that was checked; the certificate is for the name."""


Connection = CheckedHTTP | CheckedHTTPS
