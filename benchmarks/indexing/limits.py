"""What is wanted of a build: how fast it is, and how little it needs for a large gallery."""

from collections.abc import Sequence

from benchmarks.indexing.growth import Need
from benchmarks.indexing.measuring import COMPILED, Measured, build_of, engine_of
from benchmarks.indexing.rounds import ratio
from benchmarks.wanted import Wanted

OF_ENGINE = {"fp32": 0.95, "bf16": 0.90, "int8": 0.90}
"""How fast a whole build is to be, as a part of the bare engine's speed in the same precision."""

OF_COMPILED = {"fp32": 1.1, "bf16": 2.0, "int8": 3.5}
"""How many times as fast it is to be as one compiled tf.function over arrays in memory."""

GROWTH = 10.0  # percent by which memory less the features may grow with the gallery


def of_speed(found: Measured) -> list[Wanted]:
    """Hold the builds of one network against the engine and the compiled function."""
    return [
        Wanted(f"{build_of(precision)} / {than}", _ratio(found, precision, than), limits[precision])
        for precision in found.precisions
        for than, limits in ((engine_of(precision), OF_ENGINE), (COMPILED, OF_COMPILED))
    ]


def of_memory(needs: Sequence[Need]) -> list[Wanted]:
    """Hold the memory of the largest gallery's build against that of the smallest."""
    if len(needs) < 2:
        return []
    ordered = sorted(needs, key=lambda need: need.images)
    least, most = ordered[0], ordered[-1]
    return [
        Wanted(
            f"growth of peak memory from {least.images:,} to {most.images:,} pictures, less the "
            "features",
            100 * (most.own / least.own - 1),
            GROWTH,
            "%",
            digits=1,
            below=True,
        )
    ]


def _ratio(found: Measured, precision: str, than: str) -> float:
    """Return the median over the rounds."""
    return ratio(found.rounds, build_of(precision), than).median
