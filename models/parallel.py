"""Works ahead of its consumer in threads, in order, within bounded memory."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def worker_count(workers: int) -> int:
    """Return the number of workers to use: the one asked for, or one for each usable core."""
    return workers if workers > 0 else len(os.sched_getaffinity(0))


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], *, workers: int, ahead: int
) -> Generator[Result, None, None]:
    """Yield the results of `work` in the order of the items.

    Args:
        work: runs in a thread; what it raises is raised here.
        items: consumed only as far as needed.
        workers: number of threads.
        ahead: how many results may wait at once; bounds the memory.
    """
    with ThreadPoolExecutor(workers, thread_name_prefix="ahead") as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
