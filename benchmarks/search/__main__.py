"""Recall against queries a second: the exact search, our indexes, and the libraries of others.

    python -m benchmarks.search [--n 32791] [--hard | --features FILE.npy] [--json FILE]
                                [--plot FILE.svg] [--k 10] [--queries 1000] [--batch]
                                [--only NAME …] [--rounds 3] [--seconds 2] [--seed 0]
                                [--folder DIR]

Searched are n generated features (see benchmarks/search/generator.py), or those of a file, from
which the queries are drawn and taken out. The metric is that of the cosine; those who know only
Euclidean distances get vectors of length 1, normalised before the clock starts. Each index is
built, written, opened again, and then searched; its load seconds run from the files (in the page
cache) to the first answer, in a process where libraries are imported and kernels are compiled.

A trial with queries of its own finds each one's settings worth measuring, those that no other
setting beats in both recall and speed, and the one that a wish for a recall of .90, .95 or .99
chooses. Then all take turns, round after round, for some seconds each, over the same queries, one
at a time and with one thread; --batch searches batches of 1,000 with two threads instead.
Builds have as many threads. Recall counts a hit whose true distance is at most that of the true
k-th neighbour. Last, curves are compared at equal recall: log queries a second is interpolated.

The libraries are those of requirements-bench.txt; what is not installed is left out and named.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

BATCH_THREADS = 2
THREAD_LIMITS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table of all ways and settings, and how ours compare."""
    asked = _arguments(arguments)
    threads = BATCH_THREADS if asked.batch else 1
    # These are read once, when NumPy and the others are imported: so they are imported after.
    os.environ.update(dict.fromkeys(THREAD_LIMITS, str(threads)))
    from benchmarks.search.program import run

    run(asked, threads)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search")
    parser.add_argument("--n", type=int, default=32_791, help="vectors that are searched")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--hard", action="store_true", help="generate vectors of more spread")
    source.add_argument("--features", type=Path, metavar="FILE", help="float32 (n, dim) instead")
    parser.add_argument("--json", type=Path, metavar="FILE", help="everything that was measured")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="an SVG of the curves")
    parser.add_argument("--k", type=int, default=10, help="neighbours that are asked for")
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--batch", action="store_true", help="batches of 1,000, two threads")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="curves that are measured")
    parser.add_argument("--rounds", type=int, default=3, help="turns that each setting has")
    parser.add_argument("--seconds", type=float, default=2.0, help="of a turn")
    parser.add_argument("--seed", type=int, default=0, help="draws vectors and queries")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="for vectors and indexes")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
