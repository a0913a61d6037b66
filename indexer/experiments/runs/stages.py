"""What all trainings do around their stages: a precision for a while, and an ear for who stops."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from indexer.types import Progress, Report
from models.training.distill import Stopped
from models.training.precision import chosen, set_precision

AskedToStop = Callable[[], bool]


def never() -> bool:
    """Ask nobody to stop."""
    return False


@contextmanager
def computing(asked: str) -> Iterator[str]:
    """Choose a precision, and put Keras's own back behind it, which measuring needs."""
    try:
        yield chosen(asked)
    finally:
        set_precision("fp32")


def stoppable(report: Report, asked_to_stop: AskedToStop) -> Report:
    """Return a report that also ends a stage of which nothing has to be kept."""

    def told(progress: Progress) -> None:
        report(progress)
        if asked_to_stop():
            raise Stopped

    return told


def now() -> str:
    """Return the time, UTC, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")
