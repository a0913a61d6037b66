"""Ctrl-C for commands that tests run in their own process, once these have got far enough."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def interrupted(curve: Path) -> Iterator[None]:
    """Interrupt this process, as Ctrl-C does, as soon as a training has drawn its curve."""
    ended = False

    def interrupt() -> None:
        while not curve.exists() and not ended:
            time.sleep(0.02)
        if not ended:
            os.kill(os.getpid(), signal.SIGINT)

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(interrupt)
        try:
            yield
        finally:
            ended = True
        watching.result()
