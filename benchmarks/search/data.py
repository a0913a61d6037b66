"""The vectors that are searched, and the queries that are in none of them."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.search.generator import HARD, TRIALS, USUAL, Generator
from indexer.arrays import open_array
from indexer.distances import block_slices
from indexer.types import Float32

TRIAL_QUERIES = 300


@dataclass(frozen=True)
class Data:
    """What is searched for what.

    Attributes:
        name: where it comes from.
        features: float32 (n, dim), memory-mapped.
        queries: float32 (m, dim), by which all is measured.
        trials: float32 (TRIAL_QUERIES, dim) or fewer, by which settings are chosen.
    """

    name: str
    features: Float32
    queries: Float32
    trials: Float32


def asked_for(asked: argparse.Namespace, folder: Path, *, hard: bool = False) -> Data:
    """Take the vectors that a command line asks for: those of --features, or generated ones."""
    if asked.features:
        return from_file(asked.features, asked.n, asked.queries, asked.seed, folder)
    return generated(asked.n, asked.queries, asked.seed, folder, hard=hard)


def generated(n: int, queries: int, seed: int, folder: Path, *, hard: bool = False) -> Data:
    """Generate vectors into a folder, where they stay as long as they are searched."""
    generator = Generator(HARD if hard else USUAL, seed)
    generator.write(folder / "features.npy", n)
    return Data(
        name=f"{n:,} generated vectors{', hard' if hard else ''}",
        features=open_array(folder / "features.npy", "<f4", (n, None)),
        queries=generator.queries(queries),
        trials=generator.queries(TRIAL_QUERIES, TRIALS),
    )


def from_file(file: Path, n: int, queries: int, seed: int, folder: Path) -> Data:
    """Take vectors from a .npy file of float32: queries, drawn at random, and n others.

    Fewer are searched where the file does not hold as many.

    Raises:
        SystemExit: it holds no more than the queries.
    """
    rows = open_array(file, "<f4", (None, None))
    drawn = np.random.default_rng(seed).permutation(len(rows))
    asked, tried, held = np.split(drawn, [queries, queries + TRIAL_QUERIES])
    if not len(held):
        raise SystemExit(f"{file} holds {len(rows):,} vectors, no more than the queries.")
    kept = np.sort(held[:n])
    copy = np.lib.format.open_memmap(
        folder / "features.npy", "w+", np.float32, (len(kept), rows.shape[1])
    )
    for part in block_slices(len(kept)):
        copy[part] = rows[kept[part]]
    copy.flush()
    return Data(
        name=f"{len(kept):,} vectors of {file.name}",
        features=open_array(folder / "features.npy", "<f4", (len(kept), None)),
        queries=rows[asked],
        trials=rows[tried],
    )
