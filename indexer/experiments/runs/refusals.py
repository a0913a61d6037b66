"""Says why a run cannot be begun, or gone on with, as asked, and what to do about it."""

from pathlib import Path

from indexer.experiments.runs.begun import Begun, Told
from indexer.experiments.runs.paths import RunPaths
from indexer.generations import require_name
from models.errors import LikenessError


class RunError(LikenessError):
    """A run that cannot be begun, or gone on with, as asked."""


class RunFailed(RunError):
    """A run that met a full disk or another failure; what it had learnt is kept."""


def require_run_name(name: str) -> str:
    """Return a name that a run may have.

    Raises:
        RunError: it may not.
    """
    return require_name(name, of="A run", refusal=RunError)


def require_workable(run: RunPaths, before: Begun | None, *, resume: bool) -> None:
    """Refuse a run that is finished, or that was begun and is not to be gone on with.

    Args:
        run: where it lies.
        before: how it was begun, or None.
        resume: go on with it.

    Raises:
        RunError: it is not what `resume` says.
    """
    if before is None:
        return
    if before.state == "done":
        raise RunError(
            f"The run {run.name!r} is finished; it lies in {run.path}. Choose another name "
            "for a new one: --name NAME"
        )
    if before.of and not resume:
        raise RunError(
            f"The run {run.name!r} was begun already and is not finished. Go on with it: "
            "--resume. Or begin another: --name NAME"
        )


def never_begun(run: RunPaths) -> RunError:
    """Return the refusal to go on with a run that is not there."""
    return RunError(
        f"There is no run {run.name!r} to go on with in {run.path.parent}. Begin it: leave out "
        "--resume, or name another: --name NAME"
    )


def at_work(run: RunPaths) -> RunError:
    """Return the refusal of a run that another process works on."""
    return RunError(
        f"Another process works on the run {run.name!r}. Wait until it has finished, "
        "or choose another --name."
    )


def of_another(name: str, before: Begun, facts: Told) -> RunError:
    """Return the refusal to go on with a run with other things than it was begun with.

    Args:
        name: of the run.
        before: how it was begun.
        facts: what it would be given now.
    """
    differs = before.precision != facts.precision
    precision = f", in {before.precision} instead of {facts.precision}" if differs else ""
    return RunError(
        f"The run {name!r} learns from other pictures, or with other settings. To go on with it, "
        f"repeat the command it was begun with{precision}: {again(before, facts.precision)}"
    )


def again(before: Begun, precision: str) -> str:
    """Return the command that goes on with a run.

    Args:
        before: how it was begun.
        precision: that would be chosen now: "auto" may choose another one on another machine.
    """
    named = "" if before.precision == precision else f" --precision {before.precision}"
    return f"{before.command} --resume{named}"


def damaged(file: Path, why: str) -> RunError:
    """Return the refusal of a run whose record cannot be read."""
    return RunError(f"{file} is damaged: {why}. Choose another name for the run: --name NAME")


def failed(run: RunPaths, error: OSError) -> RunFailed:
    """Say what a disk or another failure has stopped, and how to go on."""
    how = ", with --resume" if run.record.is_file() else ""
    if run.checkpoint.is_file():
        how += ": what was learnt by the last checkpoint is kept"
    return RunFailed(
        f"The run {run.name!r} has stopped: {error}. Make sure that the disk has room at "
        f"{run.path} and can be written, and that the pictures can be read; then give the "
        f"command again{how}."
    )
