"""How much memory this process has taken for itself, as Linux's /proc tells it."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAUSE = 0.02
"""Seconds between two looks."""


def own_bytes() -> int:
    """Return the bytes of this process in memory that are not those of a mapped file."""
    found = re.search(r"^RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.M)
    return 1024 * int(found[1]) if found else 0


class Peak:
    """The most that was seen above what there was at first, in bytes."""

    def __init__(self) -> None:
        self.first = own_bytes()
        self.bytes = 0

    def see(self) -> None:
        """Look once."""
        self.bytes = max(self.bytes, own_bytes() - self.first)


@contextmanager
def peak() -> Iterator[Peak]:
    """Watch this process until the block ends."""
    seen, over = Peak(), threading.Event()

    def watch() -> None:
        while not over.wait(PAUSE):
            seen.see()

    thread = threading.Thread(target=watch, name="peak", daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        seen.see()
