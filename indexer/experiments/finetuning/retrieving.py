"""Measures what pictures find before and after a fine-tuning, by a report of its own."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from indexer.evaluation.measures import measure_of
from indexer.evaluation.plans import EvaluationPlan, Given
from indexer.evaluation.reporting.model import Cell, Mean, Report, Table
from indexer.evaluation.run import Finish, evaluate
from indexer.evaluation.systems.base import SystemSpec
from indexer.experiments.finetuning.plan import TrainPlan
from indexer.experiments.pictures.labelled import Labelled
from indexer.experiments.runs.changes import Change, Codes, Retrieved
from indexer.indexes.hamming import word_count
from indexer.types import Report as Progressing
from indexer.unneeded import ENCODERS
from models.exported import read_fingerprint
from models.training.machine import served_encoder
from models.types import EncoderSpec

BEFORE, AFTER, VALUES, CODES = "before", "after", "values", "codes"
LONGEST = 64  # letters of a report's name
MAP = measure_of("AP").title


def retrieval(
    plan: TrainPlan,
    pictures: Labelled,
    before: tuple[EncoderSpec, str],
    after: EncoderSpec,
    instance: Path,
    progress: Progressing,
    finish: Finish | None,
) -> Retrieved:
    """Let pictures search among those that were learnt from, before and after.

    Hash codes are ranked by their Hamming distances; beside them stands what the values find
    whose signs they are.

    Args:
        plan: what was wanted.
        pictures: of the training.
        before: the encoder that it is compared with, and what it is in words.
        after: the encoder that it has left.
        instance: the folder under which everything lies.
        progress: told how far that is.
        finish: adds further files to the report, as its page.
    """
    homes = [
        served_encoder(spec, instance / ENCODERS)  # whatever backend Keras trains with
        for spec in (before[0], after)
    ]
    hashed = plan.kind == "hash"
    report, _ = evaluate(
        EvaluationPlan(
            protocol="folders",
            name=report_name(plan.name),
            systems=_systems(before[0], after, hashed=hashed),
            sources=plan.sources,
            given=Given(pictures.pictures(pictures.shown), pictures.pictures(pictures.asked)),
            command=plan.command,
            limits=plan.limits,
        ),
        instance,
        progress,
        finish,
    )
    tables = _Tables(report)
    last = CODES if hashed else AFTER
    exact = tables.changes("systems", "verdicts", last)
    codes = None
    if hashed:
        values = tables.changes("systems", "verdicts", VALUES)
        widths = [read_fingerprint(home).dim for home in homes]
        codes = _codes(exact, values, *widths)
    return Retrieved(
        report=report.name,
        before=before[1],
        answer=report.answer,
        exact=exact,
        lsh=tables.changes("index", "index-verdicts", last),
        verdict=next((each.verdict for each in exact if each.measure == MAP), ""),
        asked=pictures.asked_of,
        codes=codes,
    )


def report_name(run: str) -> str:
    """Return what the report of a run is called; runs of different names have different ones."""
    name = f"training-{run}"
    if len(name) <= LONGEST:
        return name
    digest = sha256(run.encode()).hexdigest()[:8]
    return f"{name[: LONGEST - len(digest) - 1]}-{digest}"


def _systems(before: EncoderSpec, after: EncoderSpec, *, hashed: bool) -> tuple[SystemSpec, ...]:
    first = SystemSpec(encoder=before, label=BEFORE)
    if not hashed:
        return first, SystemSpec(encoder=after, label=AFTER)
    return (
        first,
        SystemSpec(encoder=after, label=VALUES, by_index=False),
        SystemSpec(encoder=after, label=CODES, metric="hamming"),
    )


def _codes(exact: Sequence[Change], values: tuple[Change, ...], width: int, bits: int) -> Codes:
    before, after = _of_main(exact)
    _, of_values = _of_main(values)
    return Codes(
        share=_share(after, before),
        kept=_share(after, of_values),
        bytes_before=4 * width,
        bytes_after=8 * word_count(bits),
        values=values,
    )


def _of_main(changes: Sequence[Change]) -> tuple[float, float]:
    """Return the mAP before and after; 0 of unknown ones."""
    main = next((each for each in changes if each.measure == MAP), None)
    return (main.before[0], main.after[0]) if main else (0.0, 0.0)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


class _Tables:
    """The tables of a report, by their names."""

    def __init__(self, report: Report) -> None:
        self._tables = {
            block.name: block
            for section in report.sections
            for block in section.blocks
            if isinstance(block, Table)
        }

    def changes(self, name: str, verdicts: str, other: str) -> tuple[Change, ...]:
        """Read the measures of two systems from a table, and the words from another.

        Args:
            name: of the table of measures.
            verdicts: of the table of words.
            other: the system that is compared with the one of before.
        """
        one, two = self._row(name, BEFORE), self._row(name, other)
        words = self._row(verdicts, other)
        return tuple(
            Change(measure, _bounds(mean), _bounds(changed), str(words.get(measure) or ""))
            for measure, mean in one.items()
            if isinstance(mean, Mean) and isinstance(changed := two.get(measure), Mean)
        )

    def _row(self, name: str, system: str) -> dict[str, Cell]:
        """Return the cells of a system by the names of their columns; none where there is none."""
        table = self._tables.get(name)
        for row in table.rows if table else ():
            if table and row[0] == system:
                names = (column.name for column in table.columns)
                return dict(zip(names, row, strict=True))
        return {}


def _bounds(mean: Mean) -> tuple[float, float, float]:
    return mean.value, mean.low, mean.high
