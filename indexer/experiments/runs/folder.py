"""Keeps the record of a run in its folder, from its begin to its card."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import TypeVar

from indexer.experiments.runs.begun import Begun, Outcome, Told
from indexer.experiments.runs.facts import as_json
from indexer.experiments.runs.files import CARD, MAX_RECORD_BYTES
from indexer.experiments.runs.paths import RunPaths
from indexer.experiments.runs.refusals import damaged, of_another
from indexer.files import read_regular, write_atomically
from models.errors import LikenessError

T = TypeVar("T", bound=Told)


class RunFolder(RunPaths):
    """The folder of a run, with the record of what it was given and what came of it."""

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
            raise damaged(self.record, repr(error)) from error
        for name, value in told.items():
            if not isinstance(value, str):
                raise damaged(self.record, f"{name} is text, and not {value!r}")
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
            raise of_another(self.name, before, facts)
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
