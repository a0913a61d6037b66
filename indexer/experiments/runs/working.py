"""Locks the folder of a run for who works on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.experiments.runs.files import LOCK
from indexer.experiments.runs.folder import RunFolder
from indexer.experiments.runs.refusals import at_work, failed, never_begun, require_workable
from indexer.files import locked

WAIT_SECONDS = 1.0  # for somebody who only looks whether the lock is held


def unfinished(instance: Path, name: str) -> bool:
    """Say whether a run has been begun and can be gone on with."""
    before = RunFolder(instance, name).begun()
    return before is not None and before.state == "running"


@contextmanager
def working_on(instance: Path, name: str, *, resume: bool) -> Iterator[RunFolder]:
    """Lock the folder of a run, to begin it or to go on with it.

    Args:
        instance: the folder under which all runs lie.
        name: the run's.
        resume: go on with one that is unfinished.

    Raises:
        RunError: another process works on it, or it is not what `resume` says.
        RunFailed: the disk is full, or failed otherwise.
    """
    folder = RunFolder(instance, name)
    if resume and folder.begun() is None:
        raise never_begun(folder)
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        with locked(folder.path / LOCK, at_work(folder), WAIT_SECONDS):
            require_workable(folder, folder.begun(), resume=resume)
            yield folder
    except OSError as error:
        raise failed(folder, error) from error
