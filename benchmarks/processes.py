"""Measures the memory of a process and of all that it started, as Linux's /proc tells it."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PAUSE = 0.1
"""Seconds between two looks at a running process."""


@dataclass(frozen=True)
class Memory:
    """Memory in bytes.

    Attributes:
        resident: all pages that are in memory, shared ones counted in each process.
        proportional: the same, shared ones parted among the processes that share them.
        private: pages that no other process has.
    """

    resident: int = 0
    proportional: int = 0
    private: int = 0

    def __add__(self, other: "Memory") -> "Memory":
        """Add two processes."""
        return Memory(
            self.resident + other.resident,
            self.proportional + other.proportional,
            self.private + other.private,
        )


class Peak:
    """The largest sum of proportional memory that was seen, in bytes."""

    def __init__(self) -> None:
        self.bytes = 0

    def see(self, pid: int) -> None:
        """Look at a process and its descendants once."""
        seen = sum((memory(each) for each in tree(pid)), Memory())
        self.bytes = max(self.bytes, seen.proportional)


def memory(pid: int) -> Memory:
    """Return the memory of one process; nothing where it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return Memory()
    sizes = {name: 1024 * int(size) for name, size in re.findall(r"^(\w+):\s+(\d+) kB", text, re.M)}
    private = sum(size for name, size in sizes.items() if name.startswith("Private_"))
    return Memory(sizes.get("Rss", 0), sizes.get("Pss", 0), private)


def children(pid: int) -> list[int]:
    """Return the processes that a process started, by whichever of its threads."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            continue  # that thread has just ended
    return sorted(found)


def tree(pid: int) -> Iterator[int]:
    """Yield a process and all its descendants."""
    yield pid
    for child in children(pid):
        yield from tree(child)


@contextmanager
def watched(pid: int) -> Iterator[Peak]:
    """Watch a process and its descendants for their peak until the block ends."""
    peak, over = Peak(), threading.Event()

    def watch() -> None:
        while not over.wait(PAUSE):
            peak.see(pid)

    thread = threading.Thread(target=watch, name="watch", daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()
