"""Keeps trainings on disk: each run in a folder of its own, from its begin to its card."""

import json
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, TypeVar

from indexer.experiments.facts import as_json
from indexer.experiments.runfiles import (
    BEST,
    CARD,
    CHECKPOINT,
    DRAWN,
    ENCODER,
    GIVEN,
    LOCK,
    RECORD,
    STAGE,
    WEIGHTS,
)
from indexer.files import locked, read_regular, write_atomically
from indexer.generations import require_name
from models.errors import LikenessError

State = Literal["running", "done"]
WAIT_SECONDS = 1.0  # for somebody who only looks whether the lock is held
MAX_RECORD_BYTES = 64 * 2**20
"""Of run.json, which names every file that was left out."""


class RunError(LikenessError):
    """A run that cannot be begun, or gone on with, as asked."""


class RunFailed(RunError):
    """A run that met a full disk or another failure; what it had learnt is kept."""


@dataclass(frozen=True)
class Begun:
    """What a run's folder says of how it was begun.

    Attributes:
        state: "running" until it is finished, also while nobody is at work on it.
        of: text that is equal only for trainings that can go on from each other's checkpoints; ""
            of one that was announced and has not looked at its pictures yet.
        begun: UTC, ISO 8601.
        command: what was typed.
        precision: it computes in.
    """

    state: State
    of: str
    begun: str
    command: str
    precision: str


class Told(Protocol):
    """What a run is given: a dataclass with what Begun says, its state apart."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def of(self) -> str: ...

    @property
    def begun(self) -> str: ...

    @property
    def command(self) -> str: ...

    @property
    def precision(self) -> str: ...


T = TypeVar("T", bound=Told)


class Outcome(Protocol):
    """What came of a run: a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass(frozen=True)
class RunFolder:
    """Where a run lies.

    `runs/NAME/` holds run.json, the curve, and weights.npz; while the run is unfinished also
    stage.json, checkpoint.npz and the small pictures that it learns from, and when it is finished
    card.md. A fine-tuning adds encoder.json, which says what encoder its weights are of, and
    given.json, which says what it learns from; while it is unfinished also best.npz and drawn.npz.
    A trainer at work holds `lock`.
    """

    instance: Path
    name: str

    @property
    def path(self) -> Path:
        """Return the folder."""
        return self.instance / "runs" / self.name

    @property
    def record(self) -> Path:
        """Return the file with all that is known of the run."""
        return self.path / RECORD

    @property
    def weights(self) -> Path:
        """Return the file of the student's weights."""
        return self.path / WEIGHTS

    @property
    def encoder(self) -> Path:
        """Return the file that says what encoder the weights are of."""
        return self.path / ENCODER

    @property
    def given(self) -> Path:
        """Return the file that says which pictures and settings a fine-tuning learns from."""
        return self.path / GIVEN

    @property
    def best(self) -> Path:
        """Return the file of a fine-tuning's best weights, its method's layers among them."""
        return self.path / BEST

    @property
    def drawn(self) -> Path:
        """Return the file of the weights that a training from scratch begins with."""
        return self.path / DRAWN

    @property
    def checkpoint(self) -> Path:
        """Return the file that an unfinished training goes on from."""
        return self.path / CHECKPOINT

    @property
    def stage(self) -> Path:
        """Return the file that says how far an unfinished run is."""
        return self.path / STAGE

    @property
    def pictures(self) -> Path:
        """Return the folder of the small pictures."""
        return self.path / "pictures"

    def begun(self) -> Begun | None:
        """Say how the run was begun, None where it was not.

        Raises:
            RunError: its record is damaged.
        """
        try:
            content, _ = read_regular(self.record, MAX_RECORD_BYTES)
            known = json.loads(content)
            told = {part.name: known[part.name] for part in fields(Begun)}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise _damaged(self.record, repr(error)) from error
        for name, value in told.items():
            if not isinstance(value, str):
                raise _damaged(self.record, f"{name} is text, and not {value!r}")
        return Begun(**told)

    @contextmanager
    def announced(self, facts: Told) -> Iterator[None]:
        """Record a run before its pictures are known; where it is then refused, it never was."""
        before = self.begun()
        if before is None or not before.of:
            self._write(replace(facts, begun=before.begun) if before else facts)
        try:
            yield
        except LikenessError:
            known = self.begun()
            if before is None and known and not known.of:
                self.record.unlink()
                self.stage.unlink(missing_ok=True)
            raise

    def begin(self, facts: T) -> T:
        """Record what a run is given, when it is begun and when it goes on.

        Returns:
            the facts, with the time of the first begin.

        Raises:
            RunError: the run was begun with other things.
        """
        before = self.begun()
        if before and before.of and before.of != facts.of:
            raise _of_another(self.name, before, facts)
        first = replace(facts, begun=before.begun) if before else facts
        self._write(first)
        return first

    def _write(self, facts: Told) -> None:
        write_atomically(self.record, as_json("running", facts, None).encode())

    def finish(self, facts: Told, outcome: Outcome, card: str) -> None:
        """Record what came of a run, and remove what only an unfinished one needs."""
        write_atomically(self.path / CARD, card.encode("utf-8", "surrogateescape"))
        write_atomically(self.record, as_json("done", facts, outcome).encode())
        for file in (self.checkpoint, self.best, self.drawn, self.stage):
            file.unlink(missing_ok=True)
        shutil.rmtree(self.pictures, ignore_errors=True)


def _damaged(file: Path, why: str) -> RunError:
    return RunError(f"{file} is damaged: {why}. Choose another name for the run: --name NAME")


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
        raise RunError(
            f"There is no run {name!r} to go on with in {instance / 'runs'}. Begin it: leave out "
            "--resume, or name another: --name NAME"
        )
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            _require(folder, resume)
            yield folder
    except OSError as error:
        again = ", with --resume" if folder.record.is_file() else ""
        if folder.checkpoint.is_file():
            again += ": what was learnt by the last checkpoint is kept"
        raise RunFailed(
            f"The run {name!r} has stopped: {error}. Make sure that the disk has room at "
            f"{folder.path} and can be written, and that the pictures can be read; then give the "
            f"command again{again}."
        ) from error


def require_run_name(name: str) -> str:
    """Return a name that a run may have.

    Raises:
        RunError: it may not.
    """
    return require_name(name, of="A run", refusal=RunError)


def _require(folder: RunFolder, resume: bool) -> None:
    before = folder.begun()
    if before is None:
        return
    if before.state == "done":
        raise RunError(
            f"The run {folder.name!r} is finished; it lies in {folder.path}. Choose another name "
            "for a new one: --name NAME"
        )
    if before.of and not resume:
        raise RunError(
            f"The run {folder.name!r} was begun already and is not finished. Go on with it: "
            "--resume. Or begin another: --name NAME"
        )


def _of_another(name: str, before: Begun, facts: Told) -> RunError:
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


def _locked(folder: RunFolder) -> AbstractContextManager[None]:
    return locked(
        folder.path / LOCK,
        RunError(
            f"Another process works on the run {folder.name!r}. Wait until it has finished, "
            "or choose another --name."
        ),
        WAIT_SECONDS,
    )
