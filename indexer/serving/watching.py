"""Looks after something every so often, from a thread that ends with what it looks after."""

import logging
import os
from collections.abc import Callable
from threading import Event, Lock, Thread
from weakref import WeakMethod

logger = logging.getLogger(__name__)

Look = Callable[[], None]


class Watcher:
    """Calls a method of its owner again and again, as long as that owner is in use.

    No thread survives a fork: each process that calls `start` has one of its own.
    """

    def __init__(self, look: Look, seconds: float) -> None:
        """Remember what to call, a bound method, and how long to rest in between."""
        self._look = WeakMethod(look)
        self._seconds = seconds
        self._lock = Lock()
        self._wake = Event()
        self._process = 0

    def start(self) -> None:
        """Begin to look, unless that was begun in this process."""
        if self._process == os.getpid():
            return
        with self._lock:
            if self._process == os.getpid():
                return
            self._wake = Event()  # one from before a fork may never answer again
            arguments = (self._look, self._wake, self._seconds)
            Thread(target=_watch, name="watcher", args=arguments, daemon=True).start()
            self._process = os.getpid()

    def hurry(self) -> None:
        """Have it look now."""
        self._wake.set()


def _watch(look: "WeakMethod[Look]", wake: Event, seconds: float) -> None:
    """Look until nobody else has the owner any more."""
    while True:
        wake.wait(seconds)
        wake.clear()
        method = look()
        if method is None:
            return
        try:
            method()
        except Exception:
            logger.exception("%s failed", method)
        del method
