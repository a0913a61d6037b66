"""Says what was measured: as tables for people, and as plain data for programs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from benchmarks.indexing import limits
from benchmarks.indexing.growth import Need
from benchmarks.indexing.measuring import COMPILED, PREDICT, Measured, build_of, engine_of
from benchmarks.indexing.rounds import Spread, ratio, speed
from benchmarks.wanted import plain as plainly
from benchmarks.wanted import sentences
from indexer.evaluation.agreement import Agreement, Estimate

MB = 1e6


def speeds(found: Measured) -> str:
    """Return the table of one network."""
    lines = [
        f"{found.network}: {found.images:,} pictures, {len(found.rounds)} rounds; medians, and "
        "lowest to highest",
        f"{'':14}{'pictures a second':>26}{'x predict':>22}{'x tf.function':>22}",
        *(_way(found, name) for name in found.rounds[0]),
        "",
        f"{'':6}{'build / engine':>20}{'recall@10':>16}{'precision@10':>14}{'its shift':>18}"
        "   seconds of a build",
        *(_precision(found, precision) for precision in found.precisions),
        f"(recall@10: of the neighbours in {found.precisions[0]}; ±: one standard error; start: of "
        "the process, its end and what no stage counts; first: the build that prepares the "
        "encoder)",
        "",
        sentences(limits.of_speed(found)),
        "",
    ]
    return "\n".join(lines)


def memory(network: str, needs: Sequence[Need]) -> str:
    """Return how much memory builds of several sizes needed."""
    lines = [f"peak memory of a build, {network}:"]
    for need in needs:
        growth = need.own / needs[0].own - 1
        lines.append(
            f"{need.images:>8,} pictures {need.peak / MB:>8,.0f} MB, of it features "
            f"{need.features / MB:,.0f} MB; less these {growth:+.1%}"
        )
    lines += [wanted.sentence for wanted in limits.of_memory(needs)]
    return "\n".join(lines)


def plain(found: Sequence[Measured], needs: Sequence[Need]) -> dict[str, Any]:
    """Return everything as plain data."""
    return {
        "networks": [asdict(each) | {"summary": _summary(each)} for each in found],
        "memory": [asdict(need) for need in needs],
        "wanted of memory": plainly(limits.of_memory(needs)),
    }


def _summary(found: Measured) -> dict[str, Any]:
    return {
        "pictures a second": {name: asdict(speed(found.rounds, name)) for name in found.rounds[0]},
        "build / engine": _builds_against(found, engine_of),
        "build / tf.function": _builds_against(found, lambda _: COMPILED),
        "build / predict": _builds_against(found, lambda _: PREDICT),
        "wanted": plainly(limits.of_speed(found)),
    }


def _builds_against(found: Measured, than: Callable[[str], str]) -> dict[str, Any]:
    """Return how the build of each precision compares with another way, chosen by precision."""
    return {
        precision: asdict(ratio(found.rounds, build_of(precision), than(precision)))
        for precision in found.precisions
    }


def _way(found: Measured, name: str) -> str:
    cells = [
        _cell(speed(found.rounds, name), 1),
        _cell(ratio(found.rounds, name, PREDICT), 2),
        _cell(ratio(found.rounds, name, COMPILED), 2),
    ]
    return f"{name:14}{cells[0]:>26}{cells[1]:>22}{cells[2]:>22}"


def _precision(found: Measured, precision: str) -> str:
    of_engine = ratio(found.rounds, build_of(precision), engine_of(precision))
    seconds = ", ".join(f"{name} {value:.1f}" for name, value in _stages(found, precision).items())
    return (
        f"{precision:6}{_cell(of_engine, 2):>20}{_agreed(found.agreement[precision])}   "
        f"{seconds}, first {found.first[precision].seconds:.1f}"
    )


def _agreed(found: Agreement) -> str:
    classes = found.precision
    right = f"{classes.found:.3f}" if classes else "no classes"
    shift = _estimate(classes.shift, "+.3f") if classes else ""
    return f"{_estimate(found.recall, '.3f'):>16}{right:>14}{shift:>18}"


def _estimate(found: Estimate, spelling: str) -> str:
    return f"{found.mean:{spelling}} ± {found.error:.3f}"


def _stages(found: Measured, precision: str) -> Mapping[str, float]:
    """Return the median seconds of each stage, and of what lies outside of all."""
    built = found.built[precision]
    names = built[0].stages
    start = float(np.median([each.seconds - sum(each.stages.values()) for each in built]))
    medians = {name: float(np.median([each.stages[name] for each in built])) for name in names}
    return {"start": start} | medians


def _cell(spread: Spread, digits: int) -> str:
    low, high = (f"{value:,.{digits}f}" for value in (spread.lowest, spread.highest))
    return f"{spread.median:,.{digits}f} ({low} to {high})"
